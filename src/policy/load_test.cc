#include "policy/load.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/diagnostic.h"

namespace firebreak {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

std::string read(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  EXPECT_TRUE(file.good()) << path;
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string complaints(const LoadedPolicy& loaded) {
  return render(loaded.diagnostics, loaded.source);
}

// tests/golden/policy/CASE/{firebreak.yaml,expected.txt}. FIREBREAK_GOLDEN=write rewrites them.
TEST(LoadPolicy, SaysWhatTheGoldenFilesSay) {
  const bool write = std::getenv("FIREBREAK_GOLDEN") != nullptr;
  int cases = 0;
  for (const auto& folder : fs::directory_iterator("tests/golden/policy")) {
    SCOPED_TRACE(folder.path().filename());
    const LoadedPolicy loaded =
        load_policy(read(folder.path() / "firebreak.yaml"), "firebreak.yaml");
    const std::string said = complaints(loaded);
    if (write) std::ofstream(folder.path() / "expected.txt", std::ios::binary) << said;
    EXPECT_EQ(said, read(folder.path() / "expected.txt"));
    ++cases;
  }
  EXPECT_GE(cases, 1);
}

}  // namespace
}  // namespace firebreak
