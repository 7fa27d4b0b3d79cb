// Statements of nft that change a packet: marks, header fields, addresses and ports.
#include <algorithm>

#include "rules/nft_values.h"
#include "rules/nft_writer.h"

namespace firebreak {
namespace {

using From = NftMarkChange::From;

bool is_mark_of(NftJson expression, std::string_view of) {
  const auto body = nft_member(expression, of);
  return body && nft_string(*body, "key") == "mark" && !nft_member(*body, "dir");
}

// One step, by a constant.
bool apply_mask(std::string_view op, std::uint32_t constant, NftMarkChange& change) {
  if (op == "&") {
    change.kept &= constant;
    change.flipped &= constant;
  } else if (op == "|") {
    change.kept &= ~constant;
    change.flipped |= constant;
  } else if (op == "^") {
    change.flipped ^= constant;
  } else {
    return false;
  }
  return true;
}

bool is_picking_flag(std::string_view flag) {
  return flag == "random" || flag == "fully-random" || flag == "persistent";
}

// Header fields whose change decides nothing.
bool is_cosmetic(std::string_view field) {
  return field == "dscp" || field == "ecn" || field == "flowlabel";
}

// A packet that keeps hops enough for any estate goes on.
bool keeps_hops(std::string_view field, NftJson value) {
  constexpr std::uint32_t kEnough = 16;
  return (field == "ttl" || field == "hoplimit") && nft_number(value).value_or(0) >= kEnough;
}

bool is_known_nat(std::string_view name) {
  return name == "dnat" || name == "snat" || name == "masquerade" || name == "redirect";
}

}  // namespace

// (x & kept) ^ flipped, through each operator from the inside out.
std::optional<NftMarkChange> nft_mark_change(NftJson expression) {
  constexpr std::uint32_t kAll = 0xFFFFFFFF;
  if (const auto number = nft_number(expression)) return NftMarkChange{From::kNothing, 0, *number};
  if (is_mark_of(expression, "meta")) return NftMarkChange{From::kPacket, kAll, 0};
  if (is_mark_of(expression, "ct")) return NftMarkChange{From::kConnection, kAll, 0};
  const auto named = nft_named(expression);
  const auto operands = named ? nft_list(named->value) : std::nullopt;
  if (!operands || operands->empty()) return std::nullopt;
  auto out = nft_mark_change(operands->front());
  for (const NftJson operand : std::span(*operands).subspan(1)) {
    const auto constant = nft_number(operand);
    if (!out || !constant || !apply_mask(named->name, *constant, *out)) return std::nullopt;
  }
  return operands->size() > 1 ? out : std::nullopt;
}

void NftRuleWriter::mangle(NftJson body) {
  const auto key = nft_member(body, "key");
  const auto value = nft_member(body, "value");
  const auto named = key ? nft_named(*key) : std::nullopt;
  if (!named || !value) return lost();
  const std::string_view what = nft_string(named->value, "key").value_or("");
  if (named->name == "meta" && what == "mark") return set_mark(false, *value);
  if (named->name == "ct" && what == "mark") return set_mark(true, *value);
  if (named->name == "meta" && (what == "priority" || what == "nftrace")) return;
  if (named->name == "ct" && (what == "event" || what == "label")) return;
  if (named->name == "tcp option") {
    return require_not_understood(nft_json_text(rule_.statements[at_]));
  }
  if (named->name != "payload") return lost();
  if (!require_keys(nft_keys(*key, context_.family()))) return;
  const std::string_view field = nft_string(named->value, "field").value_or("");
  if (!is_cosmetic(field) && !keeps_hops(field, *value)) lost();
}

void NftRuleWriter::set_mark(bool connection, NftJson value) {
  if (const auto map = nft_member(value, "map")) return mark_from_map(connection, *map);
  const auto made = nft_mark_change(value);
  if (!made) return lost();
  // Without a connection the kernel finds no mark of it, and is done with the rule.
  if (made->from == From::kConnection) require(NftWays{{nft_has_connection()}}, "");
  const From own = connection ? From::kConnection : From::kPacket;
  const SetMark set{.connection = connection, .value = made->flipped, .mask = ~made->kept};
  if (made->from == From::kNothing || made->from == own) return change(set);
  const bool more = set.mask != 0 || set.value != 0;
  change(CopyMark{.to_connection = connection, .mask = 0xFFFFFFFF}, more);
  if (!done_ && more) emit(set, ways_);
}

// `meta mark set ip saddr map { 10.0.0.1 : 5 }`.
void NftRuleWriter::mark_from_map(bool connection, NftJson map) {
  const auto key = nft_member(map, "key");
  const auto data = nft_member(map, "data");
  const auto elements = data ? nft_map_elements(context_, table_, *data) : std::nullopt;
  if (!key || !elements) return lost();
  const std::vector<NftKey> keys = nft_keys(*key, context_.family());
  if (!require_keys(keys)) return;
  const bool changing = std::ranges::any_of(keys, [](const NftKey& one) {
    return one.kind == NftKey::Kind::kMark || one.kind == NftKey::Kind::kUnknown;
  });
  if (changing) return lost();
  const bool last = at_ + 1 == rule_.statements.size();
  if (!last && asks_for_what_changes(ways_, SetMark{.connection = connection})) {
    if (called_from_) return lost();
    into_own_chain();
  }
  NftWays found;
  for (const NftElement& element : *elements) {
    const auto number = nft_number(element.value);
    const NftWays ways = ways_of_element(keys, element, *elements);
    if (number) {
      emit(SetMark{.connection = connection, .value = *number}, ways);
    } else {
      emit(NotUnderstood{nft_json_text(element.value)}, ways);
    }
    found.insert(found.end(), ways.begin(), ways.end());
  }
  ways_ = std::move(found);
}

// ---- addresses and ports ----

bool NftRuleWriter::nat(const NftNamed& statement) {
  if (!is_known_nat(statement.name)) return false;
  translate(statement.name, statement.value);
  return true;
}

void NftRuleWriter::translate(std::string_view name, NftJson body) {
  // `dnat ip to` does nothing to other packets.
  const auto family = nft_string(body, "family");
  const bool v6 = context_.family() == Family::kV6;
  if (family && *family != (v6 ? "ip6" : "ip") && *family != "inet") return stop();
  const auto flags = nft_words(nft_member(body, "flags"));
  const auto types = nft_words(nft_member(body, "type_flags"));
  if (!flags || !std::ranges::all_of(*flags, is_picking_flag)) return lost();
  if (!types || std::ranges::find(*types, "prefix") != types->end()) return lost();
  const auto to = nft_member(body, "addr");
  const auto ports = nft_member(body, "port");
  const auto address_map = to ? nft_member(*to, "map") : std::nullopt;
  const auto port_map = ports ? nft_member(*ports, "map") : std::nullopt;
  if (address_map && port_map) return lost();
  if (address_map) return translate_by_map(name, body, *address_map, false);
  if (port_map) return translate_by_map(name, body, *port_map, true);
  const auto action = nft_translation(name, to, ports, context_.family());
  if (!action) return lost();
  end_with(*action);
}

// `dnat to tcp dport map { 80 : 10.0.0.1 . 8080 }`: one rule an element; what is in none of them
// goes on with the next rule.
void NftRuleWriter::translate_by_map(std::string_view name, NftJson body, NftJson map,
                                     bool is_port) {
  const auto key = nft_member(map, "key");
  const auto data = nft_member(map, "data");
  const auto elements = data ? nft_map_elements(context_, table_, *data) : std::nullopt;
  if (!key || !elements) return lost();
  const std::vector<NftKey> keys = nft_keys(*key, context_.family());
  if (!require_keys(keys)) return;
  for (const NftElement& element : *elements) {
    std::optional<NftJson> to = is_port ? nft_member(body, "addr") : element.value;
    std::optional<NftJson> ports = is_port ? element.value : nft_member(body, "port");
    const auto concat = nft_member(element.value, "concat");
    const auto both = concat ? nft_list(*concat) : std::nullopt;
    if (both && both->size() == 2 && !ports) {
      to = (*both)[0];
      ports = (*both)[1];
    }
    const auto action = nft_translation(name, to, ports, context_.family());
    emit(action.value_or(NotUnderstood{nft_json_text(rule_.statements[at_])}),
         ways_of_element(keys, element, *elements));
  }
  stop();
}

std::optional<Action> nft_translation(std::string_view name, std::optional<NftJson> to,
                                      std::optional<NftJson> ports, Family family) {
  const auto range = to ? nft_address(*to, family) : std::nullopt;
  const auto port_range = ports ? nft_port(*ports) : std::nullopt;
  if ((to && !range) || (ports && !port_range)) return std::nullopt;
  if (name == "redirect" || name == "masquerade") {
    if (to) return std::nullopt;
    if (name == "redirect") return Dnat{.redirect = true, .to = {}, .ports = port_range};
    return Snat{.masquerade = true, .to = {}, .ports = port_range};
  }
  if (!to && !ports) return std::nullopt;
  if (name == "dnat") return Dnat{.redirect = false, .to = range, .ports = port_range};
  return Snat{.masquerade = false, .to = range, .ports = port_range};
}

}  // namespace firebreak
