// MARK, CONNMARK, CT, NOTRACK, SET, TTL and HL: iptables-extensions(8); xt_mark.c and
// xt_connmark.c.
#include <algorithm>

#include "rules/save_values.h"
#include "rules/targets.h"

namespace firebreak {
namespace {

// All forms of setting a mark come down to mark = (mark & ~mask) ^ value.
std::optional<SetMark> parse_set_mark(const SaveOption& option) {
  const auto parsed = parse_masked_value(option.value());
  if (!parsed || option.negated) return std::nullopt;
  const auto [value, mask] = *parsed;
  SetMark out;
  const std::string_view name = option.name;
  const bool has_mask = option.value().contains('/');
  if (name == "--set-xmark") {
    out = {.value = value, .mask = mask};
  } else if (name == "--set-mark") {  // (mark & ~mask) | value
    out = {.value = value, .mask = mask | value};
  } else if (name == "--and-mark" && !has_mask) {
    out = {.value = 0, .mask = ~value};
  } else if (name == "--or-mark" && !has_mask) {
    out = {.value = value, .mask = value};
  } else if (name == "--xor-mark" && !has_mask) {
    out = {.value = value, .mask = 0};
  } else {
    return std::nullopt;
  }
  return out;
}

// "--save-mark --nfmask 0xff --ctmask 0xff", "--restore-mark --mask 0xff"; equal masks only.
std::optional<CopyMark> parse_copy_mark(const SaveClause& clause) {
  std::optional<bool> to_connection;
  std::uint32_t packet_mask = 0xFFFFFFFF;
  std::uint32_t connection_mask = 0xFFFFFFFF;
  for (const SaveOption& option : clause.options) {
    if (option.name == "--save-mark" || option.name == "--restore-mark") {
      to_connection = option.name == "--save-mark";
      continue;
    }
    const auto mask = parse_u32(option.value());
    if (!mask) return std::nullopt;
    if (option.name == "--nfmask" || option.name == "--mask") packet_mask = *mask;
    if (option.name == "--ctmask" || option.name == "--mask") connection_mask = *mask;
    if (option.name != "--nfmask" && option.name != "--ctmask" && option.name != "--mask") {
      return std::nullopt;
    }
  }
  if (!to_connection || packet_mask != connection_mask) return std::nullopt;
  return CopyMark{*to_connection, packet_mask};
}

}  // namespace

std::optional<Action> read_mark_target(const SaveClause& clause, RuleSink& /*sink*/) {
  if (clause.options.size() != 1) return std::nullopt;
  const auto set = parse_set_mark(clause.options.front());
  return set ? std::optional<Action>(*set) : std::nullopt;
}

std::optional<Action> read_connmark_target(const SaveClause& clause, RuleSink& /*sink*/) {
  if (clause.options.size() == 1) {
    if (auto set = parse_set_mark(clause.options.front())) {
      set->connection = true;
      return *set;
    }
  }
  const auto copy = parse_copy_mark(clause);
  return copy ? std::optional<Action>(*copy) : std::nullopt;
}

std::optional<Action> read_ct_target(const SaveClause& clause, RuleSink& /*sink*/) {
  if (clause.name == "NOTRACK" && clause.options.empty()) return NoTrack{};
  if (clause.options.size() == 1 && clause.options.front().name == "--notrack") return NoTrack{};
  // A helper, events and timeouts change no decision about the packet at hand; zones do.
  const bool harmless = std::ranges::all_of(clause.options, [](const SaveOption& option) {
    return option.name == "--helper" || option.name == "--ctevents" ||
           option.name == "--expevents" || option.name == "--timeout";
  });
  if (!harmless || clause.options.empty()) return std::nullopt;
  return Verdict::kGoOn;
}

// Adds the packet to a set, or takes it out: the set's content is not known any more.
std::optional<Action> read_set_target(const SaveClause& clause, RuleSink& sink) {
  bool known = true;
  for (const SaveOption& option : clause.options) {
    if (option.name == "--add-set" || option.name == "--del-set") {
      if (!option.values.empty()) sink.set_changes(option.values.front());
    } else if (option.name != "--exist" && option.name != "--timeout") {
      known = false;
    }
  }
  return known ? std::optional<Action>(Verdict::kGoOn) : std::nullopt;
}

// A packet that keeps hops enough for any estate goes on; one that may run out of them does not.
std::optional<Action> read_hops_target(const SaveClause& clause, RuleSink& /*sink*/) {
  constexpr std::uint32_t kEnough = 16;
  if (clause.options.size() != 1) return std::nullopt;
  const SaveOption& option = clause.options.front();
  const bool sets = option.name == "--ttl-set" || option.name == "--hl-set";
  const bool adds = option.name == "--ttl-inc" || option.name == "--hl-inc";
  if (!adds && (!sets || parse_u32(option.value()).value_or(0) < kEnough)) return std::nullopt;
  return Verdict::kGoOn;
}

}  // namespace firebreak
