// What the process tells its caller; docs/exit-codes.md says it in words.
#pragma once

namespace firebreak {

enum class ExitCode : int {
  kSeparated = 0,   // separated as required
  kFindings = 1,    // findings at or above --fail-on; for diff: separation got worse
  kUsage = 2,       // wrong usage or an invalid policy
  kIncomplete = 3,  // nothing found, but something required could not be checked
  kFailed = 4,      // could not finish: broken input, I/O, our own fault
};

}  // namespace firebreak
