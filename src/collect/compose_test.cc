#include "collect/compose.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/compose_short.h"
#include "collect/compose_yaml.h"
#include "collect/testing.h"
#include "snapshot/json.h"

namespace firebreak {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr const char* kFile = "/srv/shop/docker-compose.yml";

std::string recorded(const std::string& name) {
  const auto content = real_files()->read("tests/recordings/" + name, std::size_t{1} << 20U);
  if (!content) throw std::runtime_error(content.error().text());
  return *content;
}

class Compose : public ::testing::Test {
 protected:
  void have_v2(std::string config) {
    processes.answer("docker compose version --short", "2.24.5\n");
    processes.answer(
        std::string("docker compose -f ") + kFile + " --profile * config --format json",
        std::move(config));
  }
  void have_v1(std::string config) {
    processes.answer("docker compose version --short",
                     ProcessResult{125, "", "unknown flag: --short\n"});
    processes.answer("docker-compose version --short", "1.29.2\n");
    processes.answer(std::string("docker-compose -f ") + kFile + " config", std::move(config));
  }
  CollectedHost collect(const std::vector<ComposeProject>& projects = {{{kFile}}}) {
    return collect_compose(projects, processes, files, scripted_environment(environment),
                           test_keys());
  }

  ScriptedProcesses processes;
  ScriptedFiles files;
  std::map<std::string, std::string> environment;
};

const Container& service(const CollectedHost& collected, const std::string& id) {
  const auto found =
      std::ranges::find(collected.host.containers, ContainerKey("compose:" + id), &Container::id);
  if (found == collected.host.containers.end()) throw std::runtime_error("no service " + id);
  return *found;
}

std::string label(const Container& container, std::string_view name) {
  const auto found = std::ranges::find(container.labels, name, &Label::name);
  return found == container.labels.end() ? "" : found->value.text;
}

const EnvVar* variable(const Container& container, std::string_view name) {
  const auto found = std::ranges::find(container.env, name, &EnvVar::name);
  return found == container.env.end() ? nullptr : &*found;
}

// What both tools say of the same file.
void expect_shop(const CollectedHost& collected, const std::string& project) {
  EXPECT_THAT(collected.gaps, IsEmpty());
  EXPECT_EQ(collected.host.kind, Host::Kind::kCompose);
  EXPECT_EQ(collected.host.name, "compose");
  EXPECT_EQ(collected.host.endpoint, kFile);

  const Container& api = service(collected, project + "/api");
  EXPECT_EQ(api.state, RunState::kPlanned);
  EXPECT_EQ(label(api, "com.docker.compose.project"), project);
  EXPECT_EQ(label(api, "com.docker.compose.service"), "api");
  EXPECT_EQ(label(api, "env"), "production");
  EXPECT_EQ(label(api, "tier"), "web");
  EXPECT_EQ(variable(api, "FROM_SHELL"), nullptr);
  ASSERT_NE(variable(api, "DATABASE_URL"), nullptr);
  const Value& url = variable(api, "DATABASE_URL")->value;
  ASSERT_EQ(url.targets.size(), 1U);
  EXPECT_EQ(url.targets[0].host, "db");
  EXPECT_EQ(url.secrets.size(), 1U);
  EXPECT_FALSE(variable(api, "DATABASE_URL")->from_image);

  ASSERT_EQ(api.endpoints.size(), 2U);
  const auto back = std::ranges::find(api.endpoints, project + "_back", &Endpoint::network_name);
  ASSERT_NE(back, api.endpoints.end());
  EXPECT_THAT(back->names, Contains("backend"));
  EXPECT_THAT(back->names, Contains("api"));
  EXPECT_EQ(back->network, named(collected.host.networks, project + "_back").id);
  EXPECT_TRUE(named(collected.host.networks, project + "_back").internal);
  EXPECT_TRUE(named(collected.host.networks, "shared-edge").external);
  EXPECT_FALSE(named(collected.host.networks, project + "_back").external);

  EXPECT_THAT(api.ports, ::testing::UnorderedElementsAre(
                             PublishedPort{IpAddress::parse("127.0.0.1"), Port{8080}, Port{80},
                                           Protocol::kTcp},
                             PublishedPort{std::nullopt, Port{9000}, Port{90}, Protocol::kUdp},
                             PublishedPort{std::nullopt, Port{9001}, Port{91}, Protocol::kUdp},
                             PublishedPort{std::nullopt, Port{0}, Port{7000}, Protocol::kTcp}));
  EXPECT_THAT(api.mounts, Contains(Field(&Mount::volume, project + "_pgdata")));
  EXPECT_THAT(api.mounts, Contains(Field(&Mount::source, "/srv/shop/files")));
  EXPECT_THAT(api.mounts, Contains(Field(&Mount::source, "/srv")));
  EXPECT_EQ(api.mounts.size(), 4U);
  EXPECT_EQ(named(collected.host.volumes, project + "_pgdata").device, "nfs 10.0.0.5:/data");
  EXPECT_THAT(api.secrets, ElementsAre(project + "_db_password"));
  EXPECT_THAT(api.extra_hosts,
              ElementsAre(ExtraHost{"db6", "fd00::5"}, ExtraHost{"h", "host-gateway"}));
  EXPECT_THAT(api.isolation.added_capabilities, ElementsAre("NET_ADMIN"));
  EXPECT_THAT(api.isolation.devices, ElementsAre("/dev/null"));

  const Container& db = service(collected, project + "/db");
  EXPECT_EQ(db.name, "the-db");
  EXPECT_EQ(db.image, "postgres:15");
  EXPECT_TRUE(db.isolation.privileged);
  EXPECT_EQ(db.isolation.pid_mode, "host");
  EXPECT_EQ(db.isolation.network_mode, "container:compose:" + project + "/api");
  EXPECT_EQ(db.isolation.ipc_mode, "container:compose:" + project + "/api");
  EXPECT_THAT(db.endpoints, IsEmpty());
  EXPECT_EQ(variable(db, "POSTGRES_PASSWORD")->value.secrets.size(), 1U);
}

TEST_F(Compose, ReadsWhatVersion2Prints) {
  have_v2(recorded("compose-v2.json"));
  const CollectedHost collected = collect();
  expect_shop(collected, "shop");
  EXPECT_EQ(service(collected, "shop/api").name, "shop-api-1");
  EXPECT_EQ(service(collected, "shop/api").image, "shop-api");
  EXPECT_THAT(service(collected, "shop/api").configs, ElementsAre("shop_app_conf"));
  const Container& cache = service(collected, "shop/cache");
  ASSERT_EQ(cache.endpoints.size(), 1U);
  EXPECT_EQ(cache.endpoints[0].network_name, "shop_default");
  EXPECT_EQ(cache.isolation.user, "1000");
}

TEST_F(Compose, ReadsWhatVersion1Prints) {
  have_v1(recorded("compose-v1.yaml"));
  const CollectedHost collected = collect();
  expect_shop(collected, "shop");
  EXPECT_EQ(service(collected, "shop/api").name, "shop_api_1");
  // The file does not name the default network; v1 does not print it.
  const Container& lone = service(collected, "shop/lone");
  ASSERT_EQ(lone.endpoints.size(), 1U);
  EXPECT_EQ(lone.endpoints[0].network_name, "shop_default");
  EXPECT_EQ(named(collected.host.networks, "shop_default").driver, "bridge");
}

TEST_F(Compose, BothToolsGiveTheSameSecretTheSameFingerprint) {
  have_v2(recorded("compose-v2.json"));
  const CollectedHost two = collect();
  have_v1(recorded("compose-v1.yaml"));
  const CollectedHost one = collect();
  const auto secret = [](const CollectedHost& collected) {
    return variable(service(collected, "shop/db"), "POSTGRES_PASSWORD")->value.secrets.at(0);
  };
  EXPECT_EQ(secret(one), secret(two));
}

TEST_F(Compose, Version1ProjectsAreNamedAsTheToolDoes) {
  have_v1("services: {a: {image: b}}\nversion: '3'\n");
  const auto project = [&] {
    const CollectedHost collected = collect();
    return label(collected.host.containers.at(0), "com.docker.compose.project");
  };
  EXPECT_EQ(project(), "shop");
  files.put("/srv/shop/.env", "A=b\n COMPOSE_PROJECT_NAME='My_Shop.X'\n");
  EXPECT_EQ(project(), "my_shopx");
  environment["COMPOSE_PROJECT_NAME"] = "From-Shell";
  EXPECT_EQ(project(), "from-shell");
}

TEST_F(Compose, ARelativeFileBelongsToTheFolderItStandsIn) {
  environment["PWD"] = "/home/me/My App";
  processes.answer("docker-compose version --short", "1.29.2\n");
  for (const auto& [file, name] :
       {std::pair("docker-compose.yml", "myapp"), std::pair("./docker-compose.yml", "myapp"),
        std::pair("./deploy/x.yml", "deploy"), std::pair("deploy/x.yml", "deploy")}) {
    processes.answer(std::string("docker-compose -f ") + file + " config",
                     "services: {a: {image: b}}\nversion: '3'\n");
    const CollectedHost collected = collect({{{file}}});
    EXPECT_EQ(label(collected.host.containers.at(0), "com.docker.compose.project"), name);
  }
}

TEST_F(Compose, ProjectsMeetOnOneExternalNetwork) {
  processes.answer("docker compose version --short", "2.24.5\n");
  const auto project = [&](const std::string& file, const std::string& config) {
    processes.answer("docker compose -f " + file + " --profile * config --format json", config);
  };
  project("a.yml", R"({"name":"a","services":{"api":{"image":"x","networks":{"n":null}}},
      "networks":{"n":{"name":"meet","external":true}}})");
  project("b.yml", R"({"name":"b","services":{"api":{"image":"x","networks":{"n":null}}},
      "networks":{"n":{"name":"meet","driver":"bridge","internal":true}}})");
  const CollectedHost collected = collect({{{"a.yml"}}, {{"b.yml"}}});
  EXPECT_THAT(collected.gaps, IsEmpty());
  ASSERT_EQ(collected.host.networks.size(), 1U);
  EXPECT_FALSE(collected.host.networks[0].external);  // one of them creates it
  EXPECT_TRUE(collected.host.networks[0].internal);
  EXPECT_EQ(service(collected, "a/api").endpoints[0].network,
            service(collected, "b/api").endpoints[0].network);
  EXPECT_EQ(collected.host.endpoint, "a.yml, b.yml");
}

TEST_F(Compose, FilesOfOneProjectAreMergedByTheTool) {
  processes.answer("docker compose version --short", "v2.24.5-desktop.1\n");
  processes.answer("docker compose -f a.yml -f b.yml --profile * config --format json",
                   R"({"name":"a","services":{}})");
  EXPECT_THAT(collect({{{"a.yml", "b.yml"}}}).gaps, IsEmpty());
}

TEST_F(Compose, AMissingToolIsAGapWithARemedy) {
  const CollectedHost collected = collect();
  ASSERT_EQ(collected.gaps.size(), 1U);
  EXPECT_EQ(collected.gaps[0].what, std::string("compose project ") + kFile);
  EXPECT_THAT(collected.gaps[0].why, HasSubstr("install the docker compose plugin"));
  EXPECT_THAT(collected.gaps[0].needed_by, Contains("NET001"));
}

TEST_F(Compose, WhatTheToolRefusesIsAGapInItsWordsWithoutSecrets) {
  have_v1("");
  processes.answer(std::string("docker-compose -f ") + kFile + " config",
                   ProcessResult{1, "",
                                 "The Compose file is invalid because:\n"
                                 "services.a.x postgres://app:hunter2hunter2@db/app\n" +
                                     std::string(5000, 'x')});
  const CollectedHost collected = collect();
  ASSERT_EQ(collected.gaps.size(), 1U);
  EXPECT_THAT(collected.gaps[0].why,
              HasSubstr("docker-compose config: The Compose file is invalid"));
  EXPECT_THAT(collected.gaps[0].why, Not(HasSubstr("hunter2")));
  EXPECT_LT(collected.gaps[0].why.size(), 500U);
}

TEST_F(Compose, ValuesThatAreNotSetHereAreAGapThatDoesNotNameThem) {
  const std::string v1 = "The DB_PASSWORD variable is not set. Defaulting to a blank string.\n";
  const std::string v2 =
      R"(time="2026-11-23T10:00:00Z" level=warning msg="The \"ter2secret\" variable is not set. Defaulting to a blank string.")";
  have_v1("");
  processes.answer(std::string("docker-compose -f ") + kFile + " config",
                   ProcessResult{0, "services: {api: {image: x}}\nversion: '3'\n", v1 + v1 + v2});
  const CollectedHost collected = collect();
  ASSERT_EQ(collected.gaps.size(), 1U);
  EXPECT_EQ(collected.gaps[0].what, std::string("values in compose project ") + kFile);
  EXPECT_THAT(collected.gaps[0].why, HasSubstr("2 variables are not set here"));
  EXPECT_THAT(collected.gaps[0].why, Not(HasSubstr("ter2secret")));
  EXPECT_THAT(collected.gaps[0].needed_by, Contains("CRED001"));
}

TEST_F(Compose, ASecretThatIsHandedThroughFromAShellWithoutItIsAGap) {
  const auto with = [&](const std::string& variable) {
    have_v1("services: {api: {image: x, environment: {" + variable + "}}}\nversion: '3'\n");
    return collect().gaps.size();
  };
  EXPECT_EQ(with("DB_PASSWORD: null"), 1U);
  EXPECT_EQ(with("DB_HOST: null"), 1U);
  EXPECT_EQ(with("LANG: null"), 0U);
  EXPECT_EQ(with("DB_PASSWORD: given"), 0U);
}

TEST_F(Compose, WhatIsNotAProjectIsAGap) {
  for (const char* config :
       {"", "null", "[]", "{}", R"({"services":[]})", R"({"services":{"a":7}})",
        R"({"services":{"a":{"ports":["x"]}}})",
        "{\"services\":{\"a\":", R"({"services":{"a":{"image":"x","volumes":[7]}}})",
        R"({"services":{"a":{"environment":{"A":{"b":1}}}}})"}) {
    have_v2(config);
    EXPECT_THAT(collect().gaps, Not(IsEmpty())) << config;
  }
  // v1's last keys say that nothing was cut off.
  for (const char* config :
       {"services: {a: {image: b}}\n", "", "a: [", "- x", "\xff\xfe", "a: &a [*a]"}) {
    have_v1(config);
    EXPECT_THAT(collect().gaps, Not(IsEmpty())) << config;
  }
}

TEST_F(Compose, ProjectsOfOneNameAreToldApartByFileOrFolderOrNumber) {
  const auto projects_of = [&](const std::vector<std::string>& paths) {
    std::vector<ComposeProject> projects;
    for (const std::string& path : paths) {
      projects.push_back({{path}});
      processes.answer("docker-compose -f " + path + " config",
                       "services: {a: {image: b}}\nversion: '3'\n");
    }
    have_v1("");
    std::vector<std::string> names;
    for (const Container& container : collect(projects).host.containers)
      names.push_back(label(container, "com.docker.compose.project"));
    std::ranges::sort(names);
    return names;
  };
  EXPECT_THAT(projects_of({"/srv/shop/dev.yml", "/srv/shop/compose.prod.yml"}),
              ElementsAre("shop-dev", "shop-prod"));
  EXPECT_THAT(projects_of({"/dev/shop/compose.yml", "/prod/shop/compose.yml"}),
              ElementsAre("shop-dev", "shop-prod"));
  EXPECT_THAT(projects_of({"/a/x/shop/compose.yml", "/b/x/shop/compose.yml"}),
              ElementsAre("shop-1", "shop-2"));
}

TEST_F(Compose, Version2IsAskedAgainForNetworksOfTheNameThatTellsApart) {
  const std::string prod = "/srv/shop/prod.yml";
  const auto answer = [&](const std::string& path, const std::string& options, const char* name) {
    processes.answer(
        "docker compose " + options + "-f " + path + " --profile * config --format json",
        std::string(R"({"name": ")") + name +
            R"(", "services": {"a": {"image": "b", "networks": {"default": null}}}, )" +
            R"("networks": {"default": {"name": ")" + name + "_default\"}}}");
  };
  have_v2("");
  answer(kFile, "", "shop");
  answer(prod, "", "shop");
  answer(kFile, "--project-name shop-docker-compose ", "shop-docker-compose");
  answer(prod, "--project-name shop-prod ", "shop-prod");
  const CollectedHost collected = collect({{{kFile}}, {{prod}}});
  EXPECT_THAT(collected.gaps, IsEmpty());
  EXPECT_EQ(named(collected.host.networks, "shop-prod_default").driver, "bridge");
  EXPECT_EQ(service(collected, "shop-prod/a").endpoints.at(0).network_name, "shop-prod_default");
}

TEST_F(Compose, EveryRunOfTheToolThatFailsLeavesAGapOrIsTriedOtherwise) {
  for (const Fault::Kind kind : Fault::kAll) {
    for (int nth = 1; nth <= 2; ++nth) {
      have_v2(recorded("compose-v2.json"));
      Fault fault(nth, kind);
      FailingProcesses failing(processes, fault);
      const CollectedHost collected =
          collect_compose({{{kFile}}}, failing, files, scripted_environment({}), test_keys());
      EXPECT_TRUE(fault.happened());
      EXPECT_TRUE(!collected.gaps.empty() || collected.host.containers.size() == 3U);
    }
  }
}

TEST(ShellWords, AreSplitAsAShellDoes) {
  EXPECT_THAT(shell_words(R"(sh -c "a 'b' | c" 'd "e"' f\ g "" h"i"j)"),
              ElementsAre("sh", "-c", "a 'b' | c", "d \"e\"", "f g", "", "hij"));
  EXPECT_THAT(shell_words(""), IsEmpty());
  EXPECT_THAT(shell_words("  \n "), IsEmpty());
  EXPECT_THAT(shell_words("'open"), ElementsAre("open"));
}

TEST(ShortPorts, AreRead) {
  const auto read = [](std::string_view text) { return parse_short_ports(text); };
  const auto one = [](std::optional<IpAddress> address, unsigned host, unsigned inside,
                      Protocol protocol = Protocol::kTcp) {
    return std::vector{PublishedPort{address, Port{static_cast<std::uint16_t>(host)},
                                     Port{static_cast<std::uint16_t>(inside)}, protocol}};
  };
  EXPECT_EQ(read("80"), one(std::nullopt, 0, 80));
  EXPECT_EQ(read("8080:80/udp"), one(std::nullopt, 8080, 80, Protocol::kUdp));
  EXPECT_EQ(read("10.0.0.1:8080:80"), one(IpAddress::parse("10.0.0.1"), 8080, 80));
  EXPECT_EQ(read("0.0.0.0:8080:80"), one(std::nullopt, 8080, 80));
  EXPECT_EQ(read("[::1]:8080:80"), one(IpAddress::parse("::1"), 8080, 80));
  EXPECT_EQ(read("127.0.0.1::80"), one(IpAddress::parse("127.0.0.1"), 0, 80));
  EXPECT_EQ(read("8000-8010:80"), one(std::nullopt, 0, 80));
  EXPECT_EQ(read("0-65535:0-65535")->size(), 65536U);
  EXPECT_EQ(read("8001-8002:81-82")->at(1).host_port, Port{8002});
  for (const char* bad : {"", "x", "80:", "80:x", "x:80", "80/icmp", "1:2:3:4", "82-81", "99999"})
    EXPECT_FALSE(read(bad)) << bad;
}

TEST(ProjectNames, AreNormalised) {
  EXPECT_EQ(normalised_project("My Shop.v2_x-Y"), "myshopv2_x-y");
  EXPECT_EQ(normalised_project("..."), "default");
}

TEST(DollarSigns, AreWrittenTwiceByTheTools) {
  EXPECT_EQ(without_escapes("a$$b$$$$c$"), "a$b$$c$");
}

TEST(YamlAsJson, KeepsKindsOfScalars) {
  const auto json = yaml_to_json(
      "a: 1\nb: '1'\nc: true\nd: \"true\"\ne: ~\nf:\ng: 0x1f\nh: 012\ni: -1.50\n"
      "j: [x, {y: z}]\nk: &k {l: m}\nn: *k\n\"o\\n\": \"\\u0001\\\"\"\np: 1e3\nq: yes\n");
  ASSERT_TRUE(json);
  EXPECT_EQ(*json,
            R"({"a":1,"b":"1","c":true,"d":"true","e":null,"f":null,"g":"0x1f","h":"012",)"
            R"("i":-1.50,"j":["x",{"y":"z"}],"k":{"l":"m"},"n":{"l":"m"},"o\u000a":"\u0001\"",)"
            R"("p":"1e3","q":"yes"})");
}

TEST(YamlAsJson, RefusesBombs) {
  std::string laughs = "a: &a [x,x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    laughs += std::string(1, c) + ": &" + c + " [";
    for (int i = 0; i < 10; ++i)
      laughs += std::string(i == 0 ? "*" : ",*") + static_cast<char>(c - 1);
    laughs += "]\n";
  }
  EXPECT_FALSE(yaml_to_json(laughs));
  EXPECT_FALSE(yaml_to_json(std::string(100'000, '[')));
}

}  // namespace
}  // namespace firebreak
