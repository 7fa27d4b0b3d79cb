// DNAT, SNAT, MASQUERADE and REDIRECT: iptables-extensions(8).
#include "rules/save_values.h"
#include "rules/targets.h"

namespace firebreak {
namespace {

// How the new port or address is picked where there are several.
bool is_picking(const SaveOption& option) {
  return option.values.empty() && (option.name == "--random" || option.name == "--random-fully" ||
                                   option.name == "--persistent");
}

struct Translation {
  std::optional<AddressRange> to;
  std::optional<PortRange> ports;
};

// "10.0.0.1", "10.0.0.1-10.0.0.9:80-90", ":80", "[fd00::1-fd00::9]:80", "fd00::1-fd00::9".
std::optional<Translation> parse_translation(std::string_view text, Family family) {
  Translation out;
  std::string_view addresses = text;
  std::string_view ports;
  const std::size_t colon = text.rfind(':');
  if (family == Family::kV4 || text.starts_with(':')) {
    addresses = text.substr(0, colon);
    if (colon != std::string_view::npos) ports = text.substr(colon);
  } else if (text.starts_with('[')) {
    const std::size_t close = text.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    addresses = text.substr(1, close - 1);
    ports = text.substr(close + 1);
  }
  if (!addresses.empty()) {
    out.to = parse_span(addresses, family);
    if (!out.to) return std::nullopt;
  }
  if (!ports.empty()) {
    out.ports = ports.front() == ':' ? parse_ports(ports.substr(1), '-') : std::nullopt;
    if (!out.ports) return std::nullopt;
  }
  return out.to || out.ports ? std::optional(out) : std::nullopt;
}

// The one option that says where to, if all others are about picking.
const SaveOption* only_option(const SaveClause& clause, std::string_view name) {
  const SaveOption* found = nullptr;
  for (const SaveOption& option : clause.options) {
    if (is_picking(option)) continue;
    if (option.name != name || option.negated || found != nullptr) return nullptr;
    found = &option;
  }
  return found;
}

std::optional<Translation> read_translation(const SaveClause& clause, std::string_view name,
                                            RuleSink& sink) {
  const SaveOption* const option = only_option(clause, name);
  if (option == nullptr) return std::nullopt;
  // Ports shifted by a base ("80-90/100") are not followed.
  if (option->value().contains('/')) return std::nullopt;
  const auto translation = parse_translation(option->value(), sink.family());
  if (!translation) sink.error(*option, "not an address of this family, with or without ports");
  return translation;
}

// "--to-ports 80-90", or no such option.
struct Ports {
  bool understood = true;
  std::optional<PortRange> range;
};
Ports read_to_ports(const SaveClause& clause, RuleSink& sink) {
  Ports out;
  for (const SaveOption& option : clause.options) {
    if (is_picking(option)) continue;
    if (option.name != "--to-ports") return {.understood = false, .range = {}};
    out.range = parse_ports(option.value(), '-');
    if (!out.range) sink.error(option, "not a port or range of ports");
  }
  return out;
}

}  // namespace

std::optional<Action> read_dnat(const SaveClause& clause, RuleSink& sink) {
  const auto translation = read_translation(clause, "--to-destination", sink);
  if (!translation) return std::nullopt;
  return Dnat{.redirect = false, .to = translation->to, .ports = translation->ports};
}

std::optional<Action> read_snat(const SaveClause& clause, RuleSink& sink) {
  const auto translation = read_translation(clause, "--to-source", sink);
  if (!translation) return std::nullopt;
  return Snat{.masquerade = false, .to = translation->to, .ports = translation->ports};
}

std::optional<Action> read_masquerade(const SaveClause& clause, RuleSink& sink) {
  const Ports ports = read_to_ports(clause, sink);
  if (!ports.understood) return std::nullopt;
  return Snat{.masquerade = true, .to = {}, .ports = ports.range};
}

std::optional<Action> read_redirect(const SaveClause& clause, RuleSink& sink) {
  const Ports ports = read_to_ports(clause, sink);
  if (!ports.understood) return std::nullopt;
  return Dnat{.redirect = true, .to = {}, .ports = ports.range};
}

}  // namespace firebreak
