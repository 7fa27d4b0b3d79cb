// "-j NAME …": iptables(8) and iptables-extensions(8), "TARGET EXTENSIONS".
#include <algorithm>
#include <array>

#include "rules/rule_sink.h"
#include "rules/targets.h"

namespace firebreak {
namespace {

// Targets that let the packet go on as it is, as far as any decision is concerned.
constexpr auto kGoesOn = std::to_array<std::string_view>(
    {"AUDIT", "CHECKSUM", "CLASSIFY", "CONNSECMARK", "DSCP", "ECN", "IDLETIMER", "LED", "LOG",
     "NFLOG", "RATEEST", "SECMARK", "TCPMSS", "TCPOPTSTRIP", "TOS", "TRACE", "ULOG"});
// Targets whose effect is not followed.
constexpr auto kNotFollowed = std::to_array<std::string_view>(
    {"BALANCE", "CLUSTERIP", "DNPT", "HMARK", "MIRROR", "NETMAP", "NFQUEUE", "QUEUE", "SAME",
     "SNPT", "SYNPROXY", "TARPIT", "TEE", "TPROXY"});

struct Plain {
  std::string_view name;
  Verdict verdict;
};
constexpr auto kVerdicts = std::to_array<Plain>({{"ACCEPT", Verdict::kAccept},
                                                 {"DROP", Verdict::kDrop},
                                                 {"REJECT", Verdict::kReject},
                                                 {"RETURN", Verdict::kReturn}});

// Each gives the action, or nothing where the options are not understood.
struct TargetReader {
  std::string_view name;
  std::optional<Action> (*read)(const SaveClause&, RuleSink&);
};
constexpr auto kTargetReaders = std::to_array<TargetReader>({{"CONNMARK", read_connmark_target},
                                                             {"CT", read_ct_target},
                                                             {"DNAT", read_dnat},
                                                             {"HL", read_hops_target},
                                                             {"MARK", read_mark_target},
                                                             {"MASQUERADE", read_masquerade},
                                                             {"NOTRACK", read_ct_target},
                                                             {"REDIRECT", read_redirect},
                                                             {"SET", read_set_target},
                                                             {"SNAT", read_snat},
                                                             {"TTL", read_hops_target}});

template <class Table>
bool names(const Table& table, std::string_view name) {
  return std::ranges::find(table, name) != table.end();
}

}  // namespace

bool is_known_target(std::string_view name) {
  return names(kGoesOn, name) || names(kNotFollowed, name) ||
         std::ranges::find(kVerdicts, name, &Plain::name) != kVerdicts.end() ||
         std::ranges::find(kTargetReaders, name, &TargetReader::name) != kTargetReaders.end();
}

void read_target(const SaveClause& clause, RuleSink& sink) {
  if (clause.name.empty() || names(kGoesOn, clause.name)) return sink.set_action(Verdict::kGoOn);
  const auto* const plain = std::ranges::find(kVerdicts, clause.name, &Plain::name);
  if (plain != kVerdicts.end()) return sink.set_action(plain->verdict);
  const auto* const reader = std::ranges::find(kTargetReaders, clause.name, &TargetReader::name);
  std::optional<Action> action;
  if (reader != kTargetReaders.end()) action = reader->read(clause, sink);
  sink.set_action(action ? *std::move(action) : NotUnderstood{clause.text});
}

}  // namespace firebreak
