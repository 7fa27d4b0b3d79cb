#include "rules/nft_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace firebreak {
namespace {

constexpr std::size_t kMostElements = 8;  // of a set that are printed

// An element of a map is a list of two: "80 : drop".
std::string element_text(NftJson element) {
  const auto pair = nft_list(element);
  if (!pair || pair->size() != 2) return nft_expression_text(element);
  return nft_expression_text((*pair)[0]) + " : " + nft_statement_text((*pair)[1]);
}

std::string list_text(NftJson value, std::string_view separator,
                      std::string (*each_text)(NftJson) = nft_expression_text) {
  const auto list = nft_list(value);
  if (!list) return nft_expression_text(value);
  std::vector<std::string> parts;
  for (const NftJson each : *list) {
    if (parts.size() == kMostElements) {
      parts.emplace_back("…");
      break;
    }
    parts.push_back(each_text(each));
  }
  return join(parts, separator);
}

std::string words_text(NftJson of, std::initializer_list<std::string_view> keys) {
  std::string out;
  for (const std::string_view key : keys) {
    const auto word = nft_string(of, key);
    if (!word) continue;
    if (!out.empty()) out += ' ';
    out += *word;
  }
  return out;
}

std::string member_text(NftJson of, std::string_view key) {
  const auto value = nft_member(of, key);
  return value ? nft_expression_text(*value) : "?";
}

bool is_interface(std::string_view key) {
  return key == "iifname" || key == "oifname" || key == "iif" || key == "oif";
}

std::string meta_text(NftJson meta) {
  const std::string_view key = nft_string(meta, "key").value_or("?");
  return is_interface(key) ? std::string(key) : fmt::format("meta {}", key);
}

std::string fib_text(NftJson fib) {
  const auto flags = nft_member(fib, "flags");
  return fmt::format("fib {} {}", flags ? list_text(*flags, " . ") : "?",
                     nft_string(fib, "result").value_or("?"));
}

std::string map_text(NftJson map, std::string_view word) {
  return fmt::format("{} {} {}", member_text(map, "key"), word, member_text(map, "data"));
}

// {"&": [a, b]}.
std::string operation_text(const NftNamed& operation) {
  return list_text(operation.value, fmt::format(" {} ", operation.name));
}

std::string match_text(NftJson match) {
  const std::string_view op = nft_string(match, "op").value_or("==");
  const std::string between = op == "==" || op == "in" ? " " : fmt::format(" {} ", op);
  const auto right = nft_member(match, "right");
  const auto name = right ? nft_string(*right) : std::nullopt;
  const auto left = nft_member(match, "left");
  const auto meta = left ? nft_member(*left, "meta") : std::nullopt;
  const bool quoted = name && !name->starts_with('@') && meta &&
                      is_interface(nft_string(*meta, "key").value_or(""));
  return member_text(match, "left") + between +
         (quoted ? fmt::format("\"{}\"", *name) : member_text(match, "right"));
}

// "dnat to 10.0.0.1:80", "redirect to :8080", "masquerade".
std::string translation_text(const NftNamed& nat) {
  std::string out(nat.name);
  const auto address = nft_member(nat.value, "addr");
  const auto port = nft_member(nat.value, "port");
  if (address || port) out += " to ";
  const std::string to = address ? nft_expression_text(*address) : "";
  const bool brackets = port && nft_string(nat.value, "family") == "ip6";
  out += brackets ? "[" + to + "]" : to;
  if (port) out += ":" + nft_expression_text(*port);
  return out;
}

std::string limit_text(NftJson limit) {
  if (nft_string(limit)) return fmt::format("limit name {}", *nft_string(limit));
  const auto over = nft_member(limit, "inv");
  bool inverted = false;
  if (over && over->get(inverted) != simdjson::SUCCESS) inverted = false;
  return fmt::format("limit rate {}{}/{}", inverted ? "over " : "", member_text(limit, "rate"),
                     nft_string(limit, "per").value_or("?"));
}

bool is_operator(std::string_view name) {
  return name == "&" || name == "|" || name == "^" || name == "<<" || name == ">>";
}

std::string named_text(const NftNamed& named, NftJson whole) {
  const auto& [name, body] = named;
  if (name == "meta") return meta_text(body);
  if (name == "payload" && nft_string(body, "protocol")) {
    return words_text(body, {"protocol", "field"});
  }
  if (name == "ct" && nft_string(body, "key")) return "ct " + words_text(body, {"dir", "key"});
  if (name == "fib") return fib_text(body);
  if (name == "concat") return list_text(body, " . ");
  if (name == "set") return fmt::format("{{ {} }}", list_text(body, ", ", element_text));
  if (name == "range") return list_text(body, "-");
  if (name == "prefix") return member_text(body, "addr") + "/" + member_text(body, "len");
  if (name == "map") return map_text(body, "map");
  if (name == "elem" && nft_member(body, "val")) return member_text(body, "val");
  if (is_operator(name)) return operation_text(named);
  return nft_json_text(whole);
}

}  // namespace

std::string nft_expression_text(NftJson expression) {
  if (const auto text = nft_string(expression)) return std::string(*text);
  if (nft_list(expression)) return list_text(expression, ",");
  const auto named = nft_named(expression);
  return named ? named_text(*named, expression) : nft_json_text(expression);
}

std::string nft_statement_text(NftJson statement) {
  const auto named = nft_named(statement);
  if (!named) return nft_expression_text(statement);
  const auto& [name, body] = *named;
  constexpr auto kBare = std::to_array<std::string_view>(
      {"accept", "drop", "return", "continue", "notrack", "log", "counter", "reject", "queue"});
  if (std::ranges::find(kBare, name) != kBare.end()) return std::string(name);
  if (name == "match") return match_text(body);
  if (name == "jump" || name == "goto")
    return fmt::format("{} {}", name, member_text(body, "target"));
  if (name == "vmap") return map_text(body, "vmap");
  if (name == "dnat" || name == "snat" || name == "masquerade" || name == "redirect") {
    return translation_text(*named);
  }
  if (name == "mangle") return member_text(body, "key") + " set " + member_text(body, "value");
  if (name == "limit") return limit_text(body);
  if (name == "set" && nft_member(body, "elem")) {
    return fmt::format("{} {} {{ {} }}", nft_string(body, "op").value_or("?"),
                       nft_string(body, "set").value_or("?"), member_text(body, "elem"));
  }
  return nft_expression_text(statement);
}

std::string nft_rule_text(std::span<const NftJson> statements) {
  std::string out;
  for (const NftJson statement : statements) {
    if (!out.empty()) out += ' ';
    out += nft_statement_text(statement);
  }
  return out;
}

}  // namespace firebreak
