// Which tools to run: the kernel is asked first which tables it has. Most containers' namespaces
// have none, or the one of the engine's resolver, and a thousand of them must not cost six thousand
// programs.
#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "kernel/filter_text.h"
#include "kernel/namespace.h"
#include "kernel/netlink_lists.h"

namespace firebreak {
namespace {

using namespace std::string_view_literals;

constexpr std::chrono::seconds kPatience{30};
constexpr std::array kIptablesTables = {"filter"sv, "nat"sv, "mangle"sv, "raw"sv, "security"sv};

// Where administrators' programs are when PATH leaves their folders out.
constexpr std::array kFolders = {""sv, "/usr/sbin/"sv, "/sbin/"sv};

Result<ProcessResult> run_anywhere(Reading& reading, std::vector<std::string> argv) {
  const std::string program = argv.front();
  Result<ProcessResult> result = fail(ErrorKind::kUnsupported, "no such program", program);
  for (const std::string_view folder : kFolders) {
    argv.front() = std::string(folder) + program;
    result = reading.view.processes.run(argv, kPatience);
    if (result || result.error().kind != ErrorKind::kUnsupported) break;
  }
  return result;
}

// What the program printed. Its words on stderr may hold anything and go nowhere.
Result<std::string> output_of(Reading& reading, const std::vector<std::string>& argv) {
  if (reading.patience.lost()) return fail(ErrorKind::kIo, std::string(kStopped));
  ProcessResult result = TRY(run_anywhere(reading, argv));
  if (result.exit_code != 0) {
    return fail(ErrorKind::kIo, "it ended with exit code " + std::to_string(result.exit_code));
  }
  return std::move(result.out);
}

// A build of iptables without names that tell the backend: it tells when asked for its version.
Result<std::string> output_of_plain(Reading& reading, const std::string& family, bool nft,
                                    const Error& missing) {
  const std::string program = family + "-save";
  const auto version = run_anywhere(reading, {program, "--version"});
  if (!version || (version->out.find("nf_tables") != std::string::npos) != nft) {
    return std::unexpected(missing);
  }
  return output_of(reading, {program});
}

std::string program_of(bool v6, bool nft) {
  return std::string(v6 ? "ip6tables" : "iptables") + (nft ? "-nft-save" : "-legacy-save");
}

// What one of the four programs prints.
Result<SavedTables> save_tables(Reading& reading, bool v6, bool nft) {
  auto printed = output_of(reading, {program_of(v6, nft)});
  if (!printed && printed.error().kind == ErrorKind::kUnsupported) {
    printed = output_of_plain(reading, v6 ? "ip6tables" : "iptables", nft, printed.error());
  }
  return clean_iptables(TRY(std::move(printed)));
}

// Whether the kernel has tables of the old kind; reading them does not make any.
Result<bool> has_legacy_tables(Reading& reading, bool v6) {
  constexpr std::size_t kLimit = 4096;
  const std::string list =
      std::string("/proc/thread-self/net/") + (v6 ? "ip6_tables_names" : "ip_tables_names");
  if (!reading.view.files.exists(list)) return false;
  return !trim(TRY(reading.view.files.read(list, kLimit))).empty();
}

Result<std::string> legacy_text(Reading& reading, bool v6) {
  if (!TRY(has_legacy_tables(reading, v6))) return std::string();
  SavedTables saved = TRY(save_tables(reading, v6, false));
  if (saved.tables.empty()) return fail(ErrorKind::kBadData, "it printed no table");
  return std::move(saved.text);
}

void read_legacy(Reading& reading, bool v6, std::string& text) {
  auto found = legacy_text(reading, v6);
  if (!found) return reading.miss(program_of(v6, false), found.error());
  text = *std::move(found);
}

// The tables of nftables that the kernel has; none where it has no nftables.
std::vector<NftTable> list_nft_tables(Reading& reading) {
  const auto dump = reading.patience.lost()
                        ? std::unexpected(Error{ErrorKind::kIo, std::string(kStopped), {}, {}})
                        : reading.view.netlink.dump(ask_nft_tables());
  if (!dump && dump.error().kind == ErrorKind::kUnsupported) return {};
  auto tables = dump ? read_nft_tables(*dump) : std::unexpected(dump.error());
  if (tables) return *std::move(tables);
  reading.miss("tables of nftables", tables.error());
  return {};
}

// What iptables-nft-save shows, as tables of nftables.
std::vector<NftTable> read_iptables_nft(Reading& reading, const std::vector<NftTable>& tables,
                                        bool v6, std::string& text) {
  const std::string family = v6 ? "ip6" : "ip";
  const bool any = std::ranges::any_of(tables, [&](const NftTable& table) {
    return table.family == family &&
           std::ranges::find(kIptablesTables, table.name) != kIptablesTables.end();
  });
  if (!any) return {};
  auto saved = save_tables(reading, v6, true);
  if (!saved) {
    reading.miss(program_of(v6, true), saved.error());
    return {};
  }
  text = std::move(saved->text);
  std::vector<NftTable> owned;
  for (std::string& name : saved->tables) owned.push_back({family, std::move(name)});
  return owned;
}

void read_nft(Reading& reading, const std::vector<NftTable>& tables,
              const std::vector<NftTable>& owned) {
  const bool any = std::ranges::any_of(tables, [&](const NftTable& table) {
    return std::ranges::find(owned, table) == owned.end();
  });
  if (!any) return;
  const auto printed = output_of(reading, {"nft", "-j", "-s", "list", "ruleset"});
  auto cleaned = printed ? clean_nft(*printed, owned) : std::unexpected(printed.error());
  if (!cleaned) return reading.miss("nft", cleaned.error());
  reading.state.filters.nft = *std::move(cleaned);
}

void read_ipsets(Reading& reading) {
  FilterTexts& filters = reading.state.filters;
  const auto asks = [](const std::string& text) {
    return text.find(" --match-set ") != std::string::npos;
  };
  if (!asks(filters.iptables_nft) && !asks(filters.ip6tables_nft) &&
      !asks(filters.iptables_legacy) && !asks(filters.ip6tables_legacy)) {
    return;
  }
  const auto printed = output_of(reading, {"ipset", "save"});
  auto cleaned = printed ? clean_ipset(*printed) : std::unexpected(printed.error());
  if (cleaned && cleaned->empty()) cleaned = fail(ErrorKind::kBadData, "it printed no set");
  if (!cleaned) return reading.miss("ipset", cleaned.error());
  filters.ipset = *std::move(cleaned);
}

}  // namespace

void read_filters(Reading& reading) {
  FilterTexts& filters = reading.state.filters;
  const std::vector<NftTable> tables = list_nft_tables(reading);
  std::vector<NftTable> owned = read_iptables_nft(reading, tables, false, filters.iptables_nft);
  std::ranges::move(read_iptables_nft(reading, tables, true, filters.ip6tables_nft),
                    std::back_inserter(owned));
  read_nft(reading, tables, owned);
  read_legacy(reading, false, filters.iptables_legacy);
  read_legacy(reading, true, filters.ip6tables_legacy);
  read_ipsets(reading);
}

}  // namespace firebreak
