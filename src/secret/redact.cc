#include "secret/free_text.h"
#include "secret/scan.h"

namespace firebreak {

std::string redacted(std::string_view text) {
  std::string out;
  std::size_t at = 0;
  for (const SecretSpan& span : find_secret_spans(text)) {
    out += text.substr(at, span.begin - at);
    out += "***";
    at = span.begin + span.size;
  }
  out += text.substr(at);
  return out;
}

}  // namespace firebreak
