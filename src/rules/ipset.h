// What `ipset save` prints, as sets of a program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "rules/program.h"

namespace firebreak {

// Appends the sets of `text` to `into`; those of the other family too, which match no packet of
// this one. Read it before the rules (rules/iptables.h). A set whose members are not understood
// (MAC addresses, "nomatch", "physdev:", ICMP types, options that mask) is there, not understood.
// Lists of sets are resolved into the elements of their members.
//
// Input that the tool cannot have printed is an error; then `into` is as it was.
[[nodiscard]] std::vector<Diagnostic> parse_ipset_save(std::string_view text,
                                                       const std::string& where, Program& into);

}  // namespace firebreak
