#include "base/error.h"

namespace firebreak {

std::string Error::text() const {
  std::string out = where.empty() ? what : where + ": " + what;
  if (!remedy.empty()) out += " (" + remedy + ")";
  return out;
}

std::unexpected<Error> fail(ErrorKind kind, std::string what, std::string where,
                            std::string remedy) {
  return std::unexpected(Error{kind, std::move(what), std::move(where), std::move(remedy)});
}

}  // namespace firebreak
