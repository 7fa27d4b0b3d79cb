// Problem: see the pipelines in what people write behind `sh -c`.
// Method: one pass over the characters builds words and, at each operator, ends a command. Nested
// commands ("$(…)", "`…`", "<(…)") are parsed in their turn and stand before the one that holds
// them. Cost: linear; nesting is followed kMostNested levels. Limits: no functions, arrays,
// arithmetic or globs; case patterns read as words. A variable that is not known stays as it is
// written, so that it cannot be taken for a name.
#include "secret/shell.h"

#include <algorithm>
#include <array>
#include <optional>

#include "secret/chars.h"

namespace firebreak {
namespace {

constexpr int kMostNested = 8;
constexpr std::size_t kLongestValue = 4096;  // of an expanded variable
// All that one text may grow by; beyond this variables stay as written ("a=$a$a" doubles each
// time).
constexpr std::size_t kMostExpanded = 262144;

constexpr auto kKeywords =
    std::to_array<std::string_view>({"if", "then", "elif", "else", "fi", "do", "done", "while",
                                     "until", "{", "}", "!", "time", "esac"});

bool is_variable_char(char c) { return is_alnum(c) || c == '_'; }

class Parser {
 public:
  Parser(std::string_view text, const ShellVariables& given, Parser* outer)
      : text_(text),
        given_(given),
        outer_(outer),
        depth_(outer == nullptr ? 0 : outer->depth_ + 1) {}

  std::vector<ShellCommand> run() {
    while (at_ < text_.size()) step();
    end_command(false);
    return std::move(out_);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void step() {
    const char c = peek();
    switch (c) {
      case '\\': escape(); return;
      case '\'': single_quoted(); return;
      case '"': double_quoted(); return;
      case '$': dollar(); return;
      case '`': backquoted(); return;
      case '<':
      case '>': redirect(); return;
      case '|': bar(); return;
      case '&': ampersand(); return;
      case '(':
        end_command(false);
        groups_.push_back(out_.size());
        ++at_;
        return;
      case ')': end_group(); return;
      case ';':
        end_command(false);
        ++at_;
        return;
      case '\n':
        end_command(false);
        ++at_;
        skip_here_documents();
        return;
      case '#':
        if (!in_word_) {
          at_ = std::min(text_.find('\n', at_), text_.size());
          return;
        }
        break;
      default: break;
    }
    if (is_space(c)) {
      end_word();
      ++at_;
    } else {
      append(c);
      ++at_;
    }
  }

  void append(char c) {
    in_word_ = true;
    word_ += c;
  }

  void escape() {
    ++at_;
    if (at_ >= text_.size()) return;
    if (peek() != '\n') append(peek());  // a line that goes on
    ++at_;
  }

  void single_quoted() {
    in_word_ = quoted_ = true;
    const std::size_t end = std::min(text_.find('\'', at_ + 1), text_.size());
    word_ += text_.substr(at_ + 1, end - at_ - 1);
    at_ = std::min(end + 1, text_.size());
  }

  void double_quoted() {
    in_word_ = quoted_ = true;
    ++at_;
    while (at_ < text_.size() && peek() != '"') {
      if (peek() == '\\' && std::string_view("\"\\$`\n").find(peek(1)) != std::string_view::npos &&
          at_ + 1 < text_.size()) {
        if (peek(1) != '\n') word_ += peek(1);
        at_ += 2;
      } else if (peek() == '$') {
        dollar();
      } else if (peek() == '`') {
        backquoted();
      } else {
        word_ += peek();
        ++at_;
      }
    }
    ++at_;
  }

  // The end of "(…)" that begins at `open`, as far as nesting and quotes tell.
  [[nodiscard]] std::size_t matching(std::size_t open) const {
    int depth = 0;
    char quote = '\0';
    for (std::size_t i = open; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quote != '\0') {
        if (c == quote) quote = '\0';
      } else if (c == '\'' || c == '"') {
        quote = c;
      } else if (c == '(') {
        ++depth;
      } else if (c == ')' && --depth == 0) {
        return i;
      }
    }
    return text_.size();
  }

  void nested(std::string_view text, bool pipes) {
    if (depth_ >= kMostNested) return;
    auto commands = Parser(text, given_, this).run();
    if (pipes && !commands.empty()) commands.back().pipes = true;
    std::ranges::move(commands, std::back_inserter(before_));
  }

  void dollar() {
    if (peek(1) == '(') {
      const std::size_t end = matching(at_ + 1);
      nested(text_.substr(at_ + 2, end - std::min(end, at_ + 2)), false);
      in_word_ = true;
      word_ += "$()";  // what the command says is not known
      at_ = std::min(end + 1, text_.size());
      return;
    }
    const std::size_t from = at_ + 1;
    if (peek(1) == '{') {
      const std::size_t end = std::min(text_.find('}', from), text_.size());
      braced(text_.substr(from + 1, end - std::min(end, from + 1)));
      at_ = std::min(end + 1, text_.size());
      return;
    }
    std::size_t end = from;
    while (end < text_.size() && is_variable_char(text_[end])) ++end;
    if (end == from) return append(text_[at_++]);
    expand(text_.substr(from, end - from), std::nullopt);
    at_ = end;
  }

  // "NAME", "NAME:-default", "NAME-default", "NAME:?message"
  void braced(std::string_view inner) {
    std::size_t end = 0;
    while (end < inner.size() && is_variable_char(inner[end])) ++end;
    std::string_view rest = inner.substr(end);
    std::optional<std::string_view> fallback;
    if (rest.starts_with(':')) rest.remove_prefix(1);
    if (rest.starts_with('-') || rest.starts_with('=')) fallback = rest.substr(1);
    expand(inner.substr(0, end), fallback);
  }

  // What a variable holds: set by this text, by the text around it, or given.
  [[nodiscard]] const std::string* find(std::string_view name) const {
    for (const Parser* parser = this; parser != nullptr; parser = parser->outer_) {
      const auto found = parser->set_.find(name);
      if (found != parser->set_.end()) return &found->second;
    }
    const auto found = given_.find(name);
    return found == given_.end() ? nullptr : &found->second;
  }

  bool afford(std::size_t size) {
    Parser* root = this;
    while (root->outer_ != nullptr) root = root->outer_;
    root->expanded_ += size;
    return root->expanded_ <= kMostExpanded;
  }

  void expand(std::string_view name, std::optional<std::string_view> fallback) {
    in_word_ = true;
    const std::string* found = find(name);
    if (found != nullptr && (!found->empty() || !fallback) && afford(found->size())) {
      word_ += *found;
    } else if (fallback) {
      word_ += *fallback;
    } else {
      word_ += "${" + std::string(name) + "}";
    }
  }

  void backquoted() {
    const std::size_t end = std::min(text_.find('`', at_ + 1), text_.size());
    nested(text_.substr(at_ + 1, end - std::min(end, at_ + 1)), false);
    in_word_ = true;
    word_ += "$()";
    at_ = std::min(end + 1, text_.size());
  }

  void redirect() {
    const char c = peek();
    if (peek(1) == '(') {  // <(command), >(command)
      const std::size_t end = matching(at_ + 1);
      nested(text_.substr(at_ + 2, end - std::min(end, at_ + 2)), c == '<');
      append('-');
      at_ = std::min(end + 1, text_.size());
      return;
    }
    // "2>": the digits are no word.
    const bool numbered = in_word_ && !quoted_ && all_of(word_, is_digit);
    const bool errors = numbered && word_ != "1" && word_ != "0";
    if (numbered) {
      word_.clear();
      in_word_ = false;
    }
    end_word();
    std::size_t count = 0;
    while (peek() == c) {
      ++count;
      ++at_;
    }
    if (c == '<' && count == 2) return here_document();
    if (peek() == '|') ++at_;  // >|
    if (peek() == '&') {       // >&2
      ++at_;
      target_ = Target::kNothing;
      return;
    }
    target_ = errors || count == 3 ? Target::kNothing : c == '<' ? Target::kRead : Target::kWrite;
  }

  void here_document() {
    if (peek() == '-') ++at_;
    while (peek() == ' ') ++at_;
    std::string mark;
    while (at_ < text_.size() && !is_space(peek()) &&
           std::string_view(";|&<>").find(peek()) == std::string_view::npos) {
      if (peek() != '\'' && peek() != '"' && peek() != '\\') mark += peek();
      ++at_;
    }
    if (!mark.empty()) here_.push_back(mark);
  }

  void skip_here_documents() {
    for (const std::string& mark : here_) {
      while (at_ < text_.size()) {
        const std::size_t end = std::min(text_.find('\n', at_), text_.size());
        std::string_view line = text_.substr(at_, end - at_);
        at_ = std::min(end + 1, text_.size());
        while (line.starts_with('\t')) line.remove_prefix(1);
        if (line == mark) break;
      }
    }
    here_.clear();
  }

  void bar() {
    const bool both = peek(1) == '|';
    end_command(!both);
    at_ += both || peek(1) == '&' ? 2 : 1;
  }

  void ampersand() {
    if (peek(1) == '>') {  // &>file
      at_ += 1;
      return;
    }
    end_command(false);
    at_ += peek(1) == '&' ? 2 : 1;
  }

  void end_group() {
    end_command(false);
    ++at_;
    const std::size_t first = groups_.empty() ? out_.size() : groups_.back();
    if (!groups_.empty()) groups_.pop_back();
    std::size_t next = at_;
    while (next < text_.size() && (text_[next] == ' ' || text_[next] == '\t')) ++next;
    const bool pipes = next < text_.size() && text_[next] == '|' &&
                       (next + 1 >= text_.size() || text_[next + 1] != '|');
    if (!pipes) return;
    for (std::size_t i = first; i < out_.size(); ++i) out_[i].pipes = true;
    at_ = next + 1;
  }

  void end_word() {
    if (!in_word_) return;
    in_word_ = false;
    std::string word = std::move(word_);
    word_.clear();
    const bool quoted = std::exchange(quoted_, false);
    const Target target = std::exchange(target_, Target::kWord);
    if (target == Target::kRead) {
      command_.reads.push_back(std::move(word));
    } else if (target == Target::kWrite) {
      command_.writes.push_back(std::move(word));
    } else if (target == Target::kWord) {
      add_word(std::move(word), quoted);
    }
  }

  void add_word(std::string word, bool quoted) {
    if (command_.words.empty()) {
      if (!quoted && std::ranges::find(kKeywords, word) != kKeywords.end()) return;
      const std::size_t equals = word.find('=');
      if (equals != std::string::npos && equals > 0 && !is_digit(word[0]) &&
          all_of(std::string_view(word).substr(0, equals), is_variable_char)) {
        command_.assignments.emplace_back(word.substr(0, equals), word.substr(equals + 1));
        return;
      }
    }
    command_.words.push_back(std::move(word));
  }

  void set(std::string_view name, std::string_view value) {
    if (value.size() <= kLongestValue) set_[std::string(name)] = std::string(value);
  }

  void end_command(bool pipes) {
    end_word();
    target_ = Target::kWord;
    std::ranges::move(before_, std::back_inserter(out_));
    before_.clear();
    ShellCommand command = std::exchange(command_, {});
    if (!command.words.empty() && (command.words[0] == "export" || command.words[0] == "declare")) {
      for (const std::string& word : command.words) {
        const std::size_t equals = word.find('=');
        if (equals != std::string::npos)
          command.assignments.emplace_back(word.substr(0, equals), word.substr(equals + 1));
      }
      command.words.clear();
    }
    if (command.words.empty()) {
      for (const auto& [name, value] : command.assignments) set(name, value);
    }
    const bool idle =
        command.words.empty() && command.assignments.empty() && command.writes.empty();
    if (idle) {
      // "} | next", "done | next": the pipe is the last command's.
      if (pipes && !out_.empty()) out_.back().pipes = true;
      return;
    }
    command.pipes = pipes;
    out_.push_back(std::move(command));
  }

  enum class Target { kWord, kRead, kWrite, kNothing };

  std::string_view text_;
  const ShellVariables& given_;
  Parser* outer_;
  std::size_t expanded_ = 0;
  int depth_;
  ShellVariables set_;
  std::size_t at_ = 0;
  std::string word_;
  bool in_word_ = false;
  bool quoted_ = false;
  Target target_ = Target::kWord;
  ShellCommand command_;
  std::vector<ShellCommand> before_;  // nested in the command that is being read
  std::vector<std::size_t> groups_;
  std::vector<std::string> here_;
  std::vector<ShellCommand> out_;
};

}  // namespace

std::vector<ShellCommand> parse_shell(std::string_view text, const ShellVariables& variables) {
  return Parser(text, variables, nullptr).run();
}

}  // namespace firebreak
