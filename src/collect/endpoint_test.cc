#include "collect/endpoint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "collect/engine_url.h"
#include "io/scripted.h"

namespace firebreak {
namespace {

using testing::HasSubstr;
using testing::Not;

// What sha256sum says of "prod" and "staging".
const std::string kProd = "6754af9632a2745e85c293e5aac0863370d9bd3330b9938c00cadfd215227d77";
const std::string kStaging = "e919a75364398a449f860aeadddc57fa0502145a4e63959ddb33c417a48dc0da";

class EndpointTest : public testing::Test {
 protected:
  EndpointTest() { env_["HOME"] = "/home/u"; }

  Result<EngineEndpoint> resolve(const std::string& location = {}, const std::string& tls = {},
                                 const std::string& name = {}) {
    return resolve_endpoint(name, location, tls, files_, scripted_environment(env_));
  }
  std::string url(const std::string& location = {}) {
    const auto endpoint = resolve(location);
    return endpoint ? endpoint->url : "error: " + endpoint.error().text();
  }
  Error error(const std::string& location = {}, const std::string& tls = {}) {
    const auto endpoint = resolve(location, tls);
    EXPECT_FALSE(endpoint) << endpoint->url;
    return endpoint ? Error{} : endpoint.error();
  }
  void add_context(const std::string& hash, const std::string& meta) {
    files_.put("/home/u/.docker/contexts/meta/" + hash + "/meta.json", meta);
  }
  void add_prod() {
    add_context(
        kProd,
        R"({"Name":"prod","Metadata":{},"Endpoints":{"docker":{"Host":"tcp://10.0.0.1:2376",)"
        R"("SkipTLSVerify":false}}})");
    for (const auto* file : {"ca.pem", "cert.pem", "key.pem"}) {
      files_.put("/home/u/.docker/contexts/tls/" + kProd + "/docker/" + file, "PEM");
    }
  }

  ScriptedFiles files_;
  std::map<std::string, std::string> env_;
};

TEST_F(EndpointTest, NothingSaidIsTheDefaultSocket) {
  const auto endpoint = resolve();
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->url, "unix:///var/run/docker.sock");
  EXPECT_EQ(endpoint->name, "local");
  EXPECT_FALSE(endpoint->tls);
}

TEST_F(EndpointTest, NothingSaidWithoutAHomeIsTheDefaultSocketToo) {
  env_.clear();
  EXPECT_EQ(url(), "unix:///var/run/docker.sock");
}

TEST_F(EndpointTest, UrlsAreCompletedAsDockerDoes) {
  EXPECT_EQ(url("unix:///run/user/1000/docker.sock"), "unix:///run/user/1000/docker.sock");
  EXPECT_EQ(url("unix://"), "unix:///var/run/docker.sock");
  EXPECT_EQ(url("unix://~/d.sock"), "unix:///home/u/d.sock");
  EXPECT_EQ(url("/run/podman/podman.sock"), "unix:///run/podman/podman.sock");
  EXPECT_EQ(url("tcp://prod"), "tcp://prod:2375");
  EXPECT_EQ(url("tcp://prod:1234"), "tcp://prod:1234");
  EXPECT_EQ(url("tcp://"), "tcp://localhost:2375");
  EXPECT_EQ(url("tcp://:1234"), "tcp://localhost:1234");
  EXPECT_EQ(url("prod:1234"), "tcp://prod:1234");
  EXPECT_EQ(url("prod"), "tcp://prod:2375");
  EXPECT_EQ(url("tcp://[::1]:1234"), "tcp://[::1]:1234");
  EXPECT_EQ(url("tcp://[::1]"), "tcp://[::1]:2375");
  EXPECT_EQ(url("tcp://[fe80::1%25eth0]:1"), "tcp://[fe80::1%eth0]:1");
  EXPECT_EQ(url("tcp://prod:1234/"), "tcp://prod:1234");
  EXPECT_EQ(url("tcp://prod:1234/engine/"), "tcp://prod:1234/engine");
  EXPECT_EQ(url("  tcp://prod:1234\n"), "tcp://prod:1234");
  EXPECT_EQ(url("ssh://edge"), "ssh://edge");
  EXPECT_EQ(url("ssh://ops@edge:2222"), "ssh://ops@edge:2222");
  EXPECT_EQ(url("ssh://edge/"), "ssh://edge");
  EXPECT_EQ(url("ssh://ops@edge/run/podman/podman.sock"), "ssh://ops@edge/run/podman/podman.sock");
  EXPECT_EQ(url("ssh://dom%5Cops@edge"), "ssh://dom\\ops@edge");
}

TEST_F(EndpointTest, BadUrlsAreUsageErrors) {
  for (const auto* bad :
       {"tcp://prod:0",    "tcp://prod:65536", "tcp://prod:http",  "tcp://prod:1:2",
        "tcp://::1:2375",  "tcp://[::1",       "tcp://[::1]x",     "tcp://a b",
        "tcp://a\r\nX: y", "tcp://prod?x=1",   "tcp://prod#x",     "tcp://-prod",
        "tcp://prod/a b",  "ssh://",           "ssh://@edge",      "ssh://edge:x",
        "ssh://edge?x",    "ssh://ed%67e",     "ssh://%zz@edge",   "unix://unix://x",
        "fd://",           "ftp://x",          "http://prod:2375", "://x",
        "tcp://tcp://x"}) {
    const auto endpoint = resolve(bad);
    ASSERT_FALSE(endpoint) << bad << " -> " << endpoint->url;
    EXPECT_EQ(endpoint.error().kind, ErrorKind::kUsage) << bad;
  }
  EXPECT_EQ(error("npipe:////./pipe/docker_engine").kind, ErrorKind::kUnsupported);
  EXPECT_THAT(error("tpc://x").text(), HasSubstr("did you mean tcp://?"));
  EXPECT_THAT(error("https://x").text(), HasSubstr("write tcp:// instead"));
}

TEST_F(EndpointTest, WordsThatSshWouldTakeForOptionsAreRefused) {
  EXPECT_THAT(error("ssh://-oProxyCommand=id").text(), HasSubstr("no proper host name"));
  EXPECT_THAT(error("ssh://ops@-oProxyCommand=id").text(), HasSubstr("no proper host name"));
  EXPECT_THAT(error("ssh://-oProxyCommand=id@edge").text(), HasSubstr("no proper user name"));
  EXPECT_THAT(error("ssh://%2DoProxyCommand=id@edge").text(), HasSubstr("no proper user name"));
}

TEST_F(EndpointTest, PasswordsAreRefusedAndNotRepeated) {
  for (const auto* bad : {"tcp://u:geheim@prod:2376", "tcp://geheim@prod", "ssh://u:geheim@edge",
                          "tcp://u:gehe/geheim@prod:2376", "ssh://u:geheim/x@edge",
                          "https://u:geheim@x", "geheim://u:p@h", "u:geheim@prod"}) {
    for (const bool by_environment : {false, true}) {
      env_["DOCKER_HOST"] = bad;
      const Error refused = error(by_environment ? "" : bad);
      if (!std::string_view(bad).starts_with("geheim")) {
        EXPECT_THAT(refused.text(), Not(HasSubstr("geheim"))) << bad;
      }
      EXPECT_EQ(refused.kind, ErrorKind::kUsage);
    }
  }
  EXPECT_THAT(error("ssh://u:geheim@edge").text(), HasSubstr("the URL holds a password"));
}

TEST_F(EndpointTest, DockerHostWinsOverContexts) {
  add_prod();
  files_.put("/home/u/.docker/config.json", R"({"currentContext":"prod"})");
  env_["DOCKER_CONTEXT"] = "prod";
  env_["DOCKER_HOST"] = "tcp://other:2375";
  EXPECT_EQ(url(), "tcp://other:2375");
  env_["DOCKER_HOST"] = "";  // set, but empty, is not set
  EXPECT_EQ(url(), "tcp://10.0.0.1:2376");
}

TEST_F(EndpointTest, ContextVariableWinsOverTheConfiguredOne) {
  add_prod();
  add_context(kStaging, R"({"Name":"staging","Endpoints":{"docker":{"Host":"ssh://ops@stage"}}})");
  files_.put("/home/u/.docker/config.json", R"({"auths":{},"currentContext":"prod"})");
  EXPECT_EQ(url(), "tcp://10.0.0.1:2376");
  env_["DOCKER_CONTEXT"] = "staging";
  EXPECT_EQ(url(), "ssh://ops@stage");
  env_["DOCKER_CONTEXT"] = "default";
  EXPECT_EQ(url(), "unix:///var/run/docker.sock");
  EXPECT_EQ(url("context:prod"), "tcp://10.0.0.1:2376");
  EXPECT_EQ(url("context:default"), "unix:///var/run/docker.sock");
  env_["DOCKER_HOST"] = "tcp://other";
  EXPECT_EQ(url("context:default"), "tcp://other:2375");
  EXPECT_EQ(url("context:staging"), "ssh://ops@stage");
}

TEST_F(EndpointTest, ContextBringsItsCertificates) {
  add_prod();
  const auto endpoint = resolve("context:prod");
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->name, "prod");
  EXPECT_TRUE(endpoint->tls);
  EXPECT_TRUE(endpoint->tls_files.verify);
  const std::string folder = "/home/u/.docker/contexts/tls/" + kProd + "/docker/";
  EXPECT_EQ(endpoint->tls_files.ca, folder + "ca.pem");
  EXPECT_EQ(endpoint->tls_files.cert, folder + "cert.pem");
  EXPECT_EQ(endpoint->tls_files.key, folder + "key.pem");
}

TEST_F(EndpointTest, ContextMaySkipVerification) {
  add_context(kProd,
              R"({"Name":"prod","Endpoints":{"docker":{"Host":"tcp://p","SkipTLSVerify":true}}})");
  const auto endpoint = resolve("context:prod");
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->url, "tcp://p:2376");
  EXPECT_TRUE(endpoint->tls);
  EXPECT_FALSE(endpoint->tls_files.verify);
  EXPECT_EQ(endpoint->tls_files.ca, "");
}

TEST_F(EndpointTest, ContextWithoutCertificatesIsPlain) {
  add_context(kProd, R"({"Name":"prod","Endpoints":{"docker":{"Host":"tcp://p:2375"}}})");
  EXPECT_FALSE(resolve("context:prod")->tls);
}

TEST_F(EndpointTest, VariablesOfTlsAreNotForOtherContexts) {
  add_context(kProd, R"({"Name":"prod","Endpoints":{"docker":{"Host":"tcp://p:2375"}}})");
  env_["DOCKER_TLS_VERIFY"] = "1";
  EXPECT_FALSE(resolve("context:prod")->tls);
}

TEST_F(EndpointTest, DockerConfigMovesTheStore) {
  env_["DOCKER_CONFIG"] = "/etc/dc";
  files_.put("/etc/dc/config.json", R"({"currentContext":"prod"})");
  files_.put("/etc/dc/contexts/meta/" + kProd + "/meta.json",
             R"({"Name":"prod","Endpoints":{"docker":{"Host":"unix:///p.sock"}}})");
  EXPECT_EQ(url(), "unix:///p.sock");
}

TEST_F(EndpointTest, UnknownContextGetsASuggestion) {
  add_prod();
  const Error unknown = error("context:prd");
  EXPECT_EQ(unknown.kind, ErrorKind::kUsage);
  EXPECT_EQ(unknown.text(), "context: no such Docker context: prd (did you mean prod?)");
  EXPECT_THAT(error("context:somewhere-else").text(), HasSubstr("docker context ls"));
  EXPECT_EQ(
      error("context:tcp://u:hunter2xyz@h").text(),
      "context: no such Docker context: tcp://u:***@h (docker context ls shows those that there "
      "are)");
  EXPECT_EQ(error("context:../../x").kind, ErrorKind::kUsage);
  EXPECT_EQ(error("context:").kind, ErrorKind::kUsage);
  files_.put("/home/u/.docker/config.json", R"({"currentContext":"gone"})");
  EXPECT_EQ(error().kind, ErrorKind::kUsage);
}

TEST_F(EndpointTest, BrokenFilesAreNamed) {
  const std::string meta = "/home/u/.docker/contexts/meta/" + kProd + "/meta.json";
  for (const auto* broken :
       {"", "{", "[]", "null", R"({"Name":"prod"})", R"({"Endpoints":{"docker":{"Host":7}}})",
        R"({"Endpoints":{"docker":{"SkipTLSVerify":"no"}}})",
        R"({"Endpoints":{"kubernetes":{"Host":"x"}}})"}) {
    files_.put(meta, broken);
    const Error bad = error("context:prod");
    EXPECT_EQ(bad.kind, ErrorKind::kBadData) << broken;
    EXPECT_THAT(bad.text(), HasSubstr(meta)) << broken;
  }
  files_.put("/home/u/.docker/config.json", "{\"currentContext\":");
  EXPECT_EQ(error().kind, ErrorKind::kBadData);
  EXPECT_THAT(error().text(), HasSubstr("/home/u/.docker/config.json"));
  // What is given explicitly needs no configuration.
  EXPECT_EQ(url("tcp://x"), "tcp://x:2375");
}

TEST_F(EndpointTest, UnreadableFilesAreErrors) {
  files_.break_path("/home/u/.docker/config.json",
                    {ErrorKind::kDenied, "permission denied", "/home/u/.docker/config.json", {}});
  EXPECT_EQ(error().kind, ErrorKind::kDenied);
}

TEST_F(EndpointTest, TlsVariablesSecureDockerHost) {
  env_["DOCKER_HOST"] = "tcp://prod:2376";
  env_["DOCKER_TLS_VERIFY"] = "0";  // docker looks only whether it is empty
  env_["DOCKER_CERT_PATH"] = "~/certs";
  files_.put("/home/u/certs/ca.pem", "PEM");
  files_.put("/home/u/certs/cert.pem", "PEM");
  files_.put("/home/u/certs/key.pem", "PEM");
  auto endpoint = resolve();
  ASSERT_TRUE(endpoint) << endpoint.error().text();
  EXPECT_TRUE(endpoint->tls);
  EXPECT_TRUE(endpoint->tls_files.verify);
  EXPECT_EQ(endpoint->tls_files.ca, "/home/u/certs/ca.pem");
  EXPECT_EQ(endpoint->tls_files.cert, "/home/u/certs/cert.pem");
  EXPECT_EQ(endpoint->tls_files.key, "/home/u/certs/key.pem");
  EXPECT_EQ(endpoint->name, "prod");

  env_["DOCKER_TLS_VERIFY"] = "";
  EXPECT_FALSE(resolve()->tls);
  env_["DOCKER_TLS"] = "1";
  endpoint = resolve();
  EXPECT_TRUE(endpoint->tls);
  EXPECT_FALSE(endpoint->tls_files.verify);
}

TEST_F(EndpointTest, TlsVariablesAloneMeanTheTlsPortOfThisMachine) {
  env_["DOCKER_TLS_VERIFY"] = "1";
  files_.put("/home/u/.docker/ca.pem", "PEM");
  const auto endpoint = resolve();
  ASSERT_TRUE(endpoint);
  EXPECT_EQ(endpoint->url, "tcp://localhost:2376");
  EXPECT_EQ(endpoint->tls_files.ca, "/home/u/.docker/ca.pem");
  EXPECT_EQ(endpoint->tls_files.cert, "");
}

TEST_F(EndpointTest, SocketsNeedNoTls) {
  env_["DOCKER_TLS_VERIFY"] = "1";
  EXPECT_FALSE(resolve("unix:///x.sock")->tls);
  EXPECT_FALSE(resolve("ssh://edge")->tls);
}

TEST_F(EndpointTest, FolderOfThePolicySecuresItsHost) {
  files_.put("/home/u/.docker/prod-1/ca.pem", "PEM");
  files_.put("/home/u/.docker/prod-1/cert.pem", "PEM");
  files_.put("/home/u/.docker/prod-1/key.pem", "PEM");
  const auto endpoint = resolve("tcp://prod-1", "~/.docker/prod-1", "p1");
  ASSERT_TRUE(endpoint) << endpoint.error().text();
  EXPECT_EQ(endpoint->name, "p1");
  EXPECT_EQ(endpoint->url, "tcp://prod-1:2376");
  EXPECT_TRUE(endpoint->tls);
  EXPECT_TRUE(endpoint->tls_files.verify);
  EXPECT_EQ(endpoint->tls_files.cert, "/home/u/.docker/prod-1/cert.pem");

  EXPECT_THAT(error("tcp://prod-1", "~/nowhere").text(),
              HasSubstr("/home/u/nowhere: no ca.pem in this folder"));
  EXPECT_THAT(error("unix:///x.sock", "~/.docker/prod-1").text(),
              HasSubstr("certificates are for tcp:// only"));
  EXPECT_EQ(error("context:prod", "~/.docker/prod-1").kind, ErrorKind::kUsage);
}

TEST_F(EndpointTest, ConnectOpensNothingYet) {
  for (const auto* location :
       {"unix:///nowhere.sock", "tcp://127.0.0.1:1/x", "ssh://ops@edge:22/run/p d.sock"}) {
    const auto endpoint = resolve(location);
    ASSERT_TRUE(endpoint) << endpoint.error().text();
    EXPECT_TRUE(connect(*endpoint, {})) << location;
  }
  EXPECT_FALSE(connect({"x", "gopher://x", false, {}}, {}));
}

TEST_F(EndpointTest, ConnectedClientsNameThePlace) {
  const auto client = connect(*resolve("unix:///nowhere/d.sock"), {});
  ASSERT_TRUE(client);
  const auto answer = (*client)->get("/_ping");
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::kUnreachable);
  EXPECT_THAT(answer.error().text(),
              HasSubstr("unix:///nowhere/d.sock: no such socket (is Docker running?"));
}

TEST(EngineUrl, TextIsReadBackAsTheSame) {
  for (const auto* text : {"unix:///a b", "tcp://[::1]:1/x/y", "ssh://a%40b@h:22/p", "ssh://h",
                           "ssh://h/a%3Fb%23%25%40", "ssh://o@h/p%40q", "tcp://h_1+x:9"}) {
    const auto url = parse_engine_url(text, "2375", "test");
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(url->text(), text);
  }
}

}  // namespace
}  // namespace firebreak
