// The program: the real outside world, handed to run_command_line.
#include <unistd.h>

#include <csignal>
#include <iostream>

#include "cli/command.h"

int main(int argc, char** argv) {
  using namespace firebreak;
  // A closed pipe is an error to report with exit 4, not a reason to vanish.
  std::signal(SIGPIPE, SIG_IGN);
  std::ios::sync_with_stdio(false);
  const auto files = real_files();
  const auto processes = real_processes();
  const auto machine = real_machine();
  const auto clock = real_clock();
  Tools tools{*files,
              *processes,
              *machine,
              *clock,
              real_environment(),
              real_randomness(),
              connect,
              std::cout,
              std::cerr,
              isatty(STDOUT_FILENO) == 1,
              isatty(STDERR_FILENO) == 1};
  return static_cast<int>(run_command_line(std::vector<std::string>(argv + 1, argv + argc), tools));
}
