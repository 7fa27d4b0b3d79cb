#include "io/scripted.h"

#include <gtest/gtest.h>

namespace firebreak {
namespace {

TEST(ScriptedHttpClient, AnswersWithAndWithoutVersion) {
  ScriptedHttpClient client;
  client.answer("/info", R"({"ID":"a"})");
  client.answer("/v1.40/info", "old");
  EXPECT_EQ(client.get("/v1.41/info")->body, R"({"ID":"a"})");
  EXPECT_EQ(client.get("/info")->body, R"({"ID":"a"})");
  EXPECT_EQ(client.get("/v1.40/info")->body, "old");
  EXPECT_EQ(client.get("/v1.41/volumes")->status, 404);
  EXPECT_EQ(client.asked().back(), "/v1.41/volumes");
}

TEST(FailingHttpClient, FailsExactlyTheNthCall) {
  ScriptedHttpClient inner;
  inner.answer("/info", "12345678");
  for (const auto kind : Fault::kAll) {
    Fault fault(2, kind);
    FailingHttpClient client(inner, fault);
    EXPECT_EQ(client.get("/info")->body, "12345678");
    EXPECT_FALSE(fault.happened());
    const auto struck = client.get("/info");
    EXPECT_FALSE(struck && struck->status == 200 && struck->body == "12345678");
    EXPECT_TRUE(fault.happened());
    EXPECT_EQ(client.get("/info")->body, "12345678");
  }
}

TEST(FailingHttpClient, TruncatesTheBody) {
  ScriptedHttpClient inner;
  inner.answer("/info", "12345678");
  Fault fault(1, Fault::Kind::kHalfBody);
  FailingHttpClient client(inner, fault);
  EXPECT_EQ(client.get("/info")->body, "1234");
}

TEST(Fault, IsCountedAcrossFilesAndProcesses) {
  ScriptedFiles files;
  files.put("a", "text");
  ScriptedProcesses processes;
  processes.answer("docker ps", "out");
  Fault fault(2, Fault::Kind::kDenied);
  FailingFiles failing_files(files, fault);
  FailingProcesses failing_processes(processes, fault);
  EXPECT_TRUE(failing_files.read("a", 100));
  const auto result = failing_processes.run({"docker", "ps"}, std::chrono::seconds(1));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kDenied);
  EXPECT_TRUE(failing_files.read("a", 100));
}

TEST(ScriptedFiles, HasWhatWasPutOnly) {
  ScriptedFiles files;
  EXPECT_FALSE(files.read("a", 10));
  ASSERT_TRUE(files.write("a", "secret", true));
  EXPECT_EQ(*files.read("a", 10), "secret");
  EXPECT_TRUE(files.was_secret("a"));
  EXPECT_EQ(files.read("a", 3).error().kind, ErrorKind::kBadData);
}

}  // namespace
}  // namespace firebreak
