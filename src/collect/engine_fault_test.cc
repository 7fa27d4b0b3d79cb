// What engines, proxies and networks do wrong: every run ends in a gap, never in an empty list.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "collect/engine.h"
#include "collect/testing.h"
#include "snapshot/json.h"

namespace firebreak {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string bytes_of(CollectedHost collected) {
  Snapshot snapshot;
  snapshot.hosts.push_back(std::move(collected.host));
  snapshot.gaps = std::move(collected.gaps);
  sort_canonically(snapshot);
  return to_json(snapshot);
}

class EveryRequest : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryRequest, ThatFailsLeavesAGap) {
  const Recording recording = load_recording(GetParam());
  for (const Fault::Kind kind : Fault::kAll) {
    int failed = 0;
    for (int nth = 1;; ++nth) {
      ScriptedHttpClient engine = client_of(recording);
      Fault fault(nth, kind);
      FailingHttpClient client(engine, fault);
      const CollectedHost collected = collect_from(client);
      if (!fault.happened()) {
        EXPECT_THAT(gap_texts(collected), IsEmpty());
        break;
      }
      ++failed;
      EXPECT_THAT(collected.gaps, Not(IsEmpty())) << "request " << nth;
      for (const Gap& gap : collected.gaps) {
        EXPECT_EQ(gap.host, "laptop");
        EXPECT_FALSE(gap.what.empty());
        EXPECT_FALSE(gap.why.empty());
        EXPECT_THAT(gap.needed_by, Not(IsEmpty()));
      }
    }
    EXPECT_GT(failed, 10);
  }
}

INSTANTIATE_TEST_SUITE_P(Recordings, EveryRequest,
                         ::testing::Values("docker-20.10", "podman-4.3", "swarm-20.10",
                                           "docker-28.5", "made-docker-29"),
                         [](const auto& each) {
                           std::string name = each.param;
                           std::erase_if(name, [](char c) { return c == '-' || c == '.'; });
                           return name;
                         });

TEST(AnAnswer, NeverGetsIntoTheWordsOfAGap) {
  const Recording recording = load_recording("docker-20.10");
  for (const auto& [path, unused] : recording.items()) {
    ScriptedHttpClient engine = client_of(recording);
    engine.answer(path, R"({"message":"hunter2-secret"})", 500);
    for (const std::string& text : gap_texts(collect_from(engine)))
      EXPECT_THAT(text, Not(HasSubstr("hunter2")));
    engine.answer(path, R"(["hunter2-secret", {"hunter2)");
    for (const std::string& text : gap_texts(collect_from(engine)))
      EXPECT_THAT(text, Not(HasSubstr("hunter2")));
    engine.answer(path, R"("hunter2-secret")");
    for (const std::string& text : gap_texts(collect_from(engine)))
      EXPECT_THAT(text, Not(HasSubstr("hunter2")));
  }
}

TEST(AContainer, ThatVanishesBetweenListAndInspectIsGone) {
  Recording recording = load_recording("docker-20.10");
  recording.erase(path_of_container(recording, "dev-api"));  // 404
  const CollectedHost collected = collect_from(recording);
  EXPECT_THAT(gap_texts(collected), IsEmpty());
  for (const Container& container : collected.host.containers) EXPECT_NE(container.name, "dev-api");
  EXPECT_EQ(collected.host.containers.size(), 10U);
}

TEST(AContainer, ThatCannotBeInspectedIsKnownFromTheList) {
  const Recording recording = load_recording("docker-20.10");
  ScriptedHttpClient engine = client_of(recording);
  engine.answer(path_of_container(recording, "dev-api"), "{}", 403);
  const CollectedHost collected = collect_from(engine);
  EXPECT_THAT(gap_texts(collected),
              ::testing::ElementsAre(HasSubstr("inspect of container dev-api: not allowed")));
  const Container& container = named(collected.host.containers, "dev-api");
  EXPECT_EQ(container.image, "my-api");
  EXPECT_EQ(container.isolation.network_mode, "shared-net");
  ASSERT_EQ(container.endpoints.size(), 1U);
  EXPECT_EQ(container.endpoints[0].network, named(collected.host.networks, "shared-net").id);
  EXPECT_EQ(container.mounts.size(), 1U);
}

TEST(AContainer, ThatStartsAfterTheListIsFoundThroughItsNetwork) {
  Recording recording = load_recording("docker-20.10");
  auto& list = recording["/v1.41/containers/json?all=1"];
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (list[i]["Names"][0] == "/prod-db") list.erase(i);
  }
  const CollectedHost collected = collect_from(recording);
  EXPECT_THAT(gap_texts(collected), IsEmpty());
  EXPECT_EQ(named(collected.host.containers, "prod-db").state, RunState::kRunning);
}

TEST(AnImage, ThatIsGoneIsANoteNotAHole) {
  Recording recording = load_recording("docker-20.10");
  recording.erase(path_ending(recording, "528426/json"));
  const CollectedHost collected = collect_from(recording);
  ASSERT_THAT(collected.gaps, Not(IsEmpty()));
  EXPECT_THAT(collected.gaps[0].needed_by, ::testing::ElementsAre("AUD002"));
}

TEST(AFieldOfTheWrongType, IsNamedInTheGap) {
  const Recording recording = load_recording("docker-20.10");
  const std::string path = path_of_container(recording, "prod-db");
  const auto gap_after = [&](const std::string& pointer, const Recording& value) {
    Recording changed = recording;
    changed[path][Recording::json_pointer(pointer)] = value;
    const auto texts = gap_texts(collect_from(changed));
    return texts.size() == 1 ? texts[0] : "not one gap";
  };
  const std::string start = "inspect of container prod-db: unexpected answer: ";
  EXPECT_EQ(gap_after("/NetworkSettings/Networks", "x"),
            start + "NetworkSettings.Networks is not an object");
  EXPECT_EQ(gap_after("/Mounts", 7), start + "Mounts is not a list");
  EXPECT_EQ(gap_after("/Config/Env/0", {{"a", 1}}), start + "Config.Env[] is not text");
  EXPECT_EQ(gap_after("/HostConfig/Privileged", "yes"),
            start + "HostConfig.Privileged is not true or false");
  EXPECT_EQ(gap_after("/State/Status", nullptr), start + "State.Status is missing");
  EXPECT_EQ(gap_after("/NetworkSettings/Networks/prod-net/IPAddress", "172.18.0"),
            start + "prod-net.IPAddress is not an IP address");
  EXPECT_EQ(gap_after("/Id", nullptr), start + "Id is missing");
}

// Replaces every value of every answer, one at a time, by one of another type. Nothing may crash,
// and what a reader looks at must be missed.
TEST(AFieldOfTheWrongType, NeverCrashesTheReader) {
  Recording recording = load_recording("swarm-20.10");
  // One container is enough.
  auto& list = recording["/v1.41/containers/json?all=1"];
  while (list.size() > 1) list.erase(list.size() - 1);
  const ScriptedHttpClient engine = client_of(recording);
  int noticed = 0;
  int next = 0;
  for (const auto& [path, body] : recording.items()) {
    const Recording flat = body.flatten();
    for (const auto& [pointer, old] : flat.items()) {
      if (++next % 4 != 0) continue;  // the fuzz target sees the others
      Recording changed = body;
      changed[Recording::json_pointer(pointer)] =
          old.is_number() ? Recording::array({1}) : Recording::object({{"?", 1.5}});
      ScriptedHttpClient client = engine;
      client.answer(path, changed.dump());
      if (!collect_from(client).gaps.empty()) ++noticed;
    }
  }
  EXPECT_GT(noticed, 50);
}

TEST(AnAnswer, ThatIsABombOrNoTextIsAGap) {
  const Recording recording = load_recording("made-docker-29");
  const std::vector<std::string> bodies = {
      std::string(200'000, '['), "\"\xff\"", "", std::string(1, '\0'), "[{}]", R"([[[1]]])", "{}"};
  for (const auto& [path, unused] : recording.items()) {
    for (const std::string& body : bodies) {
      ScriptedHttpClient engine = client_of(recording);
      engine.answer(path, body);
      // An inspect of a network has nothing that must be there.
      if (path.find("/networks/") != std::string::npos && body == "{}") continue;
      if (path.find("/images/sha") != std::string::npos && body == "{}") continue;
      EXPECT_THAT(collect_from(engine).gaps, Not(IsEmpty())) << path << " " << body.substr(0, 9);
    }
  }
}

TEST(AHundredMegabytes, AreRead) {
  const Recording recording = load_recording("made-docker-29");
  constexpr std::size_t kImages = 100'000;
  std::string list = "[";
  const std::string tag(1000, 't');
  for (std::size_t i = 0; i < kImages; ++i) {
    if (i > 0) list += ',';
    list += R"({"Id":"sha256:)" + std::to_string(i) + R"(","RepoTags":[")" + tag + "\"]}";
  }
  list += ']';
  ASSERT_GT(list.size(), 100'000'000U);
  ScriptedHttpClient engine = client_of(recording);
  engine.answer(path_ending(recording, "/images/json"), std::move(list));
  const CollectedHost collected = collect_from(engine);
  EXPECT_THAT(gap_texts(collected), IsEmpty());
  EXPECT_EQ(collected.host.images.size(), kImages);
}

TEST(AnId, ThatWouldChangeTheRequestIsNotAskedFor) {
  for (const std::string id : {"../../info", "x y", "x\r\nHost: evil", "x?force=1", ""}) {
    Recording recording = load_recording("docker-20.10");
    recording["/v1.41/containers/json?all=1"][0]["Id"] = id;
    ScriptedHttpClient client = client_of(recording);
    const CollectedHost collected = collect_from(client);
    EXPECT_THAT(collected.gaps, Not(IsEmpty()));
    for (const std::string& path : client.asked())
      EXPECT_EQ(path.find_first_of(" \r\n"), std::string::npos);
  }
}

// Answers all requests but those after the first `alive` with a lost connection.
class DyingClient : public HttpClient {
 public:
  DyingClient(HttpClient& inner, int alive) : inner_(inner), alive_(alive) {}
  Result<HttpResponse> get(std::string_view path) override {
    ++asked_;
    if (asked_ <= alive_) return inner_.get(path);
    return fail(ErrorKind::kUnreachable, "timed out");
  }
  [[nodiscard]] int asked() const { return asked_; }

 private:
  HttpClient& inner_;
  int alive_;
  int asked_ = 0;
};

TEST(AnEngine, ThatStopsAnsweringIsNotAskedForEverythingElse) {
  ScriptedHttpClient engine = client_of(load_recording("docker-20.10"));
  DyingClient client(engine, 4);
  const CollectedHost collected = collect_from(client);
  EXPECT_EQ(client.asked(), 6);  // each could take the whole timeout
  EXPECT_THAT(gap_texts(collected), Contains("the host: it stopped answering: timed out"));
}

TEST(AnEngine, ThatRefusesEveryInspectGetsFewGaps) {
  const Recording recording = load_recording("docker-20.10");
  ScriptedHttpClient engine;
  Recording list = Recording::array();
  for (int i = 0; i < 500; ++i) {
    Recording entry = recording["/v1.41/containers/json?all=1"][0];
    entry["Id"] = "c" + std::to_string(i);
    entry["Names"] = {"/name" + std::to_string(i)};
    list.push_back(entry);
    engine.answer("/v1.41/containers/c" + std::to_string(i) + "/json", "{}", 403);
  }
  engine.answer("/version", recording["/version"].dump());
  engine.answer("/info", recording["/v1.41/info"].dump());
  engine.answer("/containers/json?all=1", list.dump());
  engine.answer("/networks", "[]");
  engine.answer("/volumes", R"({"Volumes":[]})");
  engine.answer("/images/json", "[]");
  const CollectedHost collected = collect_from(engine);
  EXPECT_EQ(collected.gaps.size(), 21U);
  EXPECT_THAT(gap_texts(collected), Contains(HasSubstr("inspect of 480 more containers")));
  EXPECT_EQ(collected.host.containers.size(), 500U);
}

TEST(ALockedSwarm, IsAGap) {
  Recording recording = load_recording("docker-20.10");
  recording["/v1.41/info"]["Swarm"]["LocalNodeState"] = "locked";
  EXPECT_THAT(gap_texts(collect_from(recording)),
              ::testing::ElementsAre("services: the Swarm is locked"));
}

TEST(VolumesThatADriverDidNotTell, AreAGapWithoutItsWords) {
  Recording recording = load_recording("docker-20.10");
  recording["/v1.41/volumes"]["Warnings"] = {"driver nfs://u:hunter2@x failed"};
  EXPECT_THAT(gap_texts(collect_from(recording)),
              ::testing::ElementsAre("volumes: the engine could not list all of them"));
}

void shuffle_lists(Recording& value, std::mt19937& random) {
  if (value.is_object()) {
    for (auto& [name, member] : value.items()) {
      // The order of words, variables and health checks has a meaning.
      if (name != "Args" && name != "Cmd" && name != "Entrypoint" && name != "Test" &&
          name != "Env" && name != "Names")
        shuffle_lists(member, random);
    }
  } else if (value.is_array()) {
    std::shuffle(value.begin(), value.end(), random);
    for (Recording& element : value) shuffle_lists(element, random);
  }
}

TEST(TheOrderOfAnswers, LeavesNoTrace) {
  for (const char* name : {"docker-20.10", "podman-4.3", "swarm-20.10"}) {
    const Recording recording = load_recording(name);
    const std::string bytes = bytes_of(collect_from(recording));
    for (unsigned seed = 1; seed <= 20; ++seed) {
      std::mt19937 random(seed);
      Recording shuffled = recording;
      shuffle_lists(shuffled, random);
      ASSERT_EQ(bytes_of(collect_from(shuffled)), bytes) << name << " seed " << seed;
    }
  }
}

TEST(PlantedSecrets, DoNotReachTheSnapshot) {
  Recording recording = load_recording("docker-20.10");
  const std::string secret = "pl4nt3dSecr3tValue77";
  const std::string url = "postgres://app:" + secret + "@db:5432/app";
  auto& container = recording[path_of_container(recording, "prod-db")];
  container["Config"]["Env"].push_back("DB_PASSWORD=" + secret);
  container["Config"]["Env"].push_back("DATABASE_URL=" + url);
  container["Config"]["Labels"]["backup.password"] = secret;
  container["Config"]["Labels"]["ofelia.job-exec.dump.command"] = "pg_dump " + url;
  container["Config"]["Healthcheck"]["Test"] = {"CMD-SHELL", "psql " + url};
  container["Args"] = {"-c", "PGPASSWORD=" + secret + " pg_dump -h prod-db app"};
  container["HostConfig"]["SecurityOpt"] = {"credentialspec=" + url};
  recording["/v1.41/info"]["Warnings"] = {"proxy http://u:" + secret + "@proxy is used"};
  for (auto& volume : recording["/v1.41/volumes"]["Volumes"]) {
    if (volume["Name"] == "nfsvol")
      volume["Options"] = {{"type", "cifs"},
                           {"device", "//u:" + secret + "@files/share"},
                           {"o", "username=u,password=" + secret + ",addr=10.0.0.5"}};
  }
  for (auto& network : recording["/v1.41/networks"]) network["Options"]["plugin.password"] = secret;
  const CollectedHost collected = collect_from(recording);
  EXPECT_EQ(named(collected.host.volumes, "nfsvol").device.find(secret), std::string::npos);
  const std::string bytes = bytes_of(collected);
  EXPECT_EQ(bytes.find(secret), std::string::npos);
  EXPECT_NE(bytes.find("fingerprint"), std::string::npos);
}

}  // namespace
}  // namespace firebreak
