#include "secret/schedule.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "secret/chars.h"
#include "secret/programs.h"

namespace firebreak {
namespace {

constexpr std::string_view kBlank = " \t\r";

// Takes the first word off the line.
std::string_view next_word(std::string_view& line) {
  line.remove_prefix(std::min(line.find_first_not_of(kBlank), line.size()));
  const std::size_t end = std::min(line.find_first_of(kBlank), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

// "*/5", "1-5", "mon,fri", "0"
bool is_time_field(std::string_view word) {
  if (word.empty() || word.size() > 40) return false;
  return std::ranges::all_of(word, [](char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) || c == '*' || c == '/' || c == ',' ||
           c == '-';
  });
}

bool is_minute(std::string_view word) {
  return is_time_field(word) && (is_digit(word.front()) || word.front() == '*');
}

// What follows the schedule; nullopt if there is none.
std::optional<std::string_view> after_schedule(std::string_view line) {
  constexpr std::array<std::string_view, 8> kNamed = {"@reboot", "@yearly", "@annually", "@monthly",
                                                      "@weekly", "@daily",  "@midnight", "@hourly"};
  std::string_view rest = line;
  const std::string_view first = next_word(rest);
  if (std::ranges::find(kNamed, first) != kNamed.end()) return rest;
  if (!is_minute(first)) return std::nullopt;
  for (int field = 1; field < 5; ++field) {
    const std::string_view word = next_word(rest);
    if (!is_time_field(word)) return std::nullopt;
    // "0 3 * * *": hour and day are numbers or stars, months and weekdays may be names.
    if (field < 3 && !is_minute(word)) return std::nullopt;
  }
  return rest;
}

// "root pg_dump …" of /etc/crontab.
std::string_view without_account(std::string_view command) {
  std::string_view rest = command;
  const std::string_view first = next_word(rest);
  std::string_view after = rest;
  const std::string_view second = next_word(after);
  const bool account = std::ranges::all_of(first, [](char c) { return is_lower(c); }) &&
                       find_program(first) == nullptr && find_program(second) != nullptr;
  return account ? rest : command;
}

}  // namespace

std::optional<std::string> scheduled_commands(std::string_view text) {
  std::string out;
  bool any = false;
  for (const std::string_view line : split(text, '\n')) {
    const auto command = after_schedule(line);
    any = any || command;
    out.append(command ? without_account(*command) : line).append("\n");
  }
  if (!any) return std::nullopt;
  return out;
}

}  // namespace firebreak
