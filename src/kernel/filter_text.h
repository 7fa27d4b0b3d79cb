// Texts of packet filter tools, made fit to be kept: what a rule does stays word for word; what its
// author may write into it (comments, log prefixes, strings to search for) goes, as it could be a
// secret; counters become zero, so that equal rules are equal texts.
//
// All are strict: kBadData for a text that is not whole or not of the known form, as the rest of a
// comment could hide in it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "kernel/netlink_lists.h"

namespace firebreak {

struct SavedTables {
  std::string text;
  std::vector<std::string> tables;  // "filter", "nat": those that it shows
};

// iptables-save(8), ip6tables-save(8).
[[nodiscard]] Result<SavedTables> clean_iptables(std::string_view printed);
// ipset save (ipset(8)).
[[nodiscard]] Result<std::string> clean_ipset(std::string_view printed);
// nft -j list ruleset (libnftables-json(5)) without the tables of `left_out`; empty if no table is
// left.
[[nodiscard]] Result<std::string> clean_nft(std::string_view printed,
                                            const std::vector<NftTable>& left_out);

}  // namespace firebreak
