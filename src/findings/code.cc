#include "findings/code.h"

#include <algorithm>
#include <array>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "findings/code_table.h"

namespace firebreak {
namespace {

constexpr std::array<std::string_view, 5> kSeverityNames = {"info", "low", "medium", "high",
                                                            "critical"};

std::vector<CodeInfo> assemble() {
  std::vector<CodeInfo> table;
  for (const auto family : {host_codes(), network_codes(), credential_codes(), registry_codes(),
                            data_codes(), audit_codes()}) {
    table.insert(table.end(), family.begin(), family.end());
  }
  for (std::size_t i = 0; i < table.size(); ++i) {
    CHECK(static_cast<std::size_t>(table[i].code) == i);  // the order of the enum
  }
  CHECK(table.back().code == Code::kAud006);
  return table;
}

}  // namespace

std::string_view name_of(Severity severity) {
  return kSeverityNames[static_cast<std::size_t>(severity)];
}

std::optional<Severity> parse_severity(std::string_view name) {
  const auto* found = std::ranges::find(kSeverityNames, lower(name));
  if (found == kSeverityNames.end()) return std::nullopt;
  return static_cast<Severity>(found - kSeverityNames.begin());
}

Severity lowered(Severity severity) {
  if (severity == Severity::kInfo) return severity;
  return static_cast<Severity>(static_cast<int>(severity) - 1);
}

std::span<const CodeInfo> all_codes() {
  static const std::vector<CodeInfo> table = assemble();
  return table;
}

const CodeInfo& info(Code code) { return all_codes()[static_cast<std::size_t>(code)]; }

std::optional<Code> parse_code(std::string_view name) {
  for (const CodeInfo& entry : all_codes()) {
    if (lower(entry.name) == lower(name)) return entry.code;
  }
  return std::nullopt;
}

}  // namespace firebreak
