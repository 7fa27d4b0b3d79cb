#include "report/escape.h"

#include <algorithm>

#include "base/text.h"

namespace firebreak {
namespace {

std::size_t longest_run(std::string_view text, char c) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (const char each : text) {
    run = each == c ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}

// U+FFFE and U+FFFF are well-formed UTF-8, but no XML characters.
void drop_noncharacters(std::string& text) {
  for (const std::string_view bad : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"}) {
    for (auto at = text.find(bad); at != std::string::npos; at = text.find(bad, at)) {
      text.replace(at, bad.size(), "\xEF\xBF\xBD");
    }
  }
}

}  // namespace

std::string markup(std::string_view text) {
  std::string clean = printable(text);
  drop_noncharacters(clean);
  std::string out;
  out.reserve(clean.size());
  for (const char c : clean) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string markdown(std::string_view text) {
  std::string out;
  for (const char c : printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '\\':
      case '`':
      case '*':
      case '_':
      case '[':
      case ']':
      case '|':
      case '~':
      case '#': out += '\\'; [[fallthrough]];
      default: out += c;
    }
  }
  return out;
}

std::string markdown_code(std::string_view text) {
  const std::string clean = printable(text);
  if (clean.find_first_of("|`<>&") != std::string::npos || trim(clean).size() != clean.size()) {
    std::string out = "<code>" + markup(clean) + "</code>";
    for (auto at = out.find('|'); at != std::string::npos; at = out.find('|', at)) {
      out.replace(at, 1, "&#124;");
    }
    for (auto at = out.find('`'); at != std::string::npos; at = out.find('`', at)) {
      out.replace(at, 1, "&#96;");
    }
    return out;
  }
  return clean.empty() ? "" : "`" + clean + "`";
}

std::string markdown_block(std::string_view lines) {
  const std::string fence(std::max<std::size_t>(longest_run(lines, '`') + 1, 3), '`');
  std::string out = fence + "sh\n";
  for (const std::string_view line : split(lines, '\n')) out += printable(line) + "\n";
  return out + fence + "\n";
}

std::string uri_segment(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || std::string_view("-._~").find(c) != std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4U];
      out += kHex[byte & 0xFU];
    }
  }
  return out;
}

}  // namespace firebreak
