// A program's words read by its row in the table (programs.h).
#pragma once

#include <span>
#include <string>
#include <vector>

#include "secret/harvest.h"
#include "secret/programs.h"
#include "secret/settings.h"

namespace firebreak {

struct ProgramArguments {
  ParsedConnection connection;         // of host, port, user and database given apart
  std::vector<std::string> databases;  // more than one where a program takes several
  std::vector<std::string> outputs;    // files it writes
  std::vector<std::string> mentions;   // words that may be files it reads
  bool host_given = false;             // also where it could not be read
  bool whole = false;  // a connection string said it all: its targets stand in `out`
};

// `words` without the program itself. Adds secrets, and the targets of connection strings.
[[nodiscard]] ProgramArguments read_arguments(const MovingProgram& program,
                                              std::span<const std::string> words, Harvest& out);

// Takes one value as its role says; for variables ("PGHOST") as for options.
void take_value(const MovingProgram& program, ArgumentRole role, std::string_view value,
                ProgramArguments& arguments, Harvest& out);

// Words of a program that is not in the table: "--NAME=value", "--NAME value", URLs, secrets.
void read_unknown_words(std::span<const std::string> words, const FingerprintKeys& keys,
                        Harvest& out, std::vector<std::string>& mentions);

}  // namespace firebreak
