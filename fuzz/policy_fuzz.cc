// Any bytes as a policy: no crash, no stderr, every diagnostic printable and inside the file, and a
// password planted in a URL never shows.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/diagnostic.h"
#include "planted.h"
#include "policy/load.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (firebreak::shows_planted(input)) return -1;
  const firebreak::LoadedPolicy loaded =
      firebreak::load_policy(firebreak::plant(input), "firebreak.yaml");
  for (const firebreak::Diagnostic& diagnostic : loaded.diagnostics) {
    CHECK(diagnostic.line >= 0);
    CHECK(diagnostic.line == 0 || diagnostic.column >= 1);
    CHECK(diagnostic.length >= 1);
    CHECK(!diagnostic.message.empty());
  }
  const std::string shown = firebreak::render(loaded.diagnostics, loaded.source);
  CHECK(loaded.diagnostics.empty() == shown.empty());
  CHECK(!firebreak::shows_planted(shown));
  CHECK(!firebreak::shows_planted(loaded.source));
  if (loaded.ok()) {
    const firebreak::Side a{.environment = "production", .tier = firebreak::Tier::kProduction};
    const firebreak::Side b{.environment = "staging", .tier = firebreak::Tier::kStaging};
    for (const firebreak::Dimension dimension : firebreak::kDimensions) {
      (void)firebreak::required_level(loaded.policy, a, b, dimension);
    }
  }
  return 0;
}
