// Any text as a command line, as one argument of `sh -c` and split at newlines into words: no
// crash, and a password given to PGPASSWORD beside it never survives.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "secret/scan.h"

namespace {

constexpr std::string_view kPlanted = "Pl4ntedPassw0rd77";

void check_silent(const std::vector<firebreak::CommandStep>& steps) {
  for (const firebreak::CommandStep& step : steps) {
    CHECK(!step.program.contains(kPlanted));
    for (const firebreak::Target& target : step.targets) {
      CHECK(!target.host.contains(kPlanted));
      CHECK(!target.database.contains(kPlanted));
      CHECK(!target.user.contains(kPlanted));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const firebreak::FingerprintKey key(std::array<std::uint8_t, 32>{1});
  const firebreak::FingerprintKeys keys{key, key};
  const std::vector<firebreak::PlainVariable> env = {{"PGHOST", "prod-db"}, {"PGDATABASE", "app"}};
  const std::vector<std::string> shell = {"sh", "-c", std::string(bytes)};
  (void)firebreak::scan_command(shell, env, keys);
  std::vector<std::string> words;
  for (const std::string_view word : firebreak::split(bytes, '\n')) words.emplace_back(word);
  (void)firebreak::scan_command(words, env, keys);
  const std::vector<std::string> planted = {
      "sh", "-c", "PGPASSWORD=" + std::string(kPlanted) + " pg_dump app\n" + std::string(bytes)};
  check_silent(firebreak::scan_command(planted, env, keys));
  return 0;
}
