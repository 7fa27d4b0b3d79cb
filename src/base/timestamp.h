// Points in time, as seconds since 1970-01-01T00:00:00Z. The clock is a parameter everywhere; only
// io/clock reads it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace firebreak {

using Timestamp = std::chrono::sys_seconds;
using Date = std::chrono::sys_days;

// RFC 3339 in UTC, "2026-11-23T10:00:00Z".
[[nodiscard]] std::string to_text(Timestamp time);
// RFC 3339 with 'Z', without fractions. nullopt for anything else.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);
// "2027-03-31"; nullopt for anything else, and for days that do not exist.
[[nodiscard]] std::optional<Date> parse_date(std::string_view text);
[[nodiscard]] std::string date_text(Date date);

}  // namespace firebreak
