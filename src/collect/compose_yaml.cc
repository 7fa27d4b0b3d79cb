#include "collect/compose_yaml.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "policy/yaml.h"

namespace firebreak {

namespace {

bool digits_only(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// A number as JSON writes it. Others (0x1f, 0123, .5, 1e3) stay text, as they were written.
bool is_json_number(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::string_view whole = text.substr(0, text.find('.'));
  if (!digits_only(whole) || (whole.size() > 1 && whole.front() == '0')) return false;
  constexpr std::size_t kMostDigits = 18;  // more might not fit into 64 bits
  if (whole.size() > kMostDigits) return false;
  return whole.size() == text.size() || digits_only(text.substr(whole.size() + 1));
}

void write_text(std::string_view text, std::string& out) {
  constexpr unsigned char kFirstPrintable = 0x20;
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < kFirstPrintable) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

void write_scalar(const YamlNode& node, std::string& out) {
  const std::string word = node.plain ? lower(node.text) : std::string();
  if (node.is_null()) {
    out += "null";
  } else if (word == "true" || word == "false") {
    out += word;
  } else if (node.plain && is_json_number(node.text)) {
    out += node.text;
  } else {
    write_text(node.text, out);
  }
}

// As deep and as large as YamlLimits let the document be.
void write(const YamlNode& node, std::string& out) {
  if (node.is_scalar()) {
    write_scalar(node, out);
    return;
  }
  std::string_view comma;
  out += node.is_sequence() ? '[' : '{';
  for (const YamlNode* item : node.items) {
    out += std::exchange(comma, ",");
    write(*item, out);
  }
  for (const auto& [key, value] : node.pairs) {
    out += std::exchange(comma, ",");
    write_text(key->text, out);
    out += ':';
    write(*value, out);
  }
  out += node.is_sequence() ? ']' : '}';
}

}  // namespace

Result<std::string> yaml_to_json(std::string_view yaml) {
  constexpr std::size_t kLargest = std::size_t{64} << 20U;
  const YamlLimits limits{.bytes = kLargest};
  std::vector<Diagnostic> unused;  // they quote the source
  const auto document = parse_yaml(yaml, limits, unused);
  if (!document || document->root == nullptr)
    return fail(ErrorKind::kBadData, "the answer is not valid YAML, or was cut short");
  std::string json;
  write(*document->root, json);
  return json;
}

}  // namespace firebreak
