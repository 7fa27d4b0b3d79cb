// What iptables-save and ip6tables-save print (nft and legacy, with or without -c), as a program.
//
// Every table, chain, policy and rule is read. A match or target that is not understood becomes
// NotUnderstood and carries its text; comments are left out of texts. Base chains get the
// priorities that the kernel gives them (netfilter_ipv4.h; nat: dstnat and srcnat). Tables that
// iptables-save says it cannot print become chains at every hook of which nothing is known.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "rules/program.h"

namespace firebreak {

// Appends to `into`, whose family says which of the two tools `text` is of and whose sets are those
// of `ipset save` (rules/ipset.h; a set that is missing there is added, not understood). Both
// backends of one machine may be read into one program, one after the other.
//
// Input that the tool cannot have printed is an error: an unknown line, a jump to a chain that is
// not there, a table without COMMIT, chains that call each other in a circle. All errors are given,
// with `where` as their file, and then `into` is as it was. Empty text is an empty program.
[[nodiscard]] std::vector<Diagnostic> parse_iptables_save(std::string_view text,
                                                          const std::string& where, Program& into);

// The same text without comments and what they held ("-m comment --comment …", lines with '#'
// but for iptables' own word on tables it cannot print).
[[nodiscard]] std::string iptables_without_comments(std::string_view text);

}  // namespace firebreak
