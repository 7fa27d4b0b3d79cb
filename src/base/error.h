// How a function tells its caller that it could not do its work.
//
// Three audiences, three ways: a caller gets `Result<T>`; the author of a policy gets every
// `Diagnostic` at once (base/diagnostic.h); our own mistakes hit a `CHECK` (base/check.h).
#pragma once

#include <expected>
#include <string>
#include <utility>

namespace firebreak {

// What kind of failure it is; decides the exit code (cli/exit_code.h).
enum class ErrorKind {
  kUsage,        // the command line or the policy is wrong
  kUnreachable,  // nobody answered: no such socket, refused, timed out
  kDenied,       // answered, but not to us: permission, authentication
  kBadData,      // answered with bytes that are not what they should be
  kUnsupported,  // understood, but not available here (engine too old, tool missing)
  kIo,           // the operating system failed a read or a write
};

// A failure in words a user can act on. None of the fields may ever hold a secret.
struct Error {
  ErrorKind kind = ErrorKind::kIo;
  std::string what;    // "connection refused"
  std::string where;   // the place: a URL without userinfo, "policy.yaml:3:4", "$.hosts[2].name"
  std::string remedy;  // what to do next; may be empty

  // "where: what (remedy)" on one line.
  [[nodiscard]] std::string text() const;
};

template <class T>
using Result = std::expected<T, Error>;

[[nodiscard]] std::unexpected<Error> fail(ErrorKind kind, std::string what, std::string where = {},
                                          std::string remedy = {});

}  // namespace firebreak

// Evaluates to the value of a Result, or returns its error from the calling function.
#define TRY(expression)                                                                 \
  __extension__({                                                                       \
    auto&& firebreak_result = (expression);                                             \
    if (!firebreak_result) return std::unexpected(std::move(firebreak_result).error()); \
    *std::move(firebreak_result);                                                       \
  })
