// One reader for each match ("-m NAME") that is understood, by family of matches.
#pragma once

#include "rules/rule_sink.h"

namespace firebreak {

// matches_header.cc: what stands in the packet's headers.
void read_ports_match(const SaveClause& clause, RuleSink& sink);  // tcp, udp, sctp, dccp
void read_multiport(const SaveClause& clause, RuleSink& sink);
void read_iprange(const SaveClause& clause, RuleSink& sink);
void read_icmp(const SaveClause& clause, RuleSink& sink);  // icmp, icmp6

// matches_connection.cc: what connection tracking knows.
void read_conntrack(const SaveClause& clause, RuleSink& sink);
void read_state(const SaveClause& clause, RuleSink& sink);

// matches_machine.cc: what the machine adds: marks, sets, bridge ports, routing, rates.
void read_mark(const SaveClause& clause, RuleSink& sink);  // mark, connmark
void read_set(const SaveClause& clause, RuleSink& sink);
void read_physdev(const SaveClause& clause, RuleSink& sink);
void read_addrtype(const SaveClause& clause, RuleSink& sink);
void read_rate(const SaveClause& clause, RuleSink& sink);  // limit, hashlimit, connlimit

}  // namespace firebreak
