// What an engine, a proxy or a liar can do to a request, over real sockets.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/testing.h"
#include "io/transport.h"

namespace firebreak {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace testing_io;

constexpr HttpLimits kShort{1s, 1U << 20U};

// Answers every request of every connection with `answer`, as it is.
Server::Script always(std::string answer) {
  return [answer = std::move(answer)](Conversation& client) {
    while (!client.request().empty()) client.send(answer);
  };
}

// Answers the first request and closes.
Server::Script once(std::string answer) {
  return [answer = std::move(answer)](Conversation& client) {
    (void)client.request();
    client.send(answer);
  };
}

Result<HttpResponse> ask(const Server& server, HttpLimits limits = kLimits) {
  return tcp_client("127.0.0.1", server.port(), limits)->get("/info");
}

// The request must fail with this kind and words; and within the limit's time and a little.
void expect_failure(Server::Script script, ErrorKind kind, const std::string& words,
                    HttpLimits limits = kLimits) {
  const Server server(std::move(script));
  const auto begin = std::chrono::steady_clock::now();
  const auto result = ask(server, limits);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, limits.timeout + 10s);
  ASSERT_FALSE(result) << result->status << " " << result->body.substr(0, 100);
  EXPECT_EQ(result.error().kind, kind) << result.error().text();
  EXPECT_THAT(result.error().text(), HasSubstr(words));
  EXPECT_THAT(result.error().text(), StartsWith("tcp://127.0.0.1:" + server.port()));
}

TEST(Http, AsksAndAnswers) {
  std::string seen;
  const Server server([&](Conversation& client) {
    seen = client.request();
    client.send(ok(R"({"ID":"x"})"));
  });
  const auto result = ask(server);
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->status, 200);
  EXPECT_EQ(result->api_version, "1.41");
  EXPECT_EQ(result->body, R"({"ID":"x"})");
  EXPECT_THAT(seen, StartsWith("GET /info HTTP/1.1\r\nHost: 127.0.0.1:" + server.port() + "\r\n"));
}

TEST(Http, AnyStatusIsAnAnswer) {
  const Server server(
      always("HTTP/1.1 404 Not Found\r\nContent-Length: 17\r\n\r\n{\"message\":\"no\"}\n"));
  const auto result = ask(server);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->status, 404);
  EXPECT_EQ(result->body, "{\"message\":\"no\"}\n");
}

TEST(Http, NoContentHasNoBody) {
  const Server server(always("HTTP/1.1 204 No Content\r\n\r\n"));
  EXPECT_EQ(ask(server)->status, 204);
}

TEST(Http, ChunksAreJoined) {
  const Server server(
      always("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
             "3\r\nabc\r\n1;ext=1\r\nd\r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n"));
  const auto client = tcp_client("127.0.0.1", server.port(), kLimits);
  for (int i = 0; i < 3; ++i) {
    const auto result = client->get("/info");
    ASSERT_TRUE(result) << result.error().text();
    EXPECT_EQ(result->body, "abcd0123456789");
  }
  EXPECT_EQ(server.connections(), 1);
}

TEST(Http, EveryCutOfTheStreamIntoPacketsGivesTheSame) {
  const std::string answer =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
  for (std::size_t cut = 1; cut < answer.size(); ++cut) {
    const Server server([&](Conversation& client) {
      (void)client.request();
      client.send(std::string_view(answer).substr(0, cut));
      std::this_thread::sleep_for(1ms);
      client.send(std::string_view(answer).substr(cut));
      client.wait_until_left();
    });
    const auto result = ask(server);
    ASSERT_TRUE(result) << cut << ": " << result.error().text();
    EXPECT_EQ(result->body, "hello world");
  }
}

TEST(Http, ConnectionIsKept) {
  const Server server(always(ok("x")));
  const auto client = tcp_client("127.0.0.1", server.port(), kLimits);
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(client->get("/info"));
  EXPECT_EQ(server.connections(), 1);
}

TEST(Http, ConnectionCloseIsObeyed) {
  const Server server([](Conversation& client) {
    (void)client.request();
    client.send("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
    client.wait_until_left();
  });
  const auto client = tcp_client("127.0.0.1", server.port(), kLimits);
  ASSERT_TRUE(client->get("/a"));
  ASSERT_TRUE(client->get("/b"));
  EXPECT_EQ(server.connections(), 2);
}

TEST(Http, ClosedKeptConnectionIsOpenedAnew) {
  const Server server(once(ok("x")));
  const auto client = tcp_client("127.0.0.1", server.port(), kLimits);
  for (int i = 0; i < 5; ++i) {
    const auto result = client->get("/info");
    ASSERT_TRUE(result) << result.error().text();
  }
  EXPECT_EQ(server.connections(), 5);
}

// The server closes without an answer, but only after it has taken the second request.
TEST(Http, RequestLostOnAKeptConnectionIsAskedOnceMore) {
  const Server server([](Conversation& client) {
    (void)client.request();
    client.send(ok("x"));
    (void)client.request();
  });
  const auto client = tcp_client("127.0.0.1", server.port(), kLimits);
  ASSERT_TRUE(client->get("/a"));
  ASSERT_TRUE(client->get("/b"));
  EXPECT_EQ(server.connections(), 2);
}

TEST(Http, RequestLostOnAFreshConnectionIsNotRepeated) {
  const Server server([](Conversation& client) { (void)client.request(); });
  const auto result = ask(server);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kUnreachable);
  EXPECT_THAT(result.error().text(), HasSubstr("it closed the connection without an answer"));
  EXPECT_EQ(server.connections(), 1);
}

// Some proxies say "408 Request Timeout" on an idle connection. It is no answer to what comes next.
TEST(Http, WhatArrivesUnaskedIsNotTakenForTheNextAnswer) {
  std::atomic<bool> sent = false;
  const Server server([&](Conversation& client) {
    (void)client.request();
    client.send(ok("first"));
    if (!sent) {
      std::this_thread::sleep_for(50ms);
      client.send("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n");
      sent = true;
    }
    client.wait_until_left();
  });
  const auto client = tcp_client("127.0.0.1", server.port(), kLimits);
  ASSERT_TRUE(client->get("/a"));
  while (!sent) std::this_thread::sleep_for(5ms);
  std::this_thread::sleep_for(20ms);
  const auto second = client->get("/b");
  ASSERT_TRUE(second) << second.error().text();
  EXPECT_EQ(second->status, 200);
}

TEST(Http, InterimAnswersAreSkipped) {
  const Server server(always("HTTP/1.1 102 Processing\r\n\r\n" + ok("x")));
  const auto result = ask(server);
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->body, "x");
}

TEST(Http, EndlessInterimAnswersAreNot) {
  expect_failure(
      [](Conversation& client) {
        (void)client.request();
        while (client.send("HTTP/1.1 102 Processing\r\n\r\n")) {
        }
      },
      ErrorKind::kBadData, "interim answers without end");
}

TEST(Http, BodyWithoutLengthEndsWithTheConnection) {
  const Server server(once("HTTP/1.1 200 OK\r\n\r\nall of it"));
  const auto result = ask(server);
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->body, "all of it");
}

TEST(Http, ClosedWithoutAnAnswer) {
  expect_failure([](Conversation&) {}, ErrorKind::kUnreachable, "");
}

TEST(Http, ResetWithoutAnAnswer) {
  expect_failure(
      [](Conversation& client) {
        (void)client.request();
        client.reset();
      },
      ErrorKind::kUnreachable, "the connection was lost: connection reset by peer");
}

TEST(Http, NoAnswerAtAll) {
  expect_failure([](Conversation& client) { client.wait_until_left(); }, ErrorKind::kUnreachable,
                 "it did not answer within 1 second", kShort);
}

TEST(Http, SlowHeaders) {
  expect_failure(
      [](Conversation& client) {
        (void)client.request();
        client.drip(ok("x"), 20ms);
      },
      ErrorKind::kUnreachable,
      "its answer did not come to an end within its headers within 1 second", kShort);
}

TEST(Http, DrippingBody) {
  expect_failure(
      [](Conversation& client) {
        (void)client.request();
        client.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n");
        client.drip(std::string(1000, 'x'), 20ms);
      },
      ErrorKind::kUnreachable, "of 1000 bytes within 1 second", kShort);
}

TEST(Http, DrippingChunks) {
  expect_failure(
      [](Conversation& client) {
        (void)client.request();
        client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        while (client.send("1\r\nx\r\n")) std::this_thread::sleep_for(20ms);
      },
      ErrorKind::kUnreachable, "bytes within 1 second", kShort);
}

TEST(Http, HalfClosedInTheHeaders) {
  expect_failure(
      [](Conversation& client) {
        (void)client.request();
        client.send("HTTP/1.1 200 OK\r\nContent-");
        client.end_sending();
        client.wait_until_left();
      },
      ErrorKind::kBadData, "its answer was cut short within its headers");
}

TEST(Http, HalfClosedInTheBody) {
  expect_failure(
      [](Conversation& client) {
        (void)client.request();
        client.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
        client.end_sending();
        client.wait_until_left();
      },
      ErrorKind::kBadData, "its answer was cut short after 10 of 100 bytes");
}

TEST(Http, ResetInTheBody) {
  expect_failure(
      [](Conversation& client) {
        (void)client.request();
        client.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n0123456789");
        std::this_thread::sleep_for(50ms);
        client.reset();
      },
      ErrorKind::kBadData,
      "its answer was cut short after 10 of 100 bytes: the connection was lost: connection reset");
}

// Wherever a chunked answer is cut, it is an error.
TEST(Http, CutAnywhereInAChunkedAnswer) {
  const std::string whole =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2]\r\n3\r\n\r\n\n\r\n0\r\n\r\n";
  for (std::size_t cut = 1; cut < whole.size(); ++cut) {
    expect_failure(once(whole.substr(0, cut)), ErrorKind::kBadData, "cut short");
  }
}

TEST(Http, ContentLengthTooSmall) {
  expect_failure(always("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[1,2,3]"), ErrorKind::kBadData,
                 "it sent more bytes than it announced");
}

TEST(Http, ContentLengthThatIsNoNumber) {
  expect_failure(always("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n"), ErrorKind::kBadData,
                 "does not answer with HTTP");
}

TEST(Http, ContentLengthContradictsItself) {
  expect_failure(always("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n[1]"),
                 ErrorKind::kBadData, "does not answer with HTTP");
}

TEST(Http, EnormousContentLengthIsRefusedBeforeItsBody) {
  expect_failure(
      [](Conversation& client) {
        (void)client.request();
        client.send("HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551615\r\n\r\n");
        client.wait_until_left();
      },
      ErrorKind::kBadData, "its answer has more than 1048576 bytes");
}

TEST(Http, BodyOfExactlyTheLimitPasses) {
  const Server server(always(ok(std::string(1U << 20U, 'x'))));
  EXPECT_TRUE(ask(server));
}

TEST(Http, HundredMegabytesInChunksStopAtTheLimit) {
  std::atomic<std::size_t> sent = 0;
  expect_failure(
      [&](Conversation& client) {
        (void)client.request();
        client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        const std::string chunk = "10000\r\n" + std::string(65536, 'x') + "\r\n";
        while (sent < 100'000'000 && client.send(chunk)) sent += chunk.size();
      },
      ErrorKind::kBadData, "its answer has more than 1048576 bytes");
  EXPECT_LT(sent, 50'000'000U);
}

TEST(Http, HundredMegabytesArriveWhenAllowed) {
  std::string body;
  body.resize(100'000'000, 'x');
  const Server server(always(ok(body)));
  const auto result = ask(server, {60s, 512U << 20U});
  ASSERT_TRUE(result) << result.error().text();
  EXPECT_EQ(result->body, body);
}

TEST(Http, BodyWithoutLengthStopsAtTheLimitToo) {
  expect_failure(
      [](Conversation& client) {
        (void)client.request();
        client.send("HTTP/1.1 200 OK\r\n\r\n");
        while (client.send(std::string(65536, 'x'))) {
        }
      },
      ErrorKind::kBadData, "its answer has more than 1048576 bytes");
}

TEST(Http, GiganticHeader) {
  expect_failure(once("HTTP/1.1 200 OK\r\nX: " + std::string(1'000'000, 'x') + "\r\n\r\n"),
                 ErrorKind::kBadData, "more than 65536 bytes of headers");
}

TEST(Http, EndlessHeaders) {
  expect_failure(
      [](Conversation& client) {
        (void)client.request();
        client.send("HTTP/1.1 200 OK\r\n");
        while (client.send("X: y\r\n")) {
        }
      },
      ErrorKind::kBadData, "more than 65536 bytes of headers");
}

TEST(Http, EndlessChunkHeader) {
  expect_failure(
      [](Conversation& client) {
        (void)client.request();
        client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;");
        while (client.send(std::string(1000, 'x'))) {
        }
      },
      ErrorKind::kBadData, "its answer is ");
}

TEST(Http, EndlessTrailer) {
  expect_failure(
      [](Conversation& client) {
        (void)client.request();
        client.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n");
        while (client.send("X: y\r\n")) {
        }
      },
      ErrorKind::kBadData, "its answer is ");
}

TEST(Http, Garbage) {
  expect_failure(once("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"), ErrorKind::kBadData,
                 "it does not answer with HTTP");
  expect_failure(once(std::string("\0\1\2\3\4\5\6\7garbage\n\n\n", 18)), ErrorKind::kBadData,
                 "it does not answer with HTTP");
  expect_failure(once("HTTP/1.1 2000 OK\r\n\r\n"), ErrorKind::kBadData,
                 "it does not answer with HTTP");
  expect_failure(once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"),
                 ErrorKind::kBadData, "its answer is broken");
}

TEST(Http, ServerThatSpeaksTls) {
  expect_failure(once(std::string("\x15\x03\x01\x00\x02\x02\x46", 7)), ErrorKind::kBadData,
                 "this port speaks TLS, and plain HTTP was sent");
  expect_failure(once("HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS "
                      "server.\n"),
                 ErrorKind::kBadData, "this port speaks TLS, and plain HTTP was sent");
}

TEST(Http, SwitchingProtocolsUnasked) {
  expect_failure(once("HTTP/1.1 101 UPGRADED\r\nUpgrade: tcp\r\n\r\n"), ErrorKind::kBadData,
                 "switched to another protocol");
}

TEST(Http, PathThatWouldSmuggleIsRefused) {
  const Server server(always(ok("x")));
  const auto client = tcp_client("127.0.0.1", server.port(), kLimits);
  for (const auto* path : {"", "info", "/a b", "/a\r\nX: y", "/a\tb"}) {
    const auto result = client->get(path);
    ASSERT_FALSE(result) << path;
    EXPECT_EQ(result.error().kind, ErrorKind::kBadData);
  }
  EXPECT_EQ(server.connections(), 0);
}

TEST(Http, ClientsInParallelThreadsDoNotDisturbEachOther) {
  std::vector<std::thread> threads;
  threads.reserve(8);
  std::atomic<int> good = 0;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&good, i] {
      const std::string body = fmt::format("body {}", i);
      const Server server(always(ok(body)));
      const auto client = tcp_client("localhost", server.port(), kLimits);
      for (int n = 0; n < 20; ++n) {
        const auto result = client->get("/info");
        if (result && result->body == body) ++good;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(good, 160);
}

TEST(Http, AfterAFailureTheNextRequestStartsAfresh) {
  std::atomic<int> turn = 0;
  const Server server([&](Conversation& client) {
    (void)client.request();
    client.send(turn++ == 0 ? "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx" : ok("good"));
  });
  const auto client = tcp_client("127.0.0.1", server.port(), kLimits);
  EXPECT_FALSE(client->get("/a"));
  EXPECT_EQ(client->get("/a")->body, "good");
}

}  // namespace
}  // namespace firebreak
