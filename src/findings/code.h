// The table of finding codes: the one place that says what a code means. `explain`, SARIF rules and
// docs/findings.md are printed from it.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "policy/policy.h"

namespace firebreak {

enum class Severity : std::uint8_t { kInfo, kLow, kMedium, kHigh, kCritical };  // ascending
[[nodiscard]] std::string_view name_of(Severity severity);
[[nodiscard]] std::optional<Severity> parse_severity(std::string_view name);
// One step down; kInfo stays.
[[nodiscard]] Severity lowered(Severity severity);

enum class Code : std::uint8_t {
  kHost001,
  kHost002,
  kHost003,
  kHost004,
  kHost005,
  kHost006,
  kNet001,
  kNet002,
  kNet003,
  kNet004,
  kNet005,
  kNet006,
  kNet007,
  kNet008,
  kNet009,
  kCred001,
  kCred002,
  kCred003,
  kCred004,
  kCred005,
  kCred006,
  kReg001,
  kReg002,
  kReg003,
  kReg004,
  kReg005,
  kData001,
  kData002,
  kData003,
  kData004,
  kData005,
  kData006,
  kData007,
  kAud001,
  kAud002,
  kAud003,
  kAud004,
  kAud005,
  kAud006,
};

struct CodeInfo {
  Code code;
  std::string_view name;               // "NET001"
  std::string_view title;              // one line, as in DESIGN's table
  std::optional<Dimension> dimension;  // whose matrix cell it stands in; none for AUD
  Severity severity;                   // into a higher tier, while running
  Severity unstated;  // at most this where neither policy nor default requires the dimension
  bool influence;     // a way to act on the other side: counts if any dimension is required
  std::string_view rationale;                  // why it matters, a paragraph
  std::string_view remedy;                     // how to close it, a paragraph
  std::span<const std::string_view> controls;  // "ISO27001:A.8.31", "PCI-DSS-4.0.1:6.5.3", …
  bool checked;  // this version decides it; otherwise reports list it as not checked
};

[[nodiscard]] std::span<const CodeInfo> all_codes();  // in the order of the enum
[[nodiscard]] const CodeInfo& info(Code code);
[[nodiscard]] std::optional<Code> parse_code(std::string_view name);  // ignores case

}  // namespace firebreak
