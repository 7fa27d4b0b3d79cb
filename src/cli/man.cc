// Manual pages in roff (man(7) macros), from the command table.
#include <fmt/format.h>

#include "base/text.h"
#include "cli/help.h"
#include "cli/parse.h"

namespace firebreak {
namespace {

// Backslashes, hyphens, and control characters at the start of a line have a meaning in roff.
std::string roff(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool line_start = out.empty() || out.back() == '\n';
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if (line_start && (c == '.' || c == '\''))
      out += std::string("\\&") + c;
    else
      out += c;
  }
  return out;
}

constexpr std::string_view kVersionDate = "2026-11-24";  // changes with the version

std::string head(const std::string& name) {
  return fmt::format(".TH {} 1 \"2026-11-24\" \"firebreak {}\" \"User Commands\"\n",
                     roff(lower(name)), FIREBREAK_VERSION);
}

std::string paragraphs(std::string_view text) {
  std::string out;
  for (const std::string_view line : split(text, '\n')) {
    out += line.empty() ? std::string(".PP\n") : roff(line) + "\n";
  }
  return out;
}

std::string options(std::span<const OptionSpec> specs) {
  std::string out;
  for (const OptionSpec& option : specs) {
    std::string names;
    if (const char letter = short_name(option); letter != '\0') {
      names = fmt::format("\\fB\\-{}\\fR, ", letter);
    }
    names += fmt::format("\\fB\\-\\-{}\\fR", roff(long_name(option)));
    if (!option.value.empty()) names += fmt::format(" \\fI{}\\fR", roff(option.value));
    out += fmt::format(".TP\n{}\n{}\n", names, roff(option.help));
  }
  return out;
}

std::string exit_status() {
  std::string out = ".SH EXIT STATUS\n";
  for (const ExitCodeText& exit : exit_code_texts()) {
    out += fmt::format(".TP\n.B {}\n{}\n", exit.code, roff(exit.meaning));
  }
  return out;
}

}  // namespace

std::string main_man_page() {
  std::string out =
      head("firebreak") +
      ".SH NAME\nfirebreak \\- prove that environments are separated by infrastructure\n"
      ".SH SYNOPSIS\n.B firebreak\n.I COMMAND\n[OPTION]...\n.SH DESCRIPTION\n"
      "Proves that development, staging and production are separated by infrastructure:\n"
      "hosts, networks, credential systems, registries and data.\n.SH COMMANDS\n";
  for (const CommandSpec& command : all_commands()) {
    out += fmt::format(".TP\n.B {}\n{}\n", roff(command.name), roff(command.summary));
  }
  out += exit_status();
  out +=
      ".SH ENVIRONMENT\n.TP\n.B DOCKER_HOST, DOCKER_CONTEXT, DOCKER_CONFIG, DOCKER_TLS_VERIFY, "
      "DOCKER_CERT_PATH\nas for the docker command line\n.TP\n.B NO_COLOR\nno colour in text "
      "output\n"
      ".SH FILES\n.TP\n.I firebreak.yaml\nthe policy, in the current folder\n";
  return out;
}

std::string command_man_page(const CommandSpec& command) {
  const std::string name = fmt::format("firebreak-{}", command.name);
  std::string out =
      head(name) + fmt::format(".SH NAME\n{} \\- {}\n", roff(name), roff(command.summary));
  out += fmt::format(".SH SYNOPSIS\n.B firebreak {}\n", roff(command.name));
  if (!command.positional.empty()) out += fmt::format(".I {}\n", roff(command.positional));
  out += "[OPTION]...\n.SH DESCRIPTION\n" + paragraphs(command.description);
  out += ".SH OPTIONS\n" + options(command.options) + options(common_options());
  out += ".SH EXAMPLES\n.nf\n" + roff(command.examples) + "\n.fi\n";
  return out + exit_status() + ".SH SEE ALSO\n.BR firebreak (1)\n";
}

}  // namespace firebreak
