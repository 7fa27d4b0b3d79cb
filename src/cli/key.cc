#include <fmt/format.h>

#include <ostream>

#include "base/text.h"
#include "cli/command.h"

namespace firebreak {

Result<ExitCode> run_key(const Arguments& arguments, Tools& tools) {
  const std::string& verb = arguments.positional[0];
  const std::string& file = arguments.positional[1];
  if (verb != "new") {
    return fail(ErrorKind::kUsage, fmt::format("unknown word '{}'", printable(verb)), "",
                "use 'firebreak key new FILE'");
  }
  if (tools.files.exists(file) && !arguments.force) {
    return fail(ErrorKind::kUsage, "there is a file already", file,
                "snapshots made with its key could no longer be compared; --force replaces it");
  }
  std::string text;
  for (const std::uint8_t byte : tools.random()) text += fmt::format("{:02x}", byte);
  TRY(tools.files.write(file, text + "\n", true));
  if (!arguments.quiet) tools.err << "firebreak: wrote a new key to " << printable(file) << "\n";
  return ExitCode::kSeparated;
}

}  // namespace firebreak
