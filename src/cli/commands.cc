// The table of commands.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"
#include "cli/command.h"

namespace firebreak {
namespace {

using namespace std::string_view_literals;

constexpr std::array kReportFormats = {"text"sv,  "json"sv,     "sarif"sv,
                                       "junit"sv, "markdown"sv, "html"sv};
constexpr std::array kMatrixFormats = {"text"sv, "json"sv, "markdown"sv, "html"sv};
constexpr std::array kTextFormats = {"text"sv, "json"sv, "markdown"sv};
constexpr std::array kPathsFormats = {"text"sv, "json"sv};
constexpr std::array kJsonFormat = {"json"sv};

constexpr OptionSpec kPolicy{"--policy", "FILE",
                             "the policy; default: firebreak.yaml in this folder, if there",
                             ValueKind::kFile, &Arguments::policy};
constexpr OptionSpec kHost{
    "--host", "NAME=URL",
    "an engine to ask (repeatable): unix://, tcp://, ssh://, context:NAME, or "
    "the name of a host of the policy",
    ValueKind::kHost, &Arguments::hosts};
constexpr OptionSpec kSnapshot{"--snapshot", "FILE",
                               "read a snapshot instead of asking engines (repeatable)",
                               ValueKind::kFile, &Arguments::snapshots};
constexpr OptionSpec kCompose{"--compose", "FILE[,FILE]",
                              "a compose project that does not run yet (repeatable; files after a "
                              "comma are merged into one project)",
                              ValueKind::kFile, &Arguments::compose};
constexpr OptionSpec kKey{
    "--fingerprint-key", "FILE",
    "the key for secrets' fingerprints, so that snapshots of different places "
    "and days can be compared; see 'firebreak key'",
    ValueKind::kFile, &Arguments::fingerprint_key};
constexpr OptionSpec kFailOn{
    "--fail-on", "SEVERITY",
    "exit 1 from this severity on: info, low, medium (default), high, critical",
    ValueKind::kSeverity, &Arguments::fail_on};
constexpr OptionSpec kTimeout{"--timeout", "SECONDS", "for one request to an engine; default 30",
                              ValueKind::kText, &Arguments::timeout};
constexpr OptionSpec kJobs{"--jobs", "N", "engines asked at the same time; default 8",
                           ValueKind::kText, &Arguments::jobs};
constexpr OptionSpec kFormat{"--format", "FORMAT", "how the result is written", ValueKind::kFormat,
                             &Arguments::format};
constexpr OptionSpec kOutput{"-o,--output", "FILE",
                             "write the result there instead of standard output", ValueKind::kFile,
                             &Arguments::output};
constexpr OptionSpec kForce{"--force", "", "replace a file that is there already", ValueKind::kText,
                            &Arguments::force};

constexpr OptionSpec kNoKernel{"--no-kernel", "",
                               "do not read this machine's kernel (routes, packet filters, …)",
                               ValueKind::kText, &Arguments::no_kernel};

constexpr OptionSpec kAll{"--all", "",
                          "every flow, also within one environment and into hosts' own namespaces",
                          ValueKind::kText, &Arguments::all};
constexpr OptionSpec kExplain{
    "--explain", "", "each hop of each flow; and where no flow leads, what stops the packets",
    ValueKind::kText, &Arguments::explain};

constexpr OptionSpec kRate{"--rate", "N", "packets sent in a second; default 200", ValueKind::kText,
                           &Arguments::rate};
constexpr OptionSpec kMost{
    "--most", "N", "ports predicted closed that are tried for each pair of containers; default 16",
    ValueKind::kText, &Arguments::most};
constexpr OptionSpec kListeners{
    "--listeners", "",
    "open temporary listeners where nothing listens; never on a port that a container exposes, "
    "publishes or listens on",
    ValueKind::kText, &Arguments::listeners};
constexpr OptionSpec kDryRun{"--dry-run", "", "print what would be asked, and send nothing",
                             ValueKind::kText, &Arguments::dry_run};

constexpr std::array kVerifyOptions = {kDryRun, kRate,   kMost,   kListeners, kPolicy, kHost,
                                       kKey,    kFormat, kOutput, kTimeout,   kJobs};
constexpr std::array kAuditOptions = {kPolicy, kHost,   kSnapshot, kCompose, kNoKernel, kKey,
                                      kFormat, kOutput, kFailOn,   kTimeout, kJobs};
constexpr std::array kPathsOptions = {kAll,      kExplain, kPolicy, kHost,   kSnapshot, kCompose,
                                      kNoKernel, kKey,     kFormat, kOutput, kTimeout,  kJobs};
constexpr std::array kSnapshotOptions = {kPolicy, kHost,    kCompose, kKey,     kFormat,
                                         kOutput, kTimeout, kJobs,    kNoKernel};
constexpr std::array kDiffOptions = {kPolicy, kFormat, kOutput};
constexpr std::array kInitOptions = {kHost, kSnapshot, kCompose, kOutput, kForce, kTimeout, kJobs};
constexpr std::array kFormatOptions = {kFormat, kOutput};
constexpr std::array kOutputOptions = {kOutput};
constexpr std::array kKeyOptions = {kForce};

constexpr std::array kCommon = {
    OptionSpec{"-h,--help", "", "this help", ValueKind::kText, &Arguments::help},
    OptionSpec{"-q,--quiet", "", "no progress and no warnings", ValueKind::kText,
               &Arguments::quiet},
    OptionSpec{"-v,--verbose", "", "all details", ValueKind::kText, &Arguments::verbose},
};

constexpr std::array kCommands = {
    CommandSpec{
        "audit", "find what environments share, with proof and remedy", "", 0, 0, ValueKind::kText,
        "Asks the Docker engines (or reads snapshots and compose files), assigns every workload to "
        "an\n"
        "environment, and reports each way in which one environment shares a network, a host, a\n"
        "credential, a registry or data with another.\n"
        "\n"
        "Needs no policy: without one, environments are inferred from labels, compose projects, "
        "names,\n"
        "networks and configuration values, and the report says why. What could not be seen is "
        "reported\n"
        "as a gap, never as fine.\n"
        "\n"
        "As root, and for Docker engines behind a unix socket of this machine, it also works out "
        "from the\n"
        "kernel's state which packets get from one environment into another (NET002, NET003).",
        "firebreak audit\n"
        "firebreak audit --host prod=ssh://ops@prod-1 --host dev=context:laptop\n"
        "firebreak audit --compose dev.yml --compose prod.yml\n"
        "firebreak audit --snapshot monday.json --format html -o report.html\n"
        "# only critical findings fail the build\n"
        "firebreak audit --fail-on critical --format sarif -o firebreak.sarif",
        kReportFormats, kAuditOptions, run_audit},
    CommandSpec{"matrix", "environment by environment: how far is each pair separated", "", 0, 0,
                ValueKind::kText,
                "The audit's matrix alone: for each ordered pair of environments and each "
                "dimension (host,\n"
                "network, credentials, registry, data) the level found and the level required. "
                "Exit codes are\n"
                "those of audit.",
                "firebreak matrix\n"
                "firebreak matrix --snapshot monday.json --format markdown",
                kMatrixFormats, kAuditOptions, run_matrix},
    CommandSpec{
        "paths", "what one side can open or influence on the other, hop by hop", "[FROM] [TO]", 0,
        2, ValueKind::kText,
        "Works out from the kernel's state which packets can open a connection from FROM to TO and "
        "get\n"
        "their answers back, and lists what needs no packet: the engine's socket, shared files "
        "and\n"
        "namespaces. Ways over things that are on neither side follow, shortest first.\n"
        "\n"
        "FROM and TO are 'production' (an environment), 'production/db' (a container or service in "
        "it),\n"
        "'proxy' (one of no environment), '@prod-1' (a host's own network namespace) or an "
        "address; TO\n"
        "may end in ':5432' or ':5432/tcp'. Without them, what crosses from any environment into "
        "another\n"
        "is listed.\n"
        "\n"
        "Needs the kernel state of the hosts: root on a machine with a Docker engine, or snapshots "
        "that\n"
        "were taken so.\n"
        "\n"
        "Exits with 0 when there is no path, with 1 when there are some, and with 3 when none was "
        "found\n"
        "but something could not be decided.",
        "firebreak paths development production\n"
        "firebreak paths development/api production/db:5432/tcp --explain\n"
        "firebreak paths --snapshot monday.json --format json\n"
        "# what a host's own programs reach\n"
        "firebreak paths @prod-1 production",
        kPathsFormats, kPathsOptions, run_paths},
    CommandSpec{
        "verify", "prove the prediction with real packets, and report each disagreement", "", 0, 0,
        ValueKind::kText,
        "Sends packets from inside the network namespaces of containers and hosts to what "
        "'firebreak "
        "paths'\n"
        "calls open, and to a sample of what it calls closed, and compares (NET009). Keeps to the "
        "addresses\n"
        "of the containers and hosts that it looks at, never holds more than a tenth of the "
        "kernel's\n"
        "connection table, and leaves nothing behind.\n"
        "\n"
        "A connection that is refused by a reset proves that the way is open, though nothing "
        "listens.\n"
        "Silence counts as closed only where the sender gets answers from somebody else; of "
        "datagrams "
        "only\n"
        "with --listeners.\n"
        "\n"
        "Needs root on the engines' own machine. Exits with 0 when packets do what was predicted, "
        "with 1\n"
        "when one does not, and with 3 when none disagrees but something could not be asked.",
        "firebreak verify --dry-run -v\n"
        "firebreak verify\n"
        "# on a machine that nobody depends on\n"
        "firebreak verify --listeners --rate 5000 --most 200\n"
        "firebreak verify --format json -o verify.json",
        kPathsFormats, kVerifyOptions, run_verify},
    CommandSpec{"explain", "what a finding code means and how to fix it", "[CODE]", 0, 1,
                ValueKind::kCode,
                "Prints what a finding code says, why it matters, how to close it, and which "
                "compliance clauses\n"
                "it touches. Without a code, lists all of them.",
                "firebreak explain NET001\n"
                "firebreak explain",
                kTextFormats, kFormatOptions, run_explain},
    CommandSpec{
        "snapshot", "collect only, and write what was seen", "", 0, 0, ValueKind::kText,
        "Writes everything that an audit needs as one JSON document, to be audited elsewhere. It "
        "holds no\n"
        "secret: values exist in it only as keyed fingerprints. With --fingerprint-key, snapshots "
        "of\n"
        "different places can be compared; without it, a fresh key is used and thrown away.\n"
        "\n"
        "As root, and for Docker engines behind a unix socket of this machine, it also holds what "
        "the kernel\n"
        "does with packets: interfaces, routes, packet filters and listening sockets of the host "
        "and of every\n"
        "container. Where that cannot be read the snapshot says why; that is no reason to fail.\n"
        "\n"
        "Exits with 3 when something could not be seen.",
        "firebreak snapshot -o monday.json\n"
        "firebreak snapshot --host prod=ssh://ops@prod-1 --fingerprint-key fleet.key -o prod.json",
        kJsonFormat, kSnapshotOptions, run_snapshot},
    CommandSpec{
        "diff", "what changed in separation between two snapshots or reports", "OLD NEW", 2, 2,
        ValueKind::kFile,
        "Compares two files, each a snapshot or a JSON report. Exits with 1 when separation got "
        "worse: a\n"
        "new finding, a lower level in the matrix, or something that can no longer be seen. Exits "
        "with 3\n"
        "when nothing got worse, but something required cannot be seen in NEW.",
        "firebreak diff monday.json tuesday.json\n"
        "firebreak diff monday.json tuesday.json --format markdown",
        kTextFormats, kDiffOptions, run_diff},
    CommandSpec{
        "init",
        "write a commented firebreak.yaml from what was inferred",
        "",
        0,
        0,
        ValueKind::kText,
        "Looks at the engines as audit does, infers environments, and writes them down as a policy "
        "to be\n"
        "read, corrected and kept. Does not replace a file without --force; '-o -' prints it.",
        "firebreak init\n"
        "firebreak init -o -",
        {},
        kInitOptions,
        run_init},
    CommandSpec{
        "key",
        "make a key for fingerprints",
        "new FILE",
        2,
        2,
        ValueKind::kFile,
        "'firebreak key new FILE' writes 32 random bytes as 64 hex digits, readable by their owner "
        "alone,\n"
        "for --fingerprint-key. Give the same file to every collection whose snapshots are to be\n"
        "compared, and keep it as secret as the passwords it protects.",
        "firebreak key new fleet.key",
        {},
        kKeyOptions,
        run_key},
    CommandSpec{"completion",
                "print the completion script of a shell",
                "bash|zsh|fish",
                1,
                1,
                ValueKind::kShell,
                "Prints a script that completes commands, options and values.",
                "firebreak completion bash > /etc/bash_completion.d/firebreak\n"
                "firebreak completion fish > ~/.config/fish/completions/firebreak.fish",
                {},
                kOutputOptions,
                run_completion},
    CommandSpec{"man",
                "print a manual page",
                "[COMMAND]",
                0,
                1,
                ValueKind::kCommand,
                "Prints firebreak(1), or the page of one command, as roff.",
                "firebreak man | man -l -\n"
                "firebreak man audit > firebreak-audit.1",
                {},
                kOutputOptions,
                run_man},
    CommandSpec{"help",
                "this list, or the help of one command",
                "[COMMAND]",
                0,
                1,
                ValueKind::kCommand,
                "The same as 'firebreak COMMAND --help'.",
                "firebreak help audit",
                {},
                {},
                run_help},
};

constexpr std::array kLater = {"identify"sv, "mask"sv,  "copy"sv,  "discover"sv, "trace"sv,
                               "plan"sv,     "apply"sv, "guard"sv, "watch"sv,    "debug"sv};

}  // namespace

std::span<const CommandSpec> all_commands() { return kCommands; }
std::span<const OptionSpec> common_options() { return kCommon; }
std::span<const std::string_view> later_commands() { return kLater; }

const CommandSpec* find_command(std::string_view name) {
  for (const CommandSpec& command : kCommands) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

Result<const CommandSpec*> command_named(std::string_view word) {
  if (const CommandSpec* command = find_command(word)) return command;
  if (std::ranges::find(kLater, word) != kLater.end()) {
    return fail(ErrorKind::kUsage, fmt::format("'{}' is not in this version yet", word), "",
                "'firebreak help' lists what is");
  }
  std::vector<std::string_view> names;
  names.reserve(kCommands.size());
  for (const CommandSpec& command : kCommands) names.push_back(command.name);
  const auto best = nearest(word, names);
  return fail(
      ErrorKind::kUsage, fmt::format("unknown command '{}'", printable(word)), "",
      best ? fmt::format("did you mean '{}'?", *best) : "'firebreak help' lists the commands");
}

}  // namespace firebreak
