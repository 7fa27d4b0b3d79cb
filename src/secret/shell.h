// Shell text taken apart far enough to see which programs run on what data.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace firebreak {

struct ShellCommand {
  std::vector<std::pair<std::string, std::string>> assignments;  // "PGHOST=db pg_dump …"
  std::vector<std::string> words;                                // quotes and variables resolved
  std::vector<std::string> reads;                                // files behind "<"
  std::vector<std::string> writes;                               // files behind ">", ">>"
  bool pipes = false;                                            // into the next command
};

using ShellVariables = std::map<std::string, std::string, std::less<>>;

// The simple commands of `text` in the order in which they run, those in "$(…)", backquotes, groups
// and loops included. Knows quotes, escapes, comments, here-documents, redirections, "export", and
// variables (`variables`, and those that the text sets). Never fails; what it does not know stays
// as words. Linear, apart from variables, whose expansion is bounded.
[[nodiscard]] std::vector<ShellCommand> parse_shell(std::string_view text,
                                                    const ShellVariables& variables);

}  // namespace firebreak
