// Matches over what connection tracking knows: iptables-extensions(8), "conntrack" and "state"; the
// kernel's net/netfilter/xt_conntrack.c.
#include <algorithm>
#include <array>

#include "base/text.h"
#include "rules/matches.h"
#include "rules/save_values.h"

namespace firebreak {
namespace {

struct NamedState {
  std::string_view name;
  OnState::Bit bit;
};
constexpr auto kStates = std::to_array<NamedState>({{"INVALID", OnState::kInvalid},
                                                    {"ESTABLISHED", OnState::kEstablished},
                                                    {"RELATED", OnState::kRelated},
                                                    {"NEW", OnState::kNew},
                                                    {"UNTRACKED", OnState::kUntracked},
                                                    {"SNAT", OnState::kSourceRewritten},
                                                    {"DNAT", OnState::kDestinationRewritten}});

std::optional<std::uint8_t> parse_states(std::string_view text) {
  unsigned bits = 0;
  for (const std::string_view word : split(text, ',')) {
    const auto* const state = std::ranges::find(kStates, word, &NamedState::name);
    if (state == kStates.end()) return std::nullopt;
    bits |= state->bit;
  }
  return static_cast<std::uint8_t>(bits);
}

void read_states(const SaveClause& clause, const SaveOption& option, RuleSink& sink) {
  const auto bits = parse_states(option.value());
  if (!bits) return sink.not_understood(clause, option);
  sink.add(OnState{*bits}, option.negated);
}

// Once its states hold for a packet without a connection, xt_conntrack does not look at the options
// that remain. A conjunction of conditions would.
bool skips_the_rest(const SaveClause& clause) {
  if (clause.options.size() < 2) return false;
  const auto states = std::ranges::find(clause.options, "--ctstate", &SaveOption::name);
  if (states == clause.options.end()) return false;
  constexpr unsigned kWithout = OnState::kInvalid | OnState::kUntracked;
  const unsigned bits = parse_states(states->value()).value_or(kWithout);
  return ((states->negated ? ~bits : bits) & kWithout) != 0;
}

void read_original_port(const SaveOption& option, RuleSink& sink) {
  const auto ports = parse_ports(option.value(), ':');
  if (!ports) return sink.error(option, "not a port or range of ports");
  sink.add(OnOriginal{.destinations = {}, .ports = {*ports}}, option.negated);
}

void read_original_address(const SaveClause& clause, const SaveOption& option, RuleSink& sink) {
  auto ranges = parse_masked(option.value(), sink.family());
  if (!ranges) return sink.error(option, "not an address of this family, with or without a mask");
  if (ranges->empty()) return sink.not_understood(clause, option);
  sink.add(OnOriginal{.destinations = *std::move(ranges), .ports = {}}, option.negated);
}

}  // namespace

void read_conntrack(const SaveClause& clause, RuleSink& sink) {
  if (skips_the_rest(clause)) return sink.not_understood(clause.text);
  for (const SaveOption& option : clause.options) {
    if (option.name == "--ctstate") {
      read_states(clause, option, sink);
    } else if (option.name == "--ctorigdst") {
      read_original_address(clause, option, sink);
    } else if (option.name == "--ctorigdstport") {
      read_original_port(option, sink);
    } else {
      sink.not_understood(clause, option);
    }
  }
}

void read_state(const SaveClause& clause, RuleSink& sink) {
  for (const SaveOption& option : clause.options) {
    if (option.name == "--state") {
      read_states(clause, option, sink);
    } else {
      sink.not_understood(clause, option);
    }
  }
}

}  // namespace firebreak
