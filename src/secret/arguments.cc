#include "secret/arguments.h"

#include <algorithm>

#include "base/text.h"
#include "secret/chars.h"
#include "secret/encoding.h"
#include "secret/free_text.h"
#include "secret/host.h"
#include "secret/names.h"
#include "secret/scan.h"
#include "secret/uri.h"

namespace firebreak {
namespace {

void add_free_text(std::string_view text, Harvest& out) {
  for (const SecretSpan& span : find_secret_spans(text)) {
    const std::string_view plain = text.substr(span.begin, span.size);
    out.secret(span.encoded ? percent_decoded(plain) : std::string(plain), span.kind);
  }
}

// A database argument: a name, a URL, or libpq's "dbname=app host=db".
void take_database(const MovingProgram& program, std::string_view value,
                   ProgramArguments& arguments, Harvest& out) {
  const std::size_t targets = out.targets.size();
  if (read_uri(value, out)) {
    arguments.whole = arguments.whole || out.targets.size() > targets;
    return;
  }
  if (value.find('=') != std::string_view::npos) {
    ParsedConnection found = read_connection(parse_settings(value, ' '), out);
    ParsedConnection& known = arguments.connection;
    if (!found.hosts.empty()) known.hosts = std::move(found.hosts);
    if (found.port) known.port = found.port;
    if (!found.database.empty()) known.database = std::move(found.database);
    if (!found.user.empty()) known.user = std::move(found.user);
    return;
  }
  if (!is_plain_name(value)) return;
  if (program.positionals == Positionals::kCommand && all_of(value, is_digit) && value.size() > 4)
    return;
  arguments.connection.database = std::string(value);
}

// mongodump's "rs0/h1:27017,h2:27017", sqlcmd's "tcp:db,1433", a plain host.
void take_host(std::string_view value, ProgramArguments& arguments, Harvest& out) {
  arguments.host_given = true;
  if (!uri_scheme(value).empty()) {
    arguments.whole = read_uri(value, out).has_value();
    return;
  }
  const std::size_t slash = value.find('/');
  if (slash != std::string_view::npos && slash > 0) value = value.substr(slash + 1);
  arguments.connection.hosts.clear();
  read_server(value, arguments.connection);
}

// "host:port/database" or a URL.
void take_mongo(std::string_view value, ProgramArguments& arguments, Harvest& out) {
  if (read_uri(value, out)) {
    arguments.whole = true;
    return;
  }
  const std::size_t slash = value.find('/');
  if (slash == std::string_view::npos) {
    if (is_plain_name(value) && value.find('.') == std::string_view::npos) {
      arguments.connection.database = std::string(value);
    }
    return;
  }
  read_server(value.substr(0, slash), arguments.connection);
  if (is_plain_name(value.substr(slash + 1))) {
    arguments.connection.database = std::string(value.substr(slash + 1));
  }
}

// "user@host:path", "host::module", "rsync://host/module"; a local path is a file.
void take_remote(const MovingProgram& program, std::string_view value, ProgramArguments& arguments,
                 Harvest& out) {
  if (read_uri(value, out)) return;
  const std::size_t colon = value.find(':');
  const std::size_t slash = value.find('/');
  if (colon == std::string_view::npos || colon == 0 || slash < colon) {
    arguments.mentions.emplace_back(value);
    // One end of a copy, as the other one is: where the command runs.
    if (program.scheme == "ssh") out.target({std::string(program.scheme), {}, {}, {}, {}});
    return;
  }
  std::string_view host = value.substr(0, colon);
  const std::size_t at = host.rfind('@');
  if (at != std::string_view::npos) host = host.substr(at + 1);
  if (auto parsed = parse_host_port(host)) {
    out.target({std::string(program.scheme), std::move(parsed->host), std::nullopt, {}, {}});
  }
}

void take_bucket(std::string_view value, ProgramArguments& arguments, Harvest& out) {
  const std::string scheme = usual_scheme(uri_scheme(value));
  if (scheme.empty()) {
    arguments.mentions.emplace_back(value);
    return;
  }
  const std::string_view rest = value.substr(value.find("://") + 3);
  const std::string_view bucket = rest.substr(0, rest.find('/'));
  if (is_plain_name(bucket)) out.target({scheme, std::string(bucket), std::nullopt, {}, {}});
}

class Reading {
 public:
  Reading(const MovingProgram& program, ProgramArguments& arguments, Harvest& out)
      : program_(program), arguments_(arguments), out_(out) {}

  void run(std::span<const std::string> words) {
    bool options = true;
    for (std::size_t i = 0; i < words.size(); ++i) {
      const std::string_view word = words[i];
      const std::string_view next = i + 1 < words.size() ? std::string_view(words[i + 1]) : "";
      if (options && word == "--") {
        options = false;
      } else if (options && word.starts_with("--")) {
        if (long_option(word, next)) ++i;
      } else if (options && word.starts_with('-') && word.size() > 1) {
        if (short_options(word, next)) ++i;
      } else {
        positional(word, words.subspan(i));
      }
    }
  }

 private:
  void take(ArgumentRole role, std::string_view value) {
    take_value(program_, role, value, arguments_, out_);
  }

  // Each says whether the next word was its value.
  bool long_option(std::string_view word, std::string_view next) {
    const std::size_t equals = word.find('=');
    const std::string_view name = word.substr(0, equals);
    const ArgumentRole role = role_in(program_.options, name);
    if (name == "--databases") many_ = true;
    if (equals != std::string_view::npos) {
      const std::string_view value = word.substr(equals + 1);
      if (role != ArgumentRole::kNone) {
        take(role, value);
      } else if (class_of_name(name) == NameClass::kSecret) {
        out_.named_secret(name, value);
      } else {
        add_free_text(value, out_);
      }
      return false;
    }
    if (role == ArgumentRole::kNone || role == ArgumentRole::kGluedPassword) return false;
    // MySQL's "--password" alone asks; its value stands in the same word only.
    if (name == "--password" && program_.options.find("-p:W") != std::string_view::npos)
      return false;
    take(role, next);
    return true;
  }

  bool short_options(std::string_view word, std::string_view next) {
    // MongoDB's tools and others also take long names behind one dash.
    for (std::size_t at = 1; at < word.size(); ++at) {
      const std::string option{'-', word[at]};
      const ArgumentRole role = role_in(program_.options, option);
      if (option == "-B" && program_.options.find("-p:W") != std::string_view::npos &&
          role == ArgumentRole::kNone) {
        many_ = true;
      }
      if (role == ArgumentRole::kNone) continue;
      std::string_view value = word.substr(at + 1);
      if (role == ArgumentRole::kGluedPassword) {
        take(ArgumentRole::kPassword, value);
        return false;
      }
      if (value.starts_with('=')) value.remove_prefix(1);
      if (!value.empty()) {
        take(role, value);
        return false;
      }
      take(role, next);
      return true;
    }
    return false;
  }

  void positional(std::string_view word, std::span<const std::string> rest) {
    ++count_;
    switch (program_.positionals) {
      case Positionals::kDatabase:
        if (count_ == 1 || many_) {
          take_database(program_, word, arguments_, out_);
          if (many_) arguments_.databases.emplace_back(arguments_.connection.database);
        }
        arguments_.mentions.emplace_back(word);
        return;
      case Positionals::kMongo:
        if (count_ == 1) take_mongo(word, arguments_, out_);
        arguments_.mentions.emplace_back(word);
        return;
      case Positionals::kUris:
        if (read_uri(word, out_)) {
          arguments_.whole = true;
        } else {
          arguments_.mentions.emplace_back(word);
        }
        return;
      case Positionals::kRemote: take_remote(program_, word, arguments_, out_); return;
      case Positionals::kBuckets: take_bucket(word, arguments_, out_); return;
      case Positionals::kCommand:
        if (count_ == 1) redis_command(rest);
        return;
      case Positionals::kNone: arguments_.mentions.emplace_back(word); return;
    }
  }

  // "REPLICAOF host port" and "MIGRATE host port …" move data from and to another server.
  void redis_command(std::span<const std::string> words) {
    const std::string command = lower(words[0]);
    if (words.size() < 3) return;
    if (command != "replicaof" && command != "slaveof" && command != "migrate") return;
    const auto host = parse_host_port(words[1]);
    if (host)
      out_.target({std::string(program_.scheme), host->host, Port::parse(words[2]), {}, {}});
  }

  const MovingProgram& program_;
  ProgramArguments& arguments_;
  Harvest& out_;
  std::size_t count_ = 0;
  bool many_ = false;
};

}  // namespace

void take_value(const MovingProgram& program, ArgumentRole role, std::string_view value,
                ProgramArguments& arguments, Harvest& out) {
  switch (role) {
    case ArgumentRole::kHost: take_host(value, arguments, out); return;
    case ArgumentRole::kPort: arguments.connection.port = Port::parse(value); return;
    case ArgumentRole::kUser:
      if (is_plain_name(value) && value.size() <= 40)
        arguments.connection.user = std::string(value);
      return;
    case ArgumentRole::kDatabase: take_database(program, value, arguments, out); return;
    case ArgumentRole::kPassword: out.secret(value, SecretKind::kPassword); return;
    case ArgumentRole::kBasic: {
      const std::size_t colon = value.find(':');
      if (colon != std::string_view::npos)
        out.secret(value.substr(colon + 1), SecretKind::kPassword);
      return;
    }
    case ArgumentRole::kUri:
    case ArgumentRole::kSource: {
      const std::size_t before = out.targets.size();
      if (!read_uri(value, out)) take_database(program, value, arguments, out);
      arguments.whole = arguments.whole || out.targets.size() > before;
      if (role == ArgumentRole::kSource) {
        std::ranges::rotate(out.targets, out.targets.begin() + static_cast<std::ptrdiff_t>(before));
      }
      return;
    }
    case ArgumentRole::kOutput: arguments.outputs.emplace_back(value); return;
    case ArgumentRole::kInput: arguments.mentions.emplace_back(value); return;
    case ArgumentRole::kText:
      add_free_text(value, out);
      for (const std::string_view word : split(value, ' ')) {
        if (!word.empty()) arguments.mentions.emplace_back(word);  // "source /tmp/dump.sql"
      }
      return;
    case ArgumentRole::kNone:
    case ArgumentRole::kGluedPassword:
    case ArgumentRole::kValue: return;
  }
}

ProgramArguments read_arguments(const MovingProgram& program, std::span<const std::string> words,
                                Harvest& out) {
  ProgramArguments arguments;
  Reading(program, arguments, out).run(words);
  return arguments;
}

void read_unknown_words(std::span<const std::string> words, const FingerprintKeys& keys,
                        Harvest& out, std::vector<std::string>& mentions) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    std::string_view name = word.substr(0, word.find('='));
    std::string_view value;
    if (name.size() < word.size() && is_made_of_alnum_or(name, "-_.")) {
      value = word.substr(name.size() + 1);
    } else if (word.starts_with("--") && i + 1 < words.size() && !words[i + 1].starts_with('-')) {
      name = word;
      value = words[i + 1];
      if (class_of_name(name) == NameClass::kSecret || names_host(name)) ++i;
    } else {
      name = {};
      value = word;
    }
    mentions.emplace_back(value);
    // Only what says by itself that it is a system or a secret: words are no hosts.
    const Value found = scan_value(name, value, keys);
    out.adopt(found.secrets);
    for (const Target& target : found.targets) out.target(target);
  }
}

}  // namespace firebreak
