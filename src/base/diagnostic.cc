#include "base/diagnostic.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/columns.h"
#include "base/text.h"

namespace firebreak {
namespace {

constexpr std::size_t kWidest = 160;

std::string_view line_of(std::string_view source, int line) {
  for (int i = 1; i < line; ++i) {
    const std::size_t end = source.find('\n');
    if (end == std::string_view::npos) return {};
    source.remove_prefix(end + 1);
  }
  return source.substr(0, source.find('\n'));
}

bool continues(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80; }

std::string snippet(const Diagnostic& diagnostic, std::string_view source) {
  std::string_view line = line_of(source, diagnostic.line);
  auto column = static_cast<std::size_t>(std::max(diagnostic.column, 1)) - 1;
  if (line.size() > kWidest) {
    std::size_t start = column > kWidest / 2 ? column - kWidest / 2 : 0;
    start = std::min(start, line.size());
    while (start > 0 && start < line.size() && continues(line[start])) --start;
    line = line.substr(start, kWidest);
    column -= start;
  }
  column = std::min(column, line.size());
  const auto length = static_cast<std::size_t>(std::max(diagnostic.length, 1));
  const auto width = [](std::string_view text) { return columns_of(printable(text)); };
  const std::size_t indent = width(line.substr(0, column));
  const std::size_t underlined = std::max<std::size_t>(width(line.substr(column, length)), 1);
  std::string out = fmt::format("{:6} | {}\n       | {}^{}", diagnostic.line, printable(line),
                                std::string(indent, ' '), std::string(underlined - 1, '~'));
  if (!diagnostic.hint.empty()) out += " " + printable(diagnostic.hint);
  return out + "\n";
}

}  // namespace

std::string render(std::span<const Diagnostic> diagnostics, std::string_view source) {
  std::string out;
  for (const Diagnostic& diagnostic : diagnostics) {
    out += printable(diagnostic.file);
    if (diagnostic.line > 0) out += fmt::format(":{}:{}", diagnostic.line, diagnostic.column);
    out += diagnostic.level == Diagnostic::Level::kError ? ": error: " : ": warning: ";
    out += printable(diagnostic.message) + "\n";
    if (diagnostic.line > 0) {
      out += snippet(diagnostic, source);
    } else if (!diagnostic.hint.empty()) {
      out += "       " + printable(diagnostic.hint) + "\n";
    }
  }
  return out;
}

}  // namespace firebreak
