#include <filesystem>
#include <fstream>
#include <iterator>

#include "rules/testing.h"

namespace firebreak {

std::string sample_text(std::string_view name) {
  std::ifstream file(std::filesystem::path("tests/golden/rules") / name, std::ios::binary);
  CHECK(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace firebreak
