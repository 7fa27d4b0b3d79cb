// require, waivers, audit: what must hold, what may be excepted, and how often to look.
#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "base/ip.h"
#include "base/text.h"
#include "policy/codes.h"
#include "policy/sections.h"

namespace firebreak {
namespace {

bool is_pattern(std::string_view text) {
  return text.find_first_of("*?") != std::string_view::npos;
}

std::optional<Level> read_level(Reader& reader, const YamlNode& node, Dimension dimension) {
  std::vector<std::string_view> words;
  for (const Level level : levels_of(dimension)) words.push_back(name_of(level));
  const auto word = reader.choice(node, fmt::format("'{}'", name_of(dimension)), words);
  if (!word) return std::nullopt;
  for (const Level level : levels_of(dimension)) {
    if (*word == name_of(level)) return level;
  }
  return std::nullopt;
}

void read_between(Reader& reader, const YamlNode& node, const Draft& draft, Requirement& entry) {
  const auto sides = reader.items(node, "'between'");
  if (!node.is_sequence()) return;
  if (sides.size() != 2) {
    reader.error(node, fmt::format("'between' names two environments, not {}", sides.size()),
                 "write between: [production, \"*\"]");
    return;
  }
  for (const YamlNode* side : sides) {
    const auto name = reader.text(*side, "an environment");
    if (!name) continue;
    if (*name != "*") check_environment(reader, *side, *name, draft);
    (side == sides[0] ? entry.first : entry.second) = *name;
  }
  if (sides[0] == sides[1]) entry.second = entry.first;
  if (!entry.first.empty() && entry.first == entry.second && entry.first != "*") {
    reader.error(*sides[1], "an environment is not separated from itself");
  }
}

// "9090", "9090/tcp", "5000-5010/udp", and lists of them.
bool is_port_list(std::string_view text) {
  for (std::string_view part : split(text, ',')) {
    part = trim(part);
    if (const std::size_t slash = part.find('/'); slash != std::string_view::npos) {
      if (!parse_protocol(part.substr(slash + 1))) return false;
      part = part.substr(0, slash);
    }
    const std::size_t dash = part.find('-');
    const auto first = Port::parse(part.substr(0, dash));
    const auto last = dash == std::string_view::npos ? first : Port::parse(part.substr(dash + 1));
    if (!first || !last || first->value == 0 || *first > *last) return false;
  }
  return true;
}

// "staging", "staging/prometheus", "@host", an address: the environment, if it is one by its form,
// must exist.
void check_side(Reader& reader, const YamlNode& node, std::string_view side, const Draft& draft) {
  const std::string_view environment = side.substr(0, side.find('/'));
  if (side.starts_with('@')) {
    check_host(reader, node, side.substr(1), draft);
  } else if (!is_pattern(environment) && !IpAddress::parse(environment)) {
    check_environment(reader, node, environment, draft);
  }
}

void read_code(Reader& reader, const YamlNode& node, Waiver& waiver) {
  const auto written = reader.text(node, "'code'");
  if (!written) return;
  std::string upper = *written;
  std::ranges::transform(upper, upper.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  if (std::ranges::find(kCodeNames, upper) != kCodeNames.end()) {
    waiver.code = upper;
    return;
  }
  // The words are compared in lower case; the nearest is shown as it is written.
  std::vector<std::string> small;
  small.reserve(kCodeNames.size());
  for (const std::string_view name : kCodeNames) small.push_back(lower(name));
  const std::vector<std::string_view> candidates(small.begin(), small.end());
  std::string hint = reader.suggestion(*written, candidates, "firebreak explain lists the codes");
  if (hint.starts_with("did you mean")) {
    std::ranges::transform(hint.begin() + 14, hint.end() - 2, hint.begin() + 14, [](char c) {
      return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
  }
  reader.error(node, fmt::format("no finding has the code {}", quoted(*written)), std::move(hint));
}

void read_fingerprint(Reader& reader, const YamlNode& node, Waiver& waiver) {
  const auto written = reader.text(node, "'fingerprint'");
  if (!written) return;
  const std::string small = lower(*written);
  if (small.size() != 16 || small.find_first_not_of("0123456789abcdef") != std::string::npos) {
    reader.error(node, fmt::format("{} is not a fingerprint", quoted(*written)),
                 "it has 16 hex digits, as reports print it");
    return;
  }
  waiver.fingerprint = small;
}

Waiver read_waiver(Reader& reader, const YamlNode& node, const Draft& draft) {
  const Fields fields(reader, node, node, "a waiver",
                      {"code", "fingerprint", "from", "to", "ports", "environments", "reason",
                       "approved_by", "expires"});
  Waiver waiver;
  waiver.at = reader.position(node);
  if (const YamlNode* code = fields.find("code")) read_code(reader, *code, waiver);
  if (const YamlNode* print = fields.find("fingerprint")) read_fingerprint(reader, *print, waiver);
  if (node.is_mapping() && fields.find("code") == nullptr &&
      fields.find("fingerprint") == nullptr) {
    reader.error(node, "a waiver needs 'code' or 'fingerprint'");
  }
  waiver.from = fields.text("from");
  waiver.to = fields.text("to");
  if (!waiver.from.empty()) check_side(reader, *fields.find("from"), waiver.from, draft);
  if (!waiver.to.empty()) check_side(reader, *fields.find("to"), waiver.to, draft);
  waiver.ports = fields.text("ports");
  if (!waiver.ports.empty() && !is_port_list(waiver.ports)) {
    reader.error(*fields.find("ports"), fmt::format("{} are not ports", quoted(waiver.ports)),
                 "write 9090/tcp, 5000-5010 or 53/udp");
  }
  if (const YamlNode* environments = fields.find("environments")) {
    waiver.environments = reader.texts(*environments, "'environments'");
    for (const YamlNode* item : environments->items) {
      if (item->is_scalar() && !item->is_null())
        check_environment(reader, *item, item->text, draft);
    }
    if (environments->is_sequence() && environments->items.empty()) {
      reader.error(*environments, "'environments' is empty");
    }
  }
  waiver.reason = fields.need_text("reason", "say why; reports show it");
  waiver.approved_by = fields.need_text("approved_by", "say who answers for it");
  if (const YamlNode* expires = fields.need("expires", "the last day on which it holds")) {
    waiver.expires = reader.date(*expires, "'expires'").value_or(Date{});
  }
  return waiver;
}

}  // namespace

void read_require(Reader& reader, const YamlNode& node, Draft& draft) {
  for (const YamlNode* item : reader.items(node, "'require'", true)) {
    const Fields fields(reader, *item, *item, "a requirement",
                        {"between", "host", "network", "credentials", "registry", "data"});
    Requirement entry;
    entry.at = reader.position(*item);
    if (const YamlNode* between = fields.need("between", "for example [production, \"*\"]")) {
      read_between(reader, *between, draft, entry);
    }
    bool empty = true;
    for (const Dimension dimension : kDimensions) {
      const YamlNode* level = fields.find(name_of(dimension));
      if (level == nullptr) continue;
      empty = false;
      if (const auto found = read_level(reader, *level, dimension))
        entry.levels[dimension] = *found;
    }
    if (empty && item->is_mapping() && !fields.has_unknown()) {
      reader.warning(*item, "this requires nothing of the pair, in any dimension",
                     "name host, network, credentials, registry or data");
    }
    draft.policy.require.push_back(std::move(entry));
  }
}

void read_waivers(Reader& reader, const YamlNode& node, Draft& draft) {
  for (const YamlNode* item : reader.items(node, "'waivers'", true)) {
    draft.policy.waivers.push_back(read_waiver(reader, *item, draft));
  }
}

void read_audit(Reader& reader, const YamlNode& node, Draft& draft) {
  if (node.is_null()) return;
  const Fields fields(reader, node, node, "'audit'", {"every"});
  if (const YamlNode* every = fields.find("every")) {
    draft.policy.audit_every = reader.duration(*every, "'every'");
  }
}

}  // namespace firebreak
