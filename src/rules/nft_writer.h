// One rule of nft as rules of a program.
//
// A rule of nft is a list of statements, each of which may end it, change the packet or say what
// becomes of it. Here each change and each verdict becomes a rule of its own with all the
// conditions before it. Where a change would change the answer to those conditions, what follows
// moves to a chain of its own, to which one rule jumps.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/nft_context.h"

namespace firebreak {

class NftRuleWriter {
 public:
  // Appends to the chain `out`. `errors` gets what nft cannot have printed.
  NftRuleWriter(NftContext& context, std::size_t table, ChainId out, const NftRule& rule,
                std::vector<std::string>& errors)
      : context_(context), table_(table), out_(out), rule_(rule), errors_(errors) {}

  void write();

 private:
  void statement(const NftNamed& statement);
  bool verdict(const NftNamed& statement);
  bool nat(const NftNamed& statement);
  void match(NftJson body);
  bool bound(const NftNamed& statement);
  void reject(NftJson body);
  void vmap(NftJson body);
  void mangle(NftJson body);
  void set_mark(bool connection, NftJson value);
  void mark_from_map(bool connection, NftJson map);
  void translate(std::string_view name, NftJson body);
  void translate_by_map(std::string_view name, NftJson body, NftJson map, bool is_port);
  void touch_set(NftJson body);

  // The ways to come this far, and one more thing that must hold; nullopt: that is not understood.
  void require(std::optional<NftWays> ways, std::string_view text);
  void require_not_understood(std::string_view text);
  // What the keys need. false: packets of this family do not come further.
  bool require_keys(std::span<const NftKey> keys);
  void stop() { done_ = true; }

  // What becomes of the packets that come this far. `text` is what is printed in the place of the
  // statement and all that follow it; empty: these.
  void end_with(const Action& action, std::string_view text = "");
  void emit(const Action& action, const NftWays& ways, std::string_view text = "");
  void leave(const Action& action);  // by `return` or `goto`
  void change(const Action& action, bool more_follows = false);
  void lost();  // anything may become of the packet
  void into_own_chain();

  std::optional<Action> verdict_action(NftJson verdict);
  [[nodiscard]] bool asks_for_what_changes(const NftWays& ways, const Action& change) const;
  [[nodiscard]] std::string text_here(std::string_view instead);

  struct Case {
    NftWays ways;
    Action action;
    std::string text;
  };
  std::vector<Case> cases_of(std::span<const NftKey> keys, std::span<const NftElement> elements,
                             NftWays& continued);
  void write_cases(std::vector<Case> cases, std::span<const NftKey> keys);
  NftWays ways_of_element(std::span<const NftKey> keys, const NftElement& element,
                          std::span<const NftElement> all);

  NftContext& context_;
  std::size_t table_;
  ChainId out_;
  const NftRule& rule_;
  std::vector<std::string>& errors_;
  NftWays ways_ = {{}};
  std::size_t at_ = 0;  // the statement
  std::string before_;  // the text of the statements before number before_at_
  std::size_t before_at_ = 0;
  bool done_ = false;
  // The rules that jump into a chain of this rule's own, if it has one.
  std::optional<ChainId> called_from_;
  std::size_t first_call_ = 0;
};

// What `dnat`, `snat`, `masquerade` or `redirect` do; nullopt: not understood. `to` and `ports` are
// the values of "addr" and "port".
[[nodiscard]] std::optional<Action> nft_translation(std::string_view name,
                                                    std::optional<NftJson> to,
                                                    std::optional<NftJson> ports, Family family);

// What {"|": [{"&": [{"meta": {"key": "mark"}}, 255]}, 5]} makes of a mark.
struct NftMarkChange {
  enum class From : std::uint8_t { kNothing, kPacket, kConnection };
  From from = From::kNothing;
  std::uint32_t kept = 0;  // the new mark is (old & kept) ^ flipped
  std::uint32_t flipped = 0;
};
[[nodiscard]] std::optional<NftMarkChange> nft_mark_change(NftJson expression);

}  // namespace firebreak
