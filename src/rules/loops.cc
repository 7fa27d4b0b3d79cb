// Depth-first search with three colours, on a stack of its own: chains may be nested as deeply as
// the input likes.
#include "rules/loops.h"

namespace firebreak {
namespace {

enum class Colour : std::uint8_t { kUnseen, kOpen, kDone };

class Search {
 public:
  explicit Search(const Program& program)
      : program_(program), colours_(program.chains.size(), Colour::kUnseen) {}

  std::optional<Loop> from(ChainId start) {
    if (colours_[start.index()] != Colour::kUnseen) return std::nullopt;
    open(start);
    while (!path_.empty()) {
      Loop& here = path_.back();
      const std::vector<Rule>& rules = program_.chains[here.chain.index()].rules;
      if (here.rule == rules.size()) {
        colours_[here.chain.index()] = Colour::kDone;
        path_.pop_back();
        continue;
      }
      const auto* const jump = std::get_if<Jump>(&rules[here.rule].action);
      if (jump != nullptr && colours_[jump->chain.index()] == Colour::kOpen) return here;
      ++here.rule;
      if (jump != nullptr && colours_[jump->chain.index()] == Colour::kUnseen) open(jump->chain);
    }
    return std::nullopt;
  }

 private:
  void open(ChainId chain) {
    colours_[chain.index()] = Colour::kOpen;
    path_.push_back({chain, 0});
  }

  const Program& program_;
  std::vector<Colour> colours_;
  std::vector<Loop> path_;
};

}  // namespace

std::optional<Loop> find_loop(const Program& program, std::size_t first_chain) {
  Search search(program);
  for (std::size_t i = first_chain; i < program.chains.size(); ++i) {
    if (const auto loop = search.from(ChainId(i))) return loop;
  }
  return std::nullopt;
}

}  // namespace firebreak
