// Reads firebreak.yaml (libfyaml, with positions).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "policy/policy.h"

namespace firebreak {

struct LoadedPolicy {
  Policy policy;                        // meaningful only without errors
  std::vector<Diagnostic> diagnostics;  // errors and warnings, in the file's order
  // The file's text for render(): what looks like a password is overwritten by '*'. The
  // diagnostics' positions count in this text (no byte order mark, line ends are '\n').
  std::string source;

  [[nodiscard]] bool ok() const;  // no errors (warnings are fine)
};

// Total over all byte strings. Finds every error at once: bad YAML, duplicate and unknown keys
// (with a suggestion), wrong types and values, names of environments, hosts or masks that are not
// declared, levels that a dimension does not have, dates that do not exist, userinfo and passwords
// in URLs. `masks` and `databases` are checked for form as far as DESIGN's example goes.
[[nodiscard]] LoadedPolicy load_policy(std::string_view yaml, std::string_view file);

}  // namespace firebreak
