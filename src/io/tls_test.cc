// TLS against real handshakes, with certificates that are wrong in every usual way.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "io/testing_tls.h"
#include "io/transport.h"

namespace firebreak {
namespace {

using testing::HasSubstr;
using namespace testing_io;

class TlsClient : public testing::TestWithParam<int> {
 protected:
  TlsClient() {
    write_certificate(authority_, folder_ / "ca.pem");
    write_certificate(other_authority_, folder_ / "other-ca.pem");
    write_certificate(client_, folder_ / "cert.pem");
    write_key(client_, folder_ / "key.pem");
  }

  [[nodiscard]] TlsFiles mutual() const {
    return {folder_ / "ca.pem", folder_ / "cert.pem", folder_ / "key.pem", true, {}};
  }
  [[nodiscard]] TlsFiles authority_only() const { return {folder_ / "ca.pem", {}, {}, true, {}}; }

  [[nodiscard]] Identity server_for(const std::string& names) const {
    return make_identity({"engine", names}, &authority_);
  }
  // A server of the TLS version that is tested.
  [[nodiscard]] TlsServerPlan plan(const Identity& identity, bool mutual) const {
    return {&identity, mutual ? &authority_ : nullptr, GetParam()};
  }

  static Result<HttpResponse> ask(const Server& server, const TlsFiles& files,
                                  const std::string& host = "127.0.0.1") {
    return tls_client(host, server.port(), files, kLimits)->get("/info");
  }
  static void expect_failure(const Result<HttpResponse>& result, ErrorKind kind,
                             const std::string& words) {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, kind) << result.error().text();
    EXPECT_THAT(result.error().text(), HasSubstr(words));
  }

  TemporaryFolder folder_;
  Identity authority_ = make_identity({"Engine Authority", {}, true});
  Identity other_authority_ = make_identity({"Other Authority", {}, true});
  Identity client_ = make_identity({"client", {}}, &authority_);
};

INSTANTIATE_TEST_SUITE_P(Versions, TlsClient, testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& parameter) {
                           return parameter.param == TLS1_2_VERSION ? "Tls12" : "Tls13";
                         });

TEST_P(TlsClient, MutualTlsAnswersAndIsKept) {
  const Identity identity = server_for("IP:127.0.0.1");
  const Server server(tls_answering(plan(identity, true), ok("x")));
  const auto client = tls_client("127.0.0.1", server.port(), mutual(), kLimits);
  for (int i = 0; i < 5; ++i) {
    const auto result = client->get("/info");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->body, "x");
  }
  EXPECT_LE(server.connections(), 2);  // tickets that came late may cost one connection
}

TEST_P(TlsClient, HostNamesAreAskedForAndAddressesAreNot) {
  const Identity identity = server_for("DNS:localhost,IP:127.0.0.1");
  std::string asked;
  {
    const Server server(tls_answering(plan(identity, false), ok("x"), &asked));
    ASSERT_TRUE(ask(server, authority_only(), "localhost"));
  }
  EXPECT_EQ(asked, "localhost");
  {
    const Server server(tls_answering(plan(identity, false), ok("x"), &asked));
    ASSERT_TRUE(ask(server, authority_only()));
  }
  EXPECT_EQ(asked, "");
}

TEST_P(TlsClient, ServerNameReplacesTheHost) {
  const Identity identity = server_for("DNS:engine.example.com");
  const Server server(tls_answering(plan(identity, false), ok("x")));
  TlsFiles files = authority_only();
  files.server_name = "engine.example.com";
  EXPECT_TRUE(ask(server, files));
}

TEST_P(TlsClient, WrongNameIsDeniedAndTheRightOnesAreShown) {
  const Identity identity = server_for("DNS:engine.example.com,IP:10.9.8.7,IP:::1");
  const Server server(tls_answering(plan(identity, false), ok("x")));
  expect_failure(ask(server, authority_only(), "localhost"), ErrorKind::kDenied,
                 "the server's certificate is not for localhost: it names engine.example.com, "
                 "10.9.8.7, ::1");
  expect_failure(ask(server, authority_only()), ErrorKind::kDenied,
                 "the server's certificate is not for 127.0.0.1");
}

TEST_P(TlsClient, CommonNameAloneDoesNotCount) {
  const Identity identity = make_identity({"localhost", {}}, &authority_);
  const Server server(tls_answering(plan(identity, false), ok("x")));
  expect_failure(ask(server, authority_only(), "localhost"), ErrorKind::kDenied,
                 "it names no name at all");
}

TEST_P(TlsClient, UnknownAuthority) {
  const Identity identity = server_for("IP:127.0.0.1");
  const Server server(tls_answering(plan(identity, false), ok("x")));
  TlsFiles files = authority_only();
  files.ca = folder_ / "other-ca.pem";
  expect_failure(ask(server, files), ErrorKind::kDenied,
                 "the server's certificate is signed by an unknown authority (is ca.pem the");
}

TEST_P(TlsClient, SelfSignedIsUnknownToTheSystem) {
  const Identity identity = make_identity({"engine", "IP:127.0.0.1"});
  const Server server(tls_answering(plan(identity, false), ok("x")));
  expect_failure(ask(server, {}), ErrorKind::kDenied, "signed by an unknown authority");
}

TEST_P(TlsClient, SelfSignedThatIsItsOwnAuthorityIsTrusted) {
  const Identity identity = make_identity({"engine", "IP:127.0.0.1"});
  const Server server(tls_answering(plan(identity, false), ok("x")));
  TlsFiles files;
  files.ca = folder_ / "self.pem";
  write_certificate(identity, files.ca);
  const auto result = ask(server, files);
  EXPECT_TRUE(result) << result.error().text();
}

TEST_P(TlsClient, Expired) {
  const Identity identity = make_identity({"engine", "IP:127.0.0.1", false, -20, -5}, &authority_);
  const Server server(tls_answering(plan(identity, false), ok("x")));
  expect_failure(ask(server, authority_only()), ErrorKind::kDenied,
                 "the server's certificate has expired: it was valid until 20");
}

TEST_P(TlsClient, NotYetValid) {
  const Identity identity = make_identity({"engine", "IP:127.0.0.1", false, 5, 20}, &authority_);
  const Server server(tls_answering(plan(identity, false), ok("x")));
  expect_failure(ask(server, authority_only()), ErrorKind::kDenied,
                 "the server's certificate is not valid yet");
}

TEST_P(TlsClient, WithoutVerificationAnythingGoes) {
  const Identity identity = make_identity({"x", {}, false, -20, -5}, &other_authority_);
  const Server server(tls_answering(plan(identity, true), ok("x")));
  TlsFiles files = mutual();
  files.verify = false;
  const auto result = ask(server, files);
  EXPECT_TRUE(result) << result.error().text();
}

TEST_P(TlsClient, MissingClientCertificate) {
  const Identity identity = server_for("IP:127.0.0.1");
  const Server server(tls_answering(plan(identity, true), ok("x")));
  for (int i = 0; i < 20; ++i) {  // the reset races with the alert
    expect_failure(ask(server, authority_only()), ErrorKind::kDenied,
                   "the server wants a client certificate (put cert.pem and key.pem beside");
  }
}

TEST_P(TlsClient, ClientCertificateOfAnotherAuthority) {
  const Identity identity = server_for("IP:127.0.0.1");
  const Identity stranger = make_identity({"client", {}}, &other_authority_);
  write_certificate(stranger, folder_ / "cert.pem");
  write_key(stranger, folder_ / "key.pem");
  const Server server(tls_answering(plan(identity, true), ok("x")));
  for (int i = 0; i < 20; ++i) {
    const auto result = ask(server, mutual());
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().kind, ErrorKind::kDenied) << result.error().text();
    EXPECT_THAT(result.error().text(),
                HasSubstr("the server refused our client certificate: unknown authority"));
  }
}

TEST_P(TlsClient, EndWithoutGoodbyeMayNotEndABody) {
  const Identity identity = server_for("IP:127.0.0.1");
  const std::string endless = "HTTP/1.1 200 OK\r\n\r\n[1,2]";
  {
    const Server server(tls_answering(plan(identity, false), endless));
    const auto result = ask(server, authority_only());
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->body, "[1,2]");
  }
  const Server server(tls_answering(plan(identity, false), endless, nullptr, false));
  expect_failure(ask(server, authority_only()), ErrorKind::kBadData,
                 "its answer was cut short after 5 bytes");
}

TEST_P(TlsClient, FilesThatAreMissingOrBrokenAreNamed) {
  const Identity identity = server_for("IP:127.0.0.1");
  const Server server(tls_answering(plan(identity, true), ok("x")));
  const auto with = [&](auto change) {
    TlsFiles files = mutual();
    change(files);
    return ask(server, files);
  };
  std::ofstream(folder_ / "junk.pem") << "junk";
  write_key(client_, folder_ / "locked.pem", "geheim");
  write_key(authority_, folder_ / "foreign.pem");
  expect_failure(with([&](TlsFiles& f) { f.ca = folder_ / "none.pem"; }), ErrorKind::kIo,
                 folder_ / "none.pem" + ": cannot read: no such file");
  expect_failure(with([&](TlsFiles& f) { f.cert = folder_ / "none.pem"; }), ErrorKind::kIo,
                 folder_ / "none.pem");
  expect_failure(with([&](TlsFiles& f) { f.key = folder_ / "none.pem"; }), ErrorKind::kIo,
                 folder_ / "none.pem");
  expect_failure(with([&](TlsFiles& f) { f.ca = folder_ / "junk.pem"; }), ErrorKind::kBadData,
                 folder_ / "junk.pem" + ": no certificate in PEM form");
  expect_failure(with([&](TlsFiles& f) { f.cert = folder_ / "junk.pem"; }), ErrorKind::kBadData,
                 folder_ / "junk.pem");
  expect_failure(with([&](TlsFiles& f) { f.key = folder_ / "junk.pem"; }), ErrorKind::kBadData,
                 folder_ / "junk.pem");
  expect_failure(with([&](TlsFiles& f) { f.key = folder_ / "locked.pem"; }), ErrorKind::kBadData,
                 "without a passphrase");
  expect_failure(with([&](TlsFiles& f) { f.key = folder_ / "foreign.pem"; }), ErrorKind::kBadData,
                 "the key does not belong to the certificate");
  expect_failure(with([&](TlsFiles& f) { f.key = ""; }), ErrorKind::kUsage, "needs its key");
}

class TlsMistake : public TlsClient {};
INSTANTIATE_TEST_SUITE_P(Once, TlsMistake, testing::Values(TLS1_3_VERSION));

TEST_P(TlsMistake, PlainHttpPort) {
  // As Go's server says it to a TLS greeting.
  const Server server([](Conversation& client) {
    char greeting[100];
    (void)::recv(client.fd(), greeting, sizeof greeting, 0);
    client.send("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n400 Bad Request");
    client.end_sending();
    client.wait_until_left();
  });
  expect_failure(ask(server, authority_only()), ErrorKind::kBadData,
                 "this port does not speak TLS (use the TLS port");
}

TEST_P(TlsMistake, PortThatClosesOrResets) {
  {
    const Server server([](Conversation& client) {
      char greeting[1000];
      (void)::recv(client.fd(), greeting, sizeof greeting, 0);
      client.end_sending();
      client.wait_until_left();
    });
    expect_failure(ask(server, authority_only()), ErrorKind::kUnreachable,
                   "the connection was closed during the TLS handshake");
  }
  const Server server([](Conversation& client) { client.reset(); });
  expect_failure(ask(server, authority_only()), ErrorKind::kUnreachable, "127.0.0.1");
}

TEST_P(TlsMistake, PortThatSaysNothing) {
  const Server server([](Conversation& client) { client.wait_until_left(); });
  const auto begin = std::chrono::steady_clock::now();
  const auto result =
      tls_client("127.0.0.1", server.port(), authority_only(), {1s, 1000})->get("/info");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 10s);
  expect_failure(result, ErrorKind::kUnreachable, "no TLS handshake in time");
}

TEST_P(TlsMistake, PlainClientOnATlsPort) {
  const Identity identity = server_for("IP:127.0.0.1");
  const Server server(tls_answering(plan(identity, false), ok("x")));
  const auto result = tcp_client("127.0.0.1", server.port(), kLimits)->get("/info");
  ASSERT_FALSE(result);
  // OpenSSL's servers send an alert or just close; which one is theirs to choose.
  EXPECT_THAT(result.error().text(),
              testing::AnyOf(HasSubstr("this port speaks TLS"), HasSubstr("closed the connection"),
                             HasSubstr("the connection was lost")));
}

TEST_P(TlsMistake, SlowAnswerKeepsTheDeadline) {
  const Identity identity = server_for("IP:127.0.0.1");
  const Server server(
      tls_answering(plan(identity, false), "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nx"));
  const auto result =
      tls_client("127.0.0.1", server.port(), authority_only(), {1s, 1000})->get("/info");
  expect_failure(result, ErrorKind::kUnreachable, "after 1 of 100 bytes within 1 second");
}

TEST_P(TlsMistake, ManyClientsInParallelThreads) {
  std::vector<std::thread> threads;
  threads.reserve(6);
  std::atomic<int> good = 0;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const Identity identity = server_for("IP:127.0.0.1");
      const Server server(tls_answering(plan(identity, true), ok("x")));
      const auto client = tls_client("127.0.0.1", server.port(), mutual(), kLimits);
      for (int n = 0; n < 10; ++n) {
        if (client->get("/info")) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 60);
}

}  // namespace
}  // namespace firebreak
