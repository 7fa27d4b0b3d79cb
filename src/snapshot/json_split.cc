// Problem: a DOM of a large snapshot costs several times the document's size in memory, and
// touching fresh memory costs more time than parsing. Method: one scan that knows strings and
// brackets and nothing else finds where containers begin and end. It need not judge the text: a
// wrong cut leaves texts that are no JSON, which the parser says. Cost: linear; strings are skipped
// with memchr. Most containers are not scanned at all when guessing (a fifth of the time): as the
// writer puts them, they begin with their ids, and the next one begins where the last one ends. A
// guess that is wrong cuts a container short, and a part of an object is no JSON.
#include "snapshot/json_split.h"

namespace firebreak::json {
namespace {

// Depths at which the lists stand: the document, "hosts", a host, "containers", a container.
constexpr std::size_t kDocument = 1;
constexpr std::size_t kHosts = 2;
constexpr std::size_t kHost = 3;
constexpr std::size_t kContainers = 4;

constexpr std::string_view kStart = R"({"id":")";  // of a container, as the writer puts it

class Splitter {
 public:
  Splitter(std::string_view text, bool guess) : text_(text), guess_(guess) {}

  std::optional<Split> run() {
    while (at_ < text_.size()) {
      const char c = text_[at_];
      if (c == '"') {
        if (!string()) return std::nullopt;
        continue;
      }
      if (c == '{' || c == '[') {
        open(c);
      } else if (c == '}' || c == ']') {
        close();
      } else if (in_containers_ && depth_ == kContainers) {
        bad_ = c != ',' && c != ' ' && c != '\n' && c != '\t' && c != '\r';
      }
      if (bad_) return std::nullopt;
      ++at_;
    }
    if (out_.containers.empty() || depth_ != 0) return std::nullopt;
    out_.outline += text_.substr(copied_);
    return std::move(out_);
  }

 private:
  // Skips a string; remembers it where it could be a key that matters.
  bool string() {
    const std::size_t from = at_ + 1;
    std::size_t end = text_.find('"', from);
    while (end != std::string_view::npos && escaped(from, end)) end = text_.find('"', end + 1);
    if (end == std::string_view::npos) return false;
    if (depth_ == kDocument || (in_hosts_ && depth_ == kHost))
      key_ = text_.substr(from, end - from);
    if (depth_ == kContainers && in_containers_) bad_ = true;
    at_ = end + 1;
    return !bad_;
  }

  // Whether an odd number of backslashes stands before `end`.
  bool escaped(std::size_t from, std::size_t end) const {
    std::size_t count = 0;
    while (end - count > from && text_[end - count - 1] == '\\') ++count;
    return count % 2 != 0;
  }

  void open(char c) {
    if (c == '[' && depth_ == kDocument && key_ == "hosts") in_hosts_ = true;
    if (c == '[' && depth_ == kHost && in_hosts_ && key_ == "containers") in_containers_ = true;
    if (depth_ == kContainers && in_containers_) {
      bad_ = bad_ || c != '{';
      begin_ = at_;
    }
    key_ = {};
    ++depth_;
    if (guess_ && depth_ == kContainers + 1 && in_containers_) skip_container();
  }

  // To the end of the container that has begun, if the next one follows it.
  void skip_container() {
    if (next_ <= begin_) next_ = text_.find(kStart, begin_ + 2);
    if (next_ == std::string_view::npos || text_.substr(next_ - 2, 2) != "},") return;
    at_ = next_ - 2;
    close();
  }

  void close() {
    if (depth_ == 0) {
      bad_ = true;
      return;
    }
    --depth_;
    if (depth_ == kContainers && in_containers_) {
      out_.containers.push_back(text_.substr(begin_, at_ + 1 - begin_));
      out_.outline += text_.substr(copied_, begin_ - copied_);
      out_.outline += "null";
      copied_ = at_ + 1;
    }
    if (depth_ == kHost) in_containers_ = false;
    if (depth_ == kDocument) in_hosts_ = false;
  }

  std::string_view text_;
  bool guess_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  std::string_view key_;
  bool in_hosts_ = false;
  bool in_containers_ = false;
  bool bad_ = false;
  std::size_t begin_ = 0;   // of the container that is open
  std::size_t copied_ = 0;  // up to where the outline has the document
  std::size_t next_ = 0;    // where kStart stands next
  Split out_;
};

}  // namespace

std::optional<Split> split_containers(std::string_view document, bool guess) {
  return Splitter(document, guess).run();
}

}  // namespace firebreak::json
