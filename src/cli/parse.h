// Words of the command line → Arguments, by the table of the command.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "cli/command.h"

namespace firebreak {

// `words` are those after the command's name. kUsage with a suggestion for unknown options, missing
// values, too many or too few positional words, and formats or severities that do not exist.
[[nodiscard]] Result<Arguments> parse_arguments(const CommandSpec& command,
                                                const std::vector<std::string>& words);

// The option's long name without dashes ("output").
[[nodiscard]] std::string_view long_name(const OptionSpec& option);
// Its short letter, or 0.
[[nodiscard]] char short_name(const OptionSpec& option);

}  // namespace firebreak
