// Any bytes as a policy: no crash, no stderr, every diagnostic printable and inside the file, and a
// password planted in a URL never shows.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/diagnostic.h"
#include "policy/load.h"

// libfyaml 0.7.12 loses a kilobyte or so while it scans a single-quoted scalar with many '' in it.
// The tests of src/policy still see leaks on ordinary files.
extern "C" const char* __lsan_default_suppressions();  // NOLINT(bugprone-reserved-identifier)
extern "C" const char* __lsan_default_suppressions() { return "leak:libfyaml.so\n"; }  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const firebreak::LoadedPolicy loaded = firebreak::load_policy(bytes, "firebreak.yaml");
  for (const firebreak::Diagnostic& diagnostic : loaded.diagnostics) {
    CHECK(diagnostic.line >= 0);
    CHECK(diagnostic.line == 0 || diagnostic.column >= 1);
    CHECK(diagnostic.length >= 1);
    CHECK(!diagnostic.message.empty());
  }
  const std::string shown = firebreak::render(loaded.diagnostics, loaded.source);
  CHECK(loaded.diagnostics.empty() == shown.empty());
  // The planted word is long, so it does not stand there by chance under another meaning.
  CHECK(!shown.contains("://u:Pl4ntedPassw0rd@"));
  if (loaded.ok()) {
    const firebreak::Side a{.environment = "production", .tier = firebreak::Tier::kProduction};
    const firebreak::Side b{.environment = "staging", .tier = firebreak::Tier::kStaging};
    for (const firebreak::Dimension dimension : firebreak::kDimensions) {
      (void)firebreak::required_level(loaded.policy, a, b, dimension);
    }
  }
  return 0;
}
