// Matches over the headers of the packet: iptables-extensions(8), "tcp", "udp", "sctp", "dccp",
// "multiport", "iprange", "icmp", "icmp6".
#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/matches.h"
#include "rules/save_values.h"

namespace firebreak {
namespace {

using Which = OnPort::Which;

struct Flag {
  std::string_view name;
  std::uint8_t bits;
};
constexpr auto kFlags = std::to_array<Flag>({{"FIN", 1},
                                             {"SYN", 2},
                                             {"RST", 4},
                                             {"PSH", 8},
                                             {"ACK", 16},
                                             {"URG", 32},
                                             {"ALL", 63},
                                             {"NONE", 0}});

std::optional<std::uint8_t> parse_flags(std::string_view text) {
  unsigned bits = 0;
  for (const std::string_view word : split(text, ',')) {
    const auto* const flag = std::ranges::find(kFlags, word, &Flag::name);
    if (flag == kFlags.end()) return std::nullopt;
    bits |= flag->bits;
  }
  return static_cast<std::uint8_t>(bits);
}

// iptables-nft-save 1.8.9 prints "5003:5001" where a rule asks twice for the port.
bool is_reversed(std::string_view range) {
  const std::size_t colon = range.find(':');
  return colon != std::string_view::npos && Port::parse(range.substr(0, colon)) &&
         Port::parse(range.substr(colon + 1));
}

void read_port(const SaveClause& clause, const SaveOption& option, Which which, RuleSink& sink) {
  const auto ports = parse_ports(option.value(), ':');
  if (!ports && is_reversed(option.value())) return sink.not_understood(clause, option);
  if (!ports) return sink.error(option, "not a port or range of ports");
  sink.add(OnPort{which, {*ports}}, option.negated);
}

void read_tcp_flags(const SaveClause& clause, const SaveOption& option, RuleSink& sink) {
  if (option.values.size() != 2) return sink.error(option, "two lists of TCP flags are expected");
  const auto mask = parse_flags(option.values[0]);
  const auto set = parse_flags(option.values[1]);
  if (!mask || !set) return sink.not_understood(clause, option);
  sink.add(OnTcpFlags{*mask, *set}, option.negated);
}

}  // namespace

void read_ports_match(const SaveClause& clause, RuleSink& sink) {
  for (const SaveOption& option : clause.options) {
    if (option.name == "--sport" || option.name == "--source-port") {
      read_port(clause, option, Which::kSource, sink);
    } else if (option.name == "--dport" || option.name == "--destination-port") {
      read_port(clause, option, Which::kDestination, sink);
    } else if (option.name == "--tcp-flags" && clause.name == "tcp") {
      read_tcp_flags(clause, option, sink);
    } else if (option.name == "--syn" && clause.name == "tcp") {
      sink.add(OnTcpFlags{.mask = 1 | 2 | 4 | 16, .set = 2}, option.negated);
    } else {
      sink.not_understood(clause, option);
    }
  }
}

void read_multiport(const SaveClause& clause, RuleSink& sink) {
  for (const SaveOption& option : clause.options) {
    std::optional<Which> which;
    if (option.name == "--sports" || option.name == "--source-ports") which = Which::kSource;
    if (option.name == "--dports" || option.name == "--destination-ports") {
      which = Which::kDestination;
    }
    if (option.name == "--ports") which = Which::kEither;
    if (!which) {
      sink.not_understood(clause, option);
      continue;
    }
    auto ports = parse_port_list(option.value());
    if (!ports) {
      sink.error(option, "not a list of ports");
      continue;
    }
    sink.add(OnPort{*which, *std::move(ports)}, option.negated);
  }
}

void read_iprange(const SaveClause& clause, RuleSink& sink) {
  for (const SaveOption& option : clause.options) {
    if (option.name != "--src-range" && option.name != "--dst-range") {
      sink.not_understood(clause, option);
      continue;
    }
    const auto range = parse_span(option.value(), sink.family());
    if (!range) {
      sink.error(option, "not a range of addresses of this family");
      continue;
    }
    const End end = option.name == "--src-range" ? End::kSource : End::kDestination;
    sink.add(OnAddress{end, {*range}}, option.negated);
  }
}

void read_icmp(const SaveClause& clause, RuleSink& sink) {
  for (const SaveOption& option : clause.options) {
    if (option.name != "--icmp-type" && option.name != "--icmpv6-type") {
      sink.not_understood(clause, option);
      continue;
    }
    if (option.value() == "any") {
      if (option.negated) sink.never();
      continue;
    }
    const std::size_t slash = option.value().find('/');
    const auto type = parse_u32(option.value().substr(0, slash));
    const auto code = slash == std::string_view::npos ? std::optional(std::uint32_t{0})
                                                      : parse_u32(option.value().substr(slash + 1));
    if (!type || !code || *type > 255 || *code > 255) {  // a name, perhaps
      sink.not_understood(clause, option);
      continue;
    }
    OnIcmpType condition{.type = static_cast<std::uint8_t>(*type), .code = std::nullopt};
    if (slash != std::string_view::npos) condition.code = static_cast<std::uint8_t>(*code);
    sink.add(condition, option.negated);
  }
}

}  // namespace firebreak
