#include "rules/ipset.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "rules/ipset_element.h"
#include "rules/save_words.h"

namespace firebreak {
namespace {

class SetsParser {
 public:
  SetsParser(std::string_view text, const std::string& where, Program& program)
      : text_(text), where_(where), program_(program) {}

  std::vector<Diagnostic> parse() {
    int number = 0;
    while (const auto line = next_line(text_, number, Escapes::kNo)) {
      line_ = *line;
      words_ = words_of(line_.text, Escapes::kNo);
      if (!line_.closed) {
        error("a quote is opened and not closed");
      } else if (words_.size() >= 3 && words_[0].is("create")) {
        create();
      } else if (words_.size() >= 3 && words_[0].is("add")) {
        add();
      } else if (!words_.empty()) {
        error("not a line of ipset save");
      }
    }
    resolve_lists();
    return std::move(diagnostics_);
  }

 private:
  struct Known {
    AddressSetId id;
    IpsetType type;
    std::vector<std::string> members;  // of a list of sets
  };

  void error(std::string message) {
    diagnostics_.push_back({.level = Diagnostic::Level::kError,
                            .file = where_,
                            .line = line_.number,
                            .column = 1,
                            .length = static_cast<int>(std::max<std::size_t>(line_.text.size(), 1)),
                            .message = std::move(message),
                            .hint = {}});
  }

  void create() {
    const std::string& name = words_[1].text;
    const AddressSetId id(program_.sets.size());
    Known known{.id = id, .type = parse_ipset_type(words_), .members = {}};
    program_.sets.push_back({.name = name, .elements = {}, .understood = known.type.understood});
    if (!sets_.emplace(name, std::move(known)).second) {
      error(fmt::format("set '{}' was created before", name));
    }
  }

  void add() {
    const auto found = sets_.find(words_[1].text);
    if (found == sets_.end()) {
      return error(fmt::format("set '{}' was not created", words_[1].text));
    }
    Known& known = found->second;
    AddressSet& set = program_.sets[known.id.index()];
    if (known.type.is_list) {
      known.members.push_back(words_[2].text);
      return;
    }
    if (!known.type.understood) return;
    auto read = parse_ipset_element(words_, known.type);
    if (!read) return error(fmt::format("not an element of a set of type {}", known.type.name));
    if (read->empty()) set.understood = false;
    std::ranges::move(*read, std::back_inserter(set.elements));
  }

  void resolve_lists() {
    for (const auto& [name, known] : sets_) {
      AddressSet& list = program_.sets[known.id.index()];
      for (const std::string& member : known.members) {
        const auto found = sets_.find(member);
        if (found == sets_.end() || found->second.type.is_list) {
          list.understood = false;
          continue;
        }
        const AddressSet& set = program_.sets[found->second.id.index()];
        list.understood = list.understood && set.understood;
        list.elements.insert(list.elements.end(), set.elements.begin(), set.elements.end());
      }
    }
  }

  std::string_view text_;
  const std::string& where_;
  Program& program_;
  SaveLine line_;
  std::vector<SaveWord> words_;
  std::map<std::string, Known> sets_;
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace

std::vector<Diagnostic> parse_ipset_save(std::string_view text, const std::string& where,
                                         Program& into) {
  Program program = into;
  std::vector<Diagnostic> diagnostics = SetsParser(text, where, program).parse();
  if (diagnostics.empty()) into = std::move(program);
  return diagnostics;
}

}  // namespace firebreak
