// Crontab lines, wherever commands are given to a scheduler.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace firebreak {

// The commands of a text whose lines are crontab lines ("0 3 * * * pg_dump …", "@daily root …"),
// one a line and without their schedules and the account of a system crontab; settings of the
// crontab
// ("PGHOST=db") stay. nullopt if no line has a schedule. Linear.
[[nodiscard]] std::optional<std::string> scheduled_commands(std::string_view text);

}  // namespace firebreak
