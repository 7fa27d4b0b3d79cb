#include "io/system.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

namespace firebreak {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

class RealFilesTest : public testing::Test {
 protected:
  RealFilesTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "firebreak-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~RealFilesTest() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] std::string path(const std::string& name) const { return folder_ + "/" + name; }
  [[nodiscard]] static mode_t mode_of(const std::string& file) {
    struct stat info{};
    ::stat(file.c_str(), &info);
    return info.st_mode & 07777;
  }

  std::string folder_;
  std::unique_ptr<Files> files_ = real_files();
};

TEST_F(RealFilesTest, ReadsWhatItWrote) {
  const std::string content = std::string("a\0b\n", 4) + std::string(200'000, 'x');
  ASSERT_TRUE(files_->write(path("f"), content, false));
  EXPECT_EQ(*files_->read(path("f"), 1'000'000), content);
}

TEST_F(RealFilesTest, SecretsAreTheOwnersAloneAlsoWhenTheFileWasOpenToAll) {
  const mode_t before = ::umask(022);
  ASSERT_TRUE(files_->write(path("open"), "x", false));
  EXPECT_EQ(mode_of(path("open")), 0644U);
  ASSERT_TRUE(files_->write(path("open"), "x", true));
  EXPECT_EQ(mode_of(path("open")), 0600U);
  ::umask(0277);  // a mode of a key's own, also where new files are less than that
  ASSERT_TRUE(files_->write(path("open"), "x", true));
  EXPECT_EQ(mode_of(path("open")), 0600U);
  ::umask(077);
  ASSERT_TRUE(files_->write(path("masked"), "x", false));
  EXPECT_EQ(mode_of(path("masked")), 0600U);
  ::umask(before);
}

TEST_F(RealFilesTest, AKeyThatOthersMayReadOrWriteIsRefused) {
  ASSERT_TRUE(files_->write(path("k"), "key", true));
  EXPECT_EQ(*files_->read_secret(path("k"), 10), "key");
  for (const mode_t mode : {0640U, 0604U, 0602U, 0610U}) {
    ASSERT_EQ(::chmod(path("k").c_str(), mode), 0);
    const auto refused = files_->read_secret(path("k"), 10);
    ASSERT_FALSE(refused) << mode;
    EXPECT_EQ(refused.error().kind, ErrorKind::kUsage);
    EXPECT_EQ(refused.error().where, path("k"));
    EXPECT_EQ(refused.error().remedy, "chmod 600 " + path("k"));
    EXPECT_EQ(*files_->read(path("k"), 10), "key");  // no key: no matter
  }
  ASSERT_EQ(::mkfifo(path("p").c_str(), 0644),
            0);  // as <(command) makes them: nobody else can open
  std::jthread writer([&] { std::ofstream(path("p")) << "key"; });
  EXPECT_EQ(*files_->read_secret(path("p"), 10), "key");
}

TEST_F(RealFilesTest, AFileThatIsReplacedKeepsItsMode) {
  const mode_t before = ::umask(022);
  for (const mode_t mode : {0600U, 0640U, 0664U}) {
    ASSERT_TRUE(files_->write(path("f"), "old", false));
    ASSERT_EQ(::chmod(path("f").c_str(), mode), 0);
    ASSERT_TRUE(files_->write(path("f"), "new", false));
    EXPECT_EQ(mode_of(path("f")), mode);
  }
  ::umask(before);
}

TEST_F(RealFilesTest, ALinkThatLeadsNowhereIsThere) {
  std::filesystem::create_symlink("nowhere", path("link"));
  EXPECT_TRUE(files_->exists(path("link")));
  EXPECT_FALSE(files_->read(path("link"), 10));
}

TEST_F(RealFilesTest, LimitIsInclusive) {
  ASSERT_TRUE(files_->write(path("f"), "12345", false));
  EXPECT_TRUE(files_->read(path("f"), 5));
  const auto over = files_->read(path("f"), 4);
  ASSERT_FALSE(over);
  EXPECT_EQ(over.error().kind, ErrorKind::kBadData);
  EXPECT_THAT(over.error().text(), HasSubstr(path("f") + ": more than 4 bytes"));
}

TEST_F(RealFilesTest, EndlessDeviceStopsAtTheLimit) {
  EXPECT_EQ(files_->read("/dev/zero", 1000).error().kind, ErrorKind::kBadData);
}

TEST_F(RealFilesTest, MissingFileIsNamed) {
  const auto result = files_->read(path("nope"), 10);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kIo);
  EXPECT_EQ(result.error().text(),
            path("nope") + ": cannot read: no such file or directory (check the path)");
}

TEST_F(RealFilesTest, FolderIsNoFile) {
  EXPECT_THAT(files_->read(folder_, 10).error().text(), HasSubstr("is a directory"));
  EXPECT_THAT(files_->write(folder_, "x", false).error().text(), HasSubstr("is a directory"));
}

TEST_F(RealFilesTest, FailedWriteLeavesTheOldFileAndNoLitter) {
  EXPECT_FALSE(files_->write(path("none/f"), "x", false));
  ASSERT_TRUE(files_->write(path("f"), "old", false));
  ASSERT_TRUE(files_->write(path("f"), "new", false));
  EXPECT_EQ(*files_->read(path("f"), 10), "new");
  EXPECT_EQ(*files_->list(folder_), std::vector<std::string>{"f"});
}

TEST_F(RealFilesTest, LinkStaysALink) {
  ASSERT_TRUE(files_->write(path("f"), "old", false));
  std::filesystem::create_symlink("f", path("link"));
  ASSERT_TRUE(files_->write(path("link"), "new", false));
  EXPECT_TRUE(std::filesystem::is_symlink(path("link")));
  EXPECT_EQ(*files_->read(path("f"), 10), "new");
}

TEST_F(RealFilesTest, DeviceIsWrittenToNotReplaced) {
  ASSERT_TRUE(files_->write("/dev/null", "x", false));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(RealFilesTest, PipeCanBeRead) {
  ASSERT_EQ(::mkfifo(path("p").c_str(), 0600), 0);
  std::jthread writer([&] { std::ofstream(path("p")) << "hello"; });
  EXPECT_EQ(*files_->read(path("p"), 10), "hello");
}

TEST_F(RealFilesTest, ListIsSorted) {
  ASSERT_TRUE(files_->write(path("b"), "", false));
  ASSERT_TRUE(files_->write(path("a"), "", false));
  EXPECT_EQ(*files_->list(folder_), (std::vector<std::string>{"a", "b"}));
  EXPECT_FALSE(files_->list(path("none")));
}

class RealProcessesTest : public testing::Test {
 protected:
  static std::vector<std::string> sh(const std::string& script) { return {"sh", "-c", script}; }
  std::unique_ptr<Processes> processes_ = real_processes();
};

TEST_F(RealProcessesTest, KeepsBothOutputsAndTheExitCode) {
  const auto result = processes_->run(sh("echo out; echo err >&2; exit 3"), 10s);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->exit_code, 3);
  EXPECT_EQ(result->out, "out\n");
  EXPECT_EQ(result->err, "err\n");
}

TEST_F(RealProcessesTest, ArgumentsAreNotInterpreted) {
  const auto result = processes_->run({"printf", "%s|", "$HOME; ls", "*", ""}, 10s);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out, "$HOME; ls|*||");
}

TEST_F(RealProcessesTest, StandardInputIsEmpty) {
  const auto result = processes_->run({"cat"}, 10s);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out, "");
}

TEST_F(RealProcessesTest, BigOutputsOnBothSidesDoNotBlock) {
  const auto result =
      processes_->run(sh("head -c 3000000 /dev/zero; head -c 300000 /dev/zero >&2"), 20s);
  ASSERT_TRUE(result);
  EXPECT_EQ(result->out.size(), 3'000'000U);
  EXPECT_EQ(result->err.size(), 64U << 10U);
}

TEST_F(RealProcessesTest, EndlessOutputIsStopped) {
  const auto result = processes_->run({"cat", "/dev/zero"}, 60s);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kBadData);
}

TEST_F(RealProcessesTest, TimeoutKillsTheWholeGroup) {
  const auto begin = std::chrono::steady_clock::now();
  // Were the grandchild left alive it would hold the pipe and write the file's name later.
  const auto result = processes_->run(sh("sleep 100 & echo $!; sleep 100"), 300ms);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kUnreachable);
  EXPECT_THAT(result.error().text(), HasSubstr("sh: it did not end within 300 ms"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 30s);
}

TEST_F(RealProcessesTest, LeftoverChildDoesNotHoldUsUpAndIsKilled) {
  const auto begin = std::chrono::steady_clock::now();
  const auto result = processes_->run(sh("sleep 100 & echo $!"), 30s);
  ASSERT_TRUE(result);
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 20s);
  const pid_t left = std::stoi(result->out);
  bool gone = false;
  for (int i = 0; i < 200 && !gone; ++i) {
    std::ifstream status("/proc/" + std::to_string(left) + "/stat");
    std::string line;
    std::getline(status, line);
    gone = line.empty() || line.find(") Z") != std::string::npos;
    if (!gone) ::usleep(10'000);
  }
  EXPECT_TRUE(gone);
}

TEST_F(RealProcessesTest, MissingProgramIsUnsupported) {
  const auto result = processes_->run({"no-such-program-here"}, 10s);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kUnsupported);
  EXPECT_THAT(result.error().text(), HasSubstr("no-such-program-here: no such program"));
}

TEST_F(RealProcessesTest, SignalBecomesAnExitCode) {
  EXPECT_EQ(processes_->run(sh("kill -9 $$"), 10s)->exit_code, 137);
}

TEST(RealEnvironment, KnowsPathAndNotTheUnset) {
  const GetEnv env = real_environment();
  EXPECT_TRUE(env("PATH"));
  EXPECT_FALSE(env("FIREBREAK_SURELY_NOT_SET"));
}

TEST(RealRandomness, DiffersEveryTime) {
  const Randomness random = real_randomness();
  EXPECT_NE(random(), random());
}

TEST(RealClock, IsAfterThisWasWritten) {
  EXPECT_GT(real_clock()->now(), *parse_timestamp("2025-01-01T00:00:00Z"));
}

}  // namespace
}  // namespace firebreak
