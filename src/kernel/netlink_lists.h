// Netlink dumps as the lists of a snapshot: what to ask, and what the answers say. Formats:
// rtnetlink(7), sock_diag(7), linux/rtnetlink.h, linux/if_link.h, linux/fib_rules.h,
// linux/inet_diag.h, linux/netfilter/nf_tables.h.
//
// Readers take a whole dump (io/machine.h); kBadData for one that is cut short. Entries that they
// cannot read at all (of another family, too short) are left out.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "io/machine.h"
#include "snapshot/kernel.h"

namespace firebreak {

[[nodiscard]] NetlinkRequest ask_links();
[[nodiscard]] Result<std::vector<NetLink>> read_links(std::string_view dump);

// Gives links their addresses.
[[nodiscard]] NetlinkRequest ask_addresses(bool v6);
[[nodiscard]] Result<void> read_addresses(std::string_view dump, std::vector<NetLink>& links);

[[nodiscard]] NetlinkRequest ask_routes(bool v6);
[[nodiscard]] Result<std::vector<NetRoute>> read_routes(std::string_view dump, bool v6);

[[nodiscard]] NetlinkRequest ask_rules(bool v6);
[[nodiscard]] Result<std::vector<NetRule>> read_rules(std::string_view dump, bool v6);

// Listening TCP sockets, or UDP sockets without a peer.
[[nodiscard]] NetlinkRequest ask_sockets(bool v6, Protocol protocol);
[[nodiscard]] Result<std::vector<Listener>> read_sockets(std::string_view dump, bool v6,
                                                         Protocol protocol,
                                                         const std::vector<NetLink>& links);

struct NftTable {
  std::string family;  // "ip", "ip6", "inet", "arp", "bridge", "netdev"
  std::string name;
  friend auto operator<=>(const NftTable&, const NftTable&) = default;
};
[[nodiscard]] NetlinkRequest ask_nft_tables();
[[nodiscard]] Result<std::vector<NftTable>> read_nft_tables(std::string_view dump);

}  // namespace firebreak
