// environments, shared, and the selectors of both: who belongs where.
#include <fmt/format.h>

#include <array>
#include <unordered_map>

#include "base/text.h"
#include "policy/sections.h"

namespace firebreak {
namespace {

constexpr std::array<std::string_view, 3> kTiers = {"production", "staging", "development"};

void split_label(Reader& reader, const YamlNode& node, std::string_view written,
                 Selector& selector) {
  const std::size_t equals = written.find('=');
  selector.label_name = trim(written.substr(0, equals));
  selector.label_value =
      equals == std::string_view::npos ? "*" : std::string(trim(written.substr(equals + 1)));
  if (selector.label_name.empty()) {
    reader.error(node, "this label has no name", "write label: name=value, or label: name");
  }
}

std::optional<Selector> read_selector(Reader& reader, const YamlNode& node, const Draft& draft) {
  if (!node.is_mapping()) {
    reader.error(node, "a selector is a key and a pattern",
                 "for example label: env=production, or compose: shop");
    return std::nullopt;
  }
  const Fields fields(reader, node, node, "a selector",
                      {"label", "compose", "service", "name", "image", "network", "host"});
  if (node.pairs.empty()) {
    reader.error(node, "a selector without a key matches nothing",
                 "its keys are label, compose, service, name, image, network, host");
    return std::nullopt;
  }
  Selector selector;
  selector.at = reader.position(node);
  if (const std::string label = fields.text("label"); !label.empty()) {
    split_label(reader, *fields.find("label"), label, selector);
  }
  selector.compose = fields.text("compose");
  selector.service = fields.text("service");
  selector.name = fields.text("name");
  selector.image = fields.text("image");
  selector.network = fields.text("network");
  selector.host = fields.text("host");
  if (!selector.host.empty()) check_host(reader, *fields.find("host"), selector.host, draft);
  for (const auto& [key, value] : node.pairs) {
    selector.text +=
        fmt::format("{}{}: {}", selector.text.empty() ? "" : ", ", key->text, value->text);
  }
  return selector;
}

// A selector that stands in two environments assigns whatever it matches to both, that is to none.
void check_selectors_differ(Reader& reader, const YamlNode& match,
                            const std::vector<Selector>& selectors, const std::string& environment,
                            std::unordered_map<std::string, std::string>& owners) {
  for (const Selector& selector : selectors) {
    const auto [owner, fresh] = owners.emplace(selector.text, environment);
    if (fresh) continue;
    for (const YamlNode* item : match.items) {
      const Position at = reader.position(*item);
      if (at.line != selector.at.line || at.column != selector.at.column) continue;
      reader.error(*item,
                   owner->second == environment
                       ? std::string("this selector stands here twice")
                       : fmt::format("this selector is also one of {}", quoted(owner->second)));
      break;
    }
  }
}

void check_networks_differ(Reader& reader, const YamlNode& node, const std::string& environment,
                           std::unordered_map<std::string, std::string>& owners) {
  for (const YamlNode* item : node.items) {
    if (!item->is_scalar() || item->is_null()) continue;
    const auto [owner, fresh] = owners.emplace(item->text, environment);
    if (!fresh && owner->second != environment) {
      reader.error(*item, fmt::format("network {} is already owned by {}", quoted(item->text),
                                      quoted(owner->second)));
    }
  }
}

Tier read_tier(Reader& reader, const Fields& fields, const std::string& environment) {
  const bool is_tier = parse_tier(environment).has_value();
  const YamlNode* node =
      fields.need("tier", is_tier ? fmt::format("add tier: {}", environment)
                                  : std::string("one of production, staging, development"));
  if (node == nullptr) return Tier::kDevelopment;
  const auto word = reader.choice(*node, "a tier", kTiers);
  return word ? parse_tier(*word).value_or(Tier::kDevelopment) : Tier::kDevelopment;
}

}  // namespace

bool check_environment(Reader& reader, const YamlNode& node, std::string_view name,
                       const Draft& draft) {
  if (!draft.inferred) return reader.known(node, name, draft.environments, "environment");
  // What inference can find, see estate/infer.h.
  static constexpr std::array<std::string_view, 4> kInferred = {"production", "staging",
                                                                "development", "testing"};
  for (const std::string_view inferred : kInferred) {
    if (name == inferred) return true;
  }
  reader.error(node,
               fmt::format("no environment is called {}: this policy declares none, so they are "
                           "inferred as production, staging, development and testing",
                           quoted(name)),
               reader.suggestion(name, kInferred));
  return false;
}

std::vector<Selector> read_match(Reader& reader, const YamlNode& node, const Draft& draft) {
  std::vector<Selector> out;
  for (const YamlNode* item : reader.items(node, "'match'", true)) {
    if (auto selector = read_selector(reader, *item, draft)) out.push_back(std::move(*selector));
  }
  return out;
}

void read_environments(Reader& reader, const YamlNode& node, Draft& draft) {
  const auto entries = reader.entries(node, "'environments'", true);
  draft.inferred = entries.empty();
  // Every pair is compared in every dimension: more would be an accident, and take hours.
  constexpr std::size_t kMost = 250;
  if (entries.size() > kMost) {
    reader.error(
        node, fmt::format("a policy has at most {} environments, not {}", kMost, entries.size()));
  }
  for (const YamlEntry& entry : entries) draft.environments.emplace(entry.name, entry.key);
  std::unordered_map<std::string, std::string> selector_owners;
  std::unordered_map<std::string, std::string> network_owners;
  for (const YamlEntry& entry : entries) {
    if (!reader.name(*entry.key, entry.name, "an environment's name")) continue;
    const Fields fields(reader, *entry.value, *entry.key,
                        fmt::format("environment {}", quoted(entry.name)),
                        {"tier", "networks", "match"});
    EnvironmentRule rule;
    rule.at = reader.position(*entry.key);
    rule.name = entry.name;
    rule.tier = read_tier(reader, fields, entry.name);
    if (const YamlNode* networks = fields.find("networks");
        networks != nullptr && !networks->is_null()) {
      rule.networks = reader.texts(*networks, "'networks'");
      check_networks_differ(reader, *networks, entry.name, network_owners);
    }
    if (const YamlNode* match = fields.find("match")) {
      rule.match = read_match(reader, *match, draft);
      check_selectors_differ(reader, *match, rule.match, entry.name, selector_owners);
    }
    if (entry.value->is_mapping() &&
        (fields.find("match") == nullptr || fields.find("match")->is_null())) {
      reader.warning(*entry.key, fmt::format("environment {} has no 'match', so nobody is in it",
                                             quoted(entry.name)));
    }
    draft.policy.environments.push_back(std::move(rule));
  }
}

void read_shared(Reader& reader, const YamlNode& node, Draft& draft) {
  for (const YamlNode* item : reader.items(node, "'shared'", true)) {
    const Fields fields(reader, *item, *item, "a shared service", {"match", "serves", "reason"});
    SharedRule rule;
    rule.at = reader.position(*item);
    if (const YamlNode* match = fields.need("match")) {
      rule.match = read_match(reader, *match, draft);
      if (match->is_null() || (match->is_sequence() && match->items.empty())) {
        reader.error(*match, "'match' of a shared service is empty");
      }
    }
    if (const YamlNode* serves = fields.need("serves")) {
      rule.serves = reader.texts(*serves, "'serves'");
      for (const YamlNode* environment : serves->items) {
        if (!environment->is_scalar() || environment->is_null()) continue;
        check_environment(reader, *environment, environment->text, draft);
      }
      if (serves->is_sequence() && serves->items.empty()) {
        reader.error(*serves, "'serves' is empty");
      }
    }
    rule.reason = fields.need_text("reason", "say why it is shared; reports show it");
    draft.policy.shared.push_back(std::move(rule));
  }
}

}  // namespace firebreak
