// Any name and value through the scanner, and any text through the redactor: no crash, and a
// password planted in a URL beside it never survives. The name ends at the first '='.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "secret/scan.h"

namespace {

constexpr std::string_view kPlanted = "Pl4ntedPassw0rd77";

void check_silent(const firebreak::Value& value) {
  CHECK(!value.text.contains(kPlanted));
  for (const firebreak::Target& target : value.targets) {
    CHECK(!target.host.contains(kPlanted));
    CHECK(!target.database.contains(kPlanted));
    CHECK(!target.user.contains(kPlanted));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::size_t equals = bytes.find('=');
  const std::string_view name = bytes.substr(0, equals);
  const std::string_view value =
      equals == std::string_view::npos ? std::string_view() : bytes.substr(equals + 1);
  const firebreak::FingerprintKey key(std::array<std::uint8_t, 32>{1});
  const firebreak::FingerprintKeys keys{key, key};
  (void)firebreak::scan_value(name, value, keys);
  (void)firebreak::scan_label(name, value, keys);
  (void)firebreak::redacted(bytes);
  const std::string url = "postgres://app:" + std::string(kPlanted) + "@db:5432/app";
  check_silent(firebreak::scan_value(name, url, keys));
  check_silent(firebreak::scan_label(name, url, keys));
  const std::vector<firebreak::PlainVariable> variables = {{name, value}, {"DATABASE_URL", url}};
  for (const firebreak::EnvVar& variable : firebreak::scan_environment(variables, keys)) {
    if (variable.name == "DATABASE_URL") check_silent(variable.value);
  }
  return 0;
}
