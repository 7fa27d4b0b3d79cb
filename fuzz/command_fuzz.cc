// Any text as a command line, as one argument of `sh -c` and split at newlines into words: no
// crash, and neither a password in a URL nor one given to PGPASSWORD beside it survives.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "planted.h"
#include "secret/scan.h"

using namespace firebreak;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (shows_planted(input)) return -1;
  const std::string text = plant(input);
  const FingerprintKey key(std::array<std::uint8_t, 32>{1});
  const FingerprintKeys keys{key, key};
  const std::vector<PlainVariable> env = {{"PGHOST", "prod-db"}, {"PGDATABASE", "app"}};
  check_silent(scan_command(std::vector<std::string>{"sh", "-c", text}, env, keys));
  std::vector<std::string> words;
  for (const std::string_view word : split(text, '\n')) words.emplace_back(word);
  check_silent(scan_command(words, env, keys));
  check_silent(scan_command(
      std::vector<std::string>{"sh", "-c",
                               "PGPASSWORD=" + std::string(kPlanted) + " pg_dump app\n" + text},
      env, keys));
  return 0;
}
