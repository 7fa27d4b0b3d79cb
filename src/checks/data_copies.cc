// DATA007: a command that carries rows of a higher environment's database into a lower one's.
//
// Method: the steps of each command are walked from every step that reads a database along its
// pipes (or the dump file that the next step reads), over filters such as gzip and sed, to the
// first step that loads one. A step of firebreak in between masks the rows and ends the walk. Tools
// that copy by themselves (pgcopydb, rsync) name both ends in one step. Dumps without rows
// (--schema-only) are no copies: the scanner names such steps apart. The environment of an end
// is that of the container that answers, else what its host's or database's name speaks of, else
// the environment that the command itself runs in. Limits: a dump that is stored and loaded by two
// separate commands is not connected; scripts are not read.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "base/text.h"
#include "checks/data.h"
#include "checks/support.h"
#include "checks/systems.h"

namespace firebreak {
namespace {

constexpr std::string_view kMasker = "firebreak";

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::ranges::find(names, name) != names.end();
}

bool reads_database(std::string_view program) {
  static constexpr std::array<std::string_view, 12> kReaders = {
      "pg_dump", "pg_dumpall", "psql",      "pg_basebackup", "mysqldump", "mariadb-dump",
      "mysql",   "mariadb",    "mongodump", "mongoexport",   "redis-cli", "mydumper"};
  return is_one_of(kReaders, program);
}

// Fetches what may be a dump: it is one if a database loads it.
bool fetches(std::string_view program) {
  static constexpr std::array<std::string_view, 9> kFetchers = {
      "aws", "curl", "gsutil", "mc", "rclone", "rsync", "s3cmd", "scp", "wget"};
  return is_one_of(kFetchers, program);
}

bool loads_database(std::string_view program) {
  static constexpr std::array<std::string_view, 9> kLoaders = {
      "psql",         "pg_restore",  "mysql",     "mariadb", "mysqlimport",
      "mongorestore", "mongoimport", "redis-cli", "myloader"};
  return is_one_of(kLoaders, program);
}

// Names source and target in one step, in this order.
bool copies_by_itself(std::string_view program) {
  static constexpr std::array<std::string_view, 8> kCopiers = {
      "pgcopydb", "pgloader", "rsync", "aws", "rclone", "mc", "gsutil", "scp"};
  return is_one_of(kCopiers, program);
}

struct End {
  EnvironmentId environment;
  std::string at;
  std::string why;
  bool by_container = false;
  const Target* target = nullptr;  // null: nothing but the command's own environment speaks
};

struct Copy {
  WorkloadId workload;
  std::vector<const CommandStep*> steps;  // from the reading one to the loading one
  End source;
  End destination;
};

Resolution resolve(const Estate& estate, ContainerId container, const Target& target) {
  if (target.host.empty() || target.host.starts_with('/'))
    return {.kind = Resolution::Kind::kItself, .containers = {}, .network = {}};
  return estate.resolve(container, target.host,
                        target.port ? target.port : default_port(target.scheme));
}

std::optional<End> end_of(const Estate& estate, ContainerId container, const Target& target) {
  const Resolution resolution = resolve(estate, container, target);
  const bool itself = resolution.kind == Resolution::Kind::kItself;
  auto owner = itself ? owner_by_name(estate, target) : system_owner(estate, target, resolution);
  if (!owner) return std::nullopt;
  const bool by_container = std::ranges::any_of(resolution.containers, [&](ContainerId id) {
    return estate[estate.workload_of(id)].environment.has_value();
  });
  return End{owner->environment, std::move(owner->at), std::move(owner->why),
             by_container && !itself, &target};
}

// The first of the targets that speaks; else the environment that the command runs in.
std::optional<End> end_of(const Estate& estate, ContainerId container,
                          std::span<const Target> targets) {
  for (const Target& target : targets)
    if (auto end = end_of(estate, container, target)) return end;
  const WorkloadId id = estate.workload_of(container);
  if (!estate[id].environment) return std::nullopt;
  return End{*estate[id].environment, display_name(estate, id),
             fmt::format("runs in {}", estate[*estate[id].environment].name), false,
             targets.empty() ? nullptr : &targets.front()};
}

// Two databases of one server: the server's environment says nothing of either, their names may.
void tell_apart_by_database(const Estate& estate, End& source, End& destination) {
  if (source.target == nullptr || destination.target == nullptr) return;
  if (source.target->host != destination.target->host) return;
  const auto from = estate.environment_named(source.target->database);
  const auto to = estate.environment_named(destination.target->database);
  if (!from || !to || *from == *to) return;
  for (auto [end, environment] : {std::pair(&source, *from), std::pair(&destination, *to)}) {
    end->environment = environment;
    end->at = target_text(*end->target);
    end->why = fmt::format("its database's name speaks of {}", estate[environment].name);
  }
}

using Steps = std::vector<CommandStep>;

// The step that loads what step `first` writes; nullopt if none does, or if it is masked before.
std::optional<std::size_t> loading_step(const Steps& steps, std::size_t first) {
  for (std::size_t i = first; i + 1 < steps.size() && steps[i].pipes_into_next; ++i) {
    if (steps[i + 1].program == kMasker) return std::nullopt;
    if (loads_database(steps[i + 1].program)) return i + 1;
  }
  return std::nullopt;
}

std::optional<Copy> copy_between(const Estate& estate, ContainerId container, std::size_t first,
                                 std::size_t last, std::span<const Target> from,
                                 std::span<const Target> to) {
  auto source = end_of(estate, container, from);
  auto destination = end_of(estate, container, to);
  if (!source || !destination) return std::nullopt;
  tell_apart_by_database(estate, *source, *destination);
  if (!estate.climbs(destination->environment, source->environment)) return std::nullopt;
  Copy copy{estate.workload_of(container), {}, *std::move(source), *std::move(destination)};
  const Steps& steps = estate[container].command;
  for (std::size_t i = first; i <= last; ++i) copy.steps.push_back(&steps[i]);
  return copy;
}

std::optional<Copy> copy_from(const Estate& estate, ContainerId container, std::size_t first) {
  const Steps& steps = estate[container].command;
  const CommandStep& step = steps[first];
  const std::span<const Target> targets = step.targets;
  if (copies_by_itself(step.program) && targets.size() > 1) {
    return copy_between(estate, container, first, first, targets.first(1), targets.subspan(1, 1));
  }
  if (!reads_database(step.program) && !fetches(step.program)) return std::nullopt;
  if (const auto last = loading_step(steps, first))
    return copy_between(estate, container, first, *last, targets, steps[*last].targets);
  // A base backup is a whole server's files, written where the command runs.
  if (step.program == "pg_basebackup" && !step.pipes_into_next)
    return copy_between(estate, container, first, first, targets, {});
  return std::nullopt;
}

// A program's own default, or a local folder.
bool names_nothing(const Target& target) { return target.host.empty() && target.database.empty(); }

// "database", or "files" where nothing shows what is in them.
std::string_view what_is_copied(const Copy& copy) {
  const auto in_database = [](const CommandStep* step) {
    return reads_database(step->program) || loads_database(step->program) ||
           step->program == "pgcopydb" || step->program == "pgloader";
  };
  return std::ranges::any_of(copy.steps, in_database) ? "database" : "files";
}

std::string pipe_text(const Copy& copy) {
  std::string text;
  for (const CommandStep* step : copy.steps) {
    if (!text.empty()) text += " | ";
    text += step->program.empty() ? "…" : printable(step->program);
  }
  return text;
}

void add_remedies(const Estate& estate, const Copy& copy, Finding& finding) {
  const std::string text = pipe_text(copy);
  finding.remedy.push_back(recreate_without(
      estate, copy.workload,
      {.compose = "`" + text + "`", .option = "`" + text + "`", .service_update = {}}));
  Remedy mask;
  mask.text = fmt::format(
      "Bring masked rows from {} to {} instead: mask them between the dump and the load, before "
      "they leave {}.",
      estate[copy.source.environment].name, estate[copy.destination.environment].name,
      estate[copy.source.environment].name);
  finding.remedy.push_back(std::move(mask));
}

void add_path(const Estate& estate, const Copy& copy, Finding& finding) {
  const auto place = [&](const CommandStep& step) {
    return fmt::format("{} {}", display_name(estate, copy.workload),
                       step.program.empty() ? "…" : printable(step.program));
  };
  const auto ends = [](const End& end, std::string_view verb) {
    const bool named = end.target != nullptr && !names_nothing(*end.target);
    return fmt::format("{} {}: {}", verb, named ? target_text(*end.target) : end.at, end.why);
  };
  finding.path.push_back({place(*copy.steps.front()), ends(copy.source, "reads")});
  for (std::size_t i = 1; i + 1 < copy.steps.size(); ++i)
    finding.path.push_back({place(*copy.steps[i]), "passes the rows on; it is no masking"});
  finding.path.push_back({place(*copy.steps.back()), ends(copy.destination, "writes")});
}

Finding finding_of(const Estate& estate, const Copy& copy) {
  // Who learns is the lower side: it stands first.
  const EnvironmentPair pair{copy.destination.environment, copy.source.environment};
  Finding finding = make_finding(estate, Code::kData007, pair,
                                 {stable_name(estate, copy.workload), pipe_text(copy)});
  finding.title =
      fmt::format("{} copies {}'s {} into {}, unmasked ({})", display_name(estate, copy.workload),
                  estate[copy.source.environment].name, what_is_copied(copy),
                  estate[copy.destination.environment].name, pipe_text(copy));
  const std::vector<WorkloadId> workloads = {copy.workload};
  add_workloads(estate, workloads, finding);
  for (const End* end : {&copy.source, &copy.destination})
    if (end->target != nullptr && !names_nothing(*end->target))
      finding.subjects.push_back(
          {"system", "", target_text(*end->target), estate[end->environment].name});
  add_path(estate, copy, finding);
  add_remedies(estate, copy, finding);
  return finding;
}

}  // namespace

void check_data_copies(const Estate& estate, Findings& out) {
  for (const Workload& workload : estate.workloads()) {
    std::vector<std::string> seen;  // replicas, and steps that are repeated in one script
    for (const ContainerId container : workload.containers)
      for (std::size_t i = 0; i < estate[container].command.size(); ++i) {
        const auto copy = copy_from(estate, container, i);
        if (!copy) continue;
        Finding finding = finding_of(estate, *copy);
        if (std::ranges::find(seen, finding.fingerprint) != seen.end()) continue;
        seen.push_back(finding.fingerprint);
        out.push_back(std::move(finding));
      }
  }
}

}  // namespace firebreak
