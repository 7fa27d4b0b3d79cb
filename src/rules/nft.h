// What `nft -j list ruleset` prints (libnftables-json(5); read from nft 1.0.6 and 1.1.3), as a
// program.
//
// Tables of the program's family and of inet are read. A match or statement that is not understood
// becomes NotUnderstood and carries its JSON; comments and log prefixes are left out of texts.
// Rules have no line; what an expression of nft says at once may be several rules here (an element
// of a verdict map is one), with the same meaning.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "rules/program.h"

namespace firebreak {

struct NftReading {
  std::vector<Diagnostic> diagnostics;  // errors; `file` is set, `line` is 0
  // Base chains that packets of the program's family meet outside of the hooks that a program has
  // (bridge, netdev and arp tables, ingress), and that could do anything but let them pass:
  // "bridge fence forward, at hook forward". Whoever answers for packets there must say "unknown".
  std::vector<std::string> not_followed;
};

// Appends to `into`, whose family says which tables count. May follow parse_iptables_save: the
// tables that iptables owns must not be in both texts. Of base chains with the same priority the
// one listed last runs first, as in the kernel (nf_hook_entries_grow); those that were in `into`
// before come first.
//
// A set that changes at run time (timeouts, elements that rules add) is not understood. A table of
// which nft does not say clearly whether it is dormant may be either.
//
// Text that nft cannot have printed is an error: broken JSON, a rule of a chain or a jump to a
// chain that is not there, chains that call each other in a circle. All errors are given, with
// `where` as their file, and then `into` is as it was. Empty text is an empty rule set.
[[nodiscard]] NftReading parse_nft_ruleset(std::string_view json, std::string_view where,
                                           Program& into);

}  // namespace firebreak
