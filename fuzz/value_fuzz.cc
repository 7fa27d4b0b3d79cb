// Any name and value through the scanner, and any text through the redactor: no crash, a password
// in a URL survives under no name and in no surroundings, and redacting twice changes nothing more.
// The name ends at the first '='.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "planted.h"
#include "secret/scan.h"

using namespace firebreak;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (shows_planted(input)) return -1;
  const std::size_t equals = input.find('=');
  const std::string_view name = input.substr(0, equals);
  const std::string value =
      equals == std::string_view::npos ? std::string() : plant(input.substr(equals + 1));
  const FingerprintKey key(std::array<std::uint8_t, 32>{1});
  const FingerprintKeys keys{key, key};

  const Value scanned = scan_value(name, value, keys);
  check_silent(scanned);
  CHECK(!scanned.opaque || scanned.text.empty());
  check_silent(scan_label(name, value, keys));

  const std::string message = redacted(plant(input));
  CHECK(!shows_planted(message));
  CHECK(redacted(message) == message);

  const std::vector<PlainVariable> variables = {{name, value}, {"DATABASE_URL", kPlantedUrl}};
  for (const EnvVar& variable : scan_environment(variables, keys)) check_silent(variable.value);
  return 0;
}
