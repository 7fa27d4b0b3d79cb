#include "report/findings_page.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "findings/code.h"

namespace firebreak {
namespace {

constexpr const char* kPage = "docs/findings.md";  // tests run in the source folder

TEST(FindingsPage, HasAPlaceForEveryCode) {
  const std::string page = findings_page();
  for (const CodeInfo& code : all_codes()) {
    EXPECT_NE(page.find("| " + std::string(code.name) + " |"), std::string::npos) << code.name;
    EXPECT_NE(page.find("\n## " + std::string(code.name) + ": "), std::string::npos) << code.name;
  }
}

TEST(FindingsPage, StandsInTheDocumentationAsItIs) {
  if (std::getenv("FIREBREAK_UPDATE_DOCS") != nullptr) std::ofstream(kPage) << findings_page();
  std::ifstream file(kPage);
  const std::string written(std::istreambuf_iterator<char>(file), {});
  EXPECT_EQ(written, findings_page()) << "run scripts/update-docs";
}

}  // namespace
}  // namespace firebreak
