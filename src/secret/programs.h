// The programs that move data, and how they are told what to work on.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace firebreak {

// What an option's value, or a word without an option, means.
enum class ArgumentRole : char {
  kNone = '\0',  // no value
  kHost = 'h',   // "db", "db:5432", a URL
  kPort = 'p',
  kUser = 'u',
  kDatabase = 'd',  // a name or a whole connection string
  kPassword = 'w',
  kGluedPassword = 'W',  // only in the same word ("-pSECRET"); alone it asks for one
  kBasic = 'b',          // "user:password"
  kUri = 'U',            // a connection string
  kSource = 'F',         // the same, of what is copied from; goes first, wherever it stands
  kOutput = 'o',         // a file it writes
  kInput = 'i',          // a file it reads
  kValue = 'v',          // something else
  kText = 'e',           // free text that may hold secrets and URLs: SQL, headers
};

enum class Positionals : char {
  kNone,
  kDatabase,  // the first one
  kUris,      // each a connection string
  kMongo,     // the first: a connection string or host:port/database
  kRemote,    // "[user@]host:path", as rsync and scp write it
  kBuckets,   // "s3://bucket/key"
  kCommand,   // a command of its own follows (redis-cli REPLICAOF host port)
};

struct MovingProgram {
  std::string_view name;
  std::string_view scheme;   // of its targets
  std::string_view options;  // "-h:h --host:h …", each NAME:ROLE
  Positionals positionals = Positionals::kNone;
  std::string_view variables;  // "PGHOST:h PGPORT:p …"
};

// nullptr for a program that is not in the table. `name` without its folder.
[[nodiscard]] const MovingProgram* find_program(std::string_view name);

// "--schema-only" or "--no-data" if the words hold such an option of the program: no rows pass
// then. Empty if they do not.
[[nodiscard]] std::string_view rowless_option(const MovingProgram& program,
                                              std::span<const std::string> words);

// The role of an option ("-h", "--host") or variable in such a list.
[[nodiscard]] ArgumentRole role_in(std::string_view list, std::string_view name);

}  // namespace firebreak
