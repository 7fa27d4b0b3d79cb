// Problem: find secrets in any text, without being told its form, in one pass.
// Method: walk word by word. A word is a run of characters of names and credentials; each is looked
// at once: is it a URL, a name with a value behind it, a credential by its form, random? Names are
// judged by names.h, so that text, environments and connection strings agree.
// Cost: linear in the text; a word's look costs its own length.
#include "secret/free_text.h"

#include <algorithm>

#include "base/text.h"
#include "secret/canonical.h"
#include "secret/chars.h"
#include "secret/host.h"
#include "secret/names.h"
#include "secret/pem.h"
#include "secret/providers.h"
#include "secret/strength.h"

namespace firebreak {
namespace {

constexpr std::string_view kPem = "-----BEGIN";

bool is_word_char(char c) {
  return is_alnum(c) || std::string_view("_-+/=.~$%").find(c) != std::string_view::npos;
}
bool is_name_char(char c) { return is_alnum(c) || c == '_' || c == '-' || c == '.'; }
bool ends_value(char c) {
  return is_space(c) || std::string_view(",;&\"'`)}]>|").find(c) != std::string_view::npos;
}
bool ends_url(char c) {
  return is_space(c) || std::string_view("\"'`<>|").find(c) != std::string_view::npos;
}
class Walk {
 public:
  Walk(std::string_view text, bool random) : text_(text), random_(random) {}

  std::vector<SecretSpan> run() {
    while (at_ < text_.size()) {
      if (text_[at_] == '-' && text_.substr(at_).starts_with(kPem)) {
        pem();
      } else if (is_word_char(text_[at_]) || text_[at_] == '@') {
        word();
      } else {
        ++at_;
      }
    }
    return std::move(spans_);
  }

 private:
  void add(std::size_t begin, std::size_t size, SecretKind kind, bool encoded = false) {
    if (size > 0) spans_.push_back({begin, size, kind, encoded});
  }

  // A private key is secret to its end; of everything else the base64 is left out, which is not as
  // random as it looks.
  void pem() {
    const std::string_view rest = text_.substr(at_);
    if (rest.substr(0, 48).find("PRIVATE KEY") != std::string_view::npos) {
      const std::size_t size = pem_block_size(rest);
      add(at_, size, SecretKind::kPrivateKey);
      at_ += size;
      return;
    }
    at_ += kPem.size();
    while (at_ < text_.size() && (is_upper(text_[at_]) || text_[at_] == ' ')) ++at_;
    while (at_ < text_.size() && text_[at_] == '-') ++at_;
    std::size_t end = at_;
    for (; end < text_.size(); ++end) {
      const char c = text_[end];
      if (is_space(c) || c == '\\') {
        at_ = end + 1;
      } else if (!is_alnum(c) && c != '+' && c != '/' && !pads(end)) {
        return;  // the last word is of something else
      }
    }
    at_ = end;
  }

  // "=" and "==" end a line.
  [[nodiscard]] bool pads(std::size_t at) const {
    if (text_[at] != '=' || at + 1 >= text_.size()) return text_[at] == '=';
    const char next = text_[at + 1];
    return next == '=' || next == '\\' || next == '-' || is_space(next);
  }

  void word() {
    std::size_t name_end = at_;
    while (name_end < text_.size() && is_name_char(text_[name_end])) ++name_end;
    if (text_.substr(name_end).starts_with("://")) return url(name_end + 3);
    if (name_end > at_ && named_value(text_.substr(at_, name_end - at_), name_end)) return;
    // "NAME=…" with a harmless name: only the name is done.
    if (name_end > at_ && text_.substr(name_end).starts_with('=') &&
        !looks_random(text_.substr(at_, name_end - at_))) {
      at_ = name_end + 1;
      return;
    }
    std::size_t end = at_;
    while (end < text_.size() && is_word_char(text_[end])) ++end;
    end = std::max(end, at_ + 1);
    credential(end);
    // "postgresql+psycopg2://…", "to/postgres://…": a scheme at the end of a longer word.
    if (text_.substr(at_).starts_with("://")) url(at_ + 3);
  }

  // A credential by its form, or a random word. It ends at `end`.
  void credential(std::size_t end) {
    const std::string_view whole = text_.substr(at_, end - at_);
    if (is_digest(whole)) {
      at_ = end;
      return;
    }
    if (const auto match = provider_at(text_.substr(at_))) {
      const std::size_t size = std::max(match->size, whole.size());
      add(at_, size, match->kind);
      at_ += size;
      return;
    }
    // Credentials may stand inside ("/services/T0/B0/TOKEN", "Bearer:TOKEN").
    std::size_t from = at_;
    bool any = false;
    while (from < end) {
      std::size_t stop = from;
      while (stop < end && text_[stop] != '/' && text_[stop] != '=' && text_[stop] != ':') ++stop;
      const std::string_view part = text_.substr(from, stop - from);
      if (const auto match = provider_at(part); match || (random_ && looks_random(part))) {
        add(from, part.size(), match ? match->kind : SecretKind::kToken);
        any = true;
      }
      from = stop + 1;
    }
    // Base64 may hold "/" and end in "=".
    if (!any && random_ && looks_random(whole)) add(at_, whole.size(), SecretKind::kToken);
    at_ = end;
  }

  // "https://user:password@host/path?token=x": the userinfo here; the rest is walked on.
  void url(std::size_t from) {
    at_ = from;
    if (from < no_userinfo_until_) return;
    std::size_t end = from;
    while (end < text_.size() && !ends_url(text_[end]) && text_[end] != '?') ++end;
    const std::string_view rest = text_.substr(from, end - from);
    const std::size_t at = rest.rfind('@');
    if (at == std::string_view::npos) {
      no_userinfo_until_ = end;
      return;
    }
    const std::size_t colon = rest.find(':');
    if (colon < at) {
      add(from + colon + 1, at - colon - 1, SecretKind::kPassword, true);
    } else if (at > 20 || !is_plain_name(rest.substr(0, at))) {
      add(from, at, SecretKind::kToken, true);
    }
    at_ = from + at + 1;
  }

  // "NAME=value", "NAME: value", "--NAME value" where NAME is a secret's. Says whether it was one.
  bool named_value(std::string_view name, std::size_t name_end) {
    const bool option = name.starts_with("--") && name.size() > 2;
    std::size_t at = name_end;
    // JSON and others quote the name.
    if (at < text_.size() && (text_[at] == '"' || text_[at] == '\'')) ++at;
    while (at < text_.size() && text_[at] == ' ') ++at;
    const bool assigned = at < text_.size() && (text_[at] == '=' || text_[at] == ':');
    const bool spaced = option && at > name_end && at < text_.size() && text_[at] != '-';
    if (!assigned && !spaced) return false;
    if (class_of_name(name) != NameClass::kSecret) return false;
    if (assigned) ++at;
    while (at < text_.size() && (text_[at] == ' ' || text_[at] == '=')) ++at;
    value(name, at);
    return true;
  }

  void value(std::string_view name, std::size_t from) {
    for (const std::string_view scheme : {"Bearer ", "Basic ", "Token ", "bearer ", "basic "}) {
      if (text_.substr(from).starts_with(scheme)) from += scheme.size();
    }
    const char quote = from < text_.size() ? text_[from] : '\0';
    const bool quoted = quote == '"' || quote == '\'';
    if (quoted) ++from;
    at_ = from;
    if (starts_with_url(text_.substr(from))) return;  // the walk goes into it
    std::size_t end = from;
    if (quoted) {
      while (end < text_.size() && text_[end] != quote && text_[end] != '\n')
        end += text_[end] == '\\' ? 2 : 1;
      end = std::min(end, text_.size());
    } else {
      while (end < text_.size() && !ends_value(text_[end])) ++end;
    }
    const std::string_view plain = text_.substr(from, end - from);
    if (can_be_secret(plain)) {
      at_ = std::max(end, from);
      add(from, end - from, names_password(name) ? SecretKind::kPassword : SecretKind::kToken);
    } else if (plain.find("://") == std::string_view::npos) {
      at_ = std::max(end, from);
    }
  }

  // "postgres://…", also behind "vault:" and the like.
  static bool starts_with_url(std::string_view text) {
    text = text.substr(0, 40);
    const std::size_t scheme = text.find("://");
    return scheme != std::string_view::npos &&
           std::ranges::none_of(text.substr(0, scheme), ends_value);
  }

  // "sha256:…", "sha512-…"
  static bool is_digest(std::string_view word) {
    return word.size() > 40 && word.starts_with("sha") && is_digit(word[3]);
  }

  std::string_view text_;
  bool random_;
  std::size_t at_ = 0;
  std::size_t no_userinfo_until_ = 0;  // no "@" before it ends a userinfo
  std::vector<SecretSpan> spans_;
};

}  // namespace

std::vector<SecretSpan> find_secret_spans(std::string_view text, bool random) {
  return Walk(text, random).run();
}

}  // namespace firebreak
