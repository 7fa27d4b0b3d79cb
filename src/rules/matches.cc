#include "rules/matches.h"

#include <algorithm>
#include <array>

namespace firebreak {
namespace {

struct MatchReader {
  std::string_view match;
  void (*read)(const SaveClause&, RuleSink&);
};
void read_comment(const SaveClause& /*clause*/, RuleSink& /*sink*/) {}

constexpr auto kMatchReaders = std::to_array<MatchReader>({{"addrtype", read_addrtype},
                                                           {"comment", read_comment},
                                                           {"connlimit", read_rate},
                                                           {"connmark", read_mark},
                                                           {"conntrack", read_conntrack},
                                                           {"dccp", read_ports_match},
                                                           {"hashlimit", read_rate},
                                                           {"icmp", read_icmp},
                                                           {"icmp6", read_icmp},
                                                           {"iprange", read_iprange},
                                                           {"limit", read_rate},
                                                           {"mark", read_mark},
                                                           {"multiport", read_multiport},
                                                           {"physdev", read_physdev},
                                                           {"sctp", read_ports_match},
                                                           {"set", read_set},
                                                           {"state", read_state},
                                                           {"tcp", read_ports_match},
                                                           {"udp", read_ports_match}});

}  // namespace

void read_match(const SaveClause& clause, RuleSink& sink) {
  const auto* const reader = std::ranges::find(kMatchReaders, clause.name, &MatchReader::match);
  if (reader == kMatchReaders.end()) return sink.not_understood(clause.text);
  reader->read(clause, sink);
}

}  // namespace firebreak
