#include <algorithm>
#include <array>

#include "kernel/filter_text.h"
#include "kernel/words.h"

namespace firebreak {
namespace {

using Words = std::vector<std::string_view>;

constexpr std::string_view kHidden = "\"***\"";
// Options whose value is free text and decides nothing that we could decide.
constexpr std::array<std::string_view, 6> kFreeText = {"--log-prefix",  "--nflog-prefix",
                                                       "--ulog-prefix", "--string",
                                                       "--hex-string",  "--led-trigger-id"};

std::unexpected<Error> not_understood() {
  return fail(ErrorKind::kBadData, "its output is cut short or of an unknown form");
}

void add_line(std::string& text, const Words& words) {
  for (const std::string_view& word : words) {
    if (&word != words.data()) text += ' ';
    text += word;
  }
  text += '\n';
}

// "-A CHAIN …" without its comments and free texts.
Words clean_rule(const Words& rule) {
  Words out;
  for (std::size_t i = 0; i < rule.size(); ++i) {
    const bool has_value = i + 1 < rule.size();
    const bool comment =
        rule[i] == "--comment" || (rule[i] == "-m" && has_value && rule[i + 1] == "comment");
    if (comment && has_value) {
      ++i;
    } else if (has_value && std::ranges::find(kFreeText, rule[i]) != kFreeText.end()) {
      out.push_back(rule[i++]);
      out.push_back(kHidden);
    } else {
      out.push_back(rule[i]);
    }
  }
  return out;
}

// A line of an element, or of a set, without its comment and counts.
Words clean_element(const Words& words) {
  Words out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool has_value = i + 1 < words.size();
    if (words[i] == "comment" && has_value && words[i + 1].starts_with('"')) {
      ++i;
    } else if (has_value && words[0] == "add" && (words[i] == "packets" || words[i] == "bytes")) {
      out.push_back(words[i++]);
      out.push_back("0");
    } else {
      out.push_back(words[i]);
    }
  }
  return out;
}

// Drops lines that begin with '#'; quotes mean nothing in them.
bool take_remark(std::string_view& text) {
  if (!text.starts_with('#')) return false;
  text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  return true;
}

}  // namespace

Result<SavedTables> clean_iptables(std::string_view printed) {
  SavedTables out;
  bool open = false;
  while (!printed.empty()) {
    if (take_remark(printed)) continue;
    auto words = take_line(printed);
    if (!words) return not_understood();
    if (words->empty()) continue;
    const std::string_view first = words->front();
    if (!open && first.size() > 1 && first.starts_with('*') && words->size() == 1) {
      out.tables.emplace_back(first.substr(1));
      open = true;
    } else if (open && first.starts_with(':') && words->size() == 3) {
      (*words)[2] = "[0:0]";
    } else if (open && first == "-A") {
      words = clean_rule(*words);
    } else if (open && first == "COMMIT" && words->size() == 1) {
      open = false;
    } else {
      return not_understood();
    }
    add_line(out.text, *words);
  }
  if (open) return not_understood();
  return out;
}

Result<std::string> clean_ipset(std::string_view printed) {
  std::string out;
  while (!printed.empty()) {
    const auto words = take_line(printed);
    if (!words || words->empty()) return not_understood();
    if (words->front() != "create" && words->front() != "add") return not_understood();
    add_line(out, clean_element(*words));
  }
  return out;
}

}  // namespace firebreak
