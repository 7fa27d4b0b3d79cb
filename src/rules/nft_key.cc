#include "rules/nft_key.h"

#include <algorithm>
#include <array>

namespace firebreak {
namespace {

using NftKind = NftKey::Kind;
using Side = OnInterface::Side;

struct Transport {
  std::string_view name;
  std::uint8_t protocol;
};
constexpr auto kTransports = std::to_array<Transport>(
    {{"tcp", 6}, {"udp", 17}, {"dccp", 33}, {"sctp", 132}, {"udplite", 136}});

void read_meta(std::string_view what, NftKey& key) {
  if (what == "iifname" || what == "iif") {
    key.kind = NftKind::kInterface;
  } else if (what == "oifname" || what == "oif") {
    key.kind = NftKind::kInterface;
    key.side = Side::kOut;
  } else if (what == "l4proto") {
    key.kind = NftKind::kProtocol;
  } else if (what == "mark") {
    key.kind = NftKind::kMark;
  } else if (what == "protocol" || what == "nfproto") {
    key.kind = NftKind::kFamily;
  }
}

// A header of the network layer, which packets of the other family do not have.
void read_network(std::string_view field, NftKey& key) {
  if (field == "saddr" || field == "daddr") {
    key.kind = NftKind::kAddress;
    key.end = field == "saddr" ? End::kSource : End::kDestination;
  } else if (field == "protocol" || field == "nexthdr") {
    key.kind = NftKind::kProtocol;
  }
}

void read_icmp(std::string_view field, bool v6, NftKey& key) {
  constexpr std::uint8_t kIcmpV4 = 1;
  constexpr std::uint8_t kIcmpV6 = 58;
  key.needs.push_back({OnProtocol{{v6 ? kIcmpV6 : kIcmpV4}}, false});
  key.v6_types = v6;
  if (field == "type") key.kind = NftKind::kIcmpType;
  if (field == "code") key.kind = NftKind::kIcmpCode;
}

void read_transport(std::string_view protocol, std::string_view field, NftKey& key) {
  const auto* const known = std::ranges::find(kTransports, protocol, &Transport::name);
  if (known == kTransports.end() && protocol != "th") return;
  if (known != kTransports.end()) key.needs.push_back({OnProtocol{{known->protocol}}, false});
  if (field == "sport" || field == "dport") {
    key.kind = NftKind::kPort;
    key.end = field == "sport" ? End::kSource : End::kDestination;
  } else if (field == "flags" && protocol == "tcp") {
    key.kind = NftKind::kTcpFlags;
  }
}

void read_payload(NftJson payload, Family family, NftKey& key) {
  const std::string_view protocol = nft_string(payload, "protocol").value_or("");
  const std::string_view field = nft_string(payload, "field").value_or("");
  const bool v6 = protocol == "ip6" || protocol == "icmpv6";
  if (v6 || protocol == "ip" || protocol == "icmp") {
    key.never = v6 != (family == Family::kV6);
  }
  if (protocol == "ip" || protocol == "ip6") return read_network(field, key);
  if (protocol == "icmp" || protocol == "icmpv6") return read_icmp(field, v6, key);
  read_transport(protocol, field, key);
}

// {"key": "ip daddr", "dir": "original"}; "daddr" alone in older versions.
void read_ct(NftJson ct, Family family, NftKey& key) {
  const std::string_view what = nft_string(ct, "key").value_or("");
  const auto direction = nft_string(ct, "dir");
  if (direction) {
    if (*direction != "original") return;
    if (what == "ip daddr" || what == "ip6 daddr" || what == "daddr") {
      key.never = what != "daddr" && (what == "ip6 daddr") != (family == Family::kV6);
      key.kind = NftKind::kOriginalAddress;
    } else if (what == "proto-dst") {
      key.kind = NftKind::kOriginalPort;
    }
    return;
  }
  if (what == "state") key.kind = NftKind::kState;
  if (what == "status") {
    key.kind = NftKind::kStatus;
    key.needs.push_back(nft_has_connection());
  }
  if (what == "mark") {
    key.kind = NftKind::kMark;
    key.connection = true;
  }
}

// {"result": "type", "flags": ["daddr", "iif"]}: net/ipv4/netfilter/nft_fib_ipv4.c,
// net/ipv6/netfilter/nft_fib_ipv6.c.
void read_fib(NftJson fib, NftKey& key) {
  const auto flags = nft_words(nft_member(fib, "flags"));
  if (!flags || nft_string(fib, "result") != "type") return;
  std::optional<End> end;
  for (const std::string_view flag : *flags) {
    if (flag == "saddr" || flag == "daddr") {
      end = flag == "saddr" ? End::kSource : End::kDestination;
    } else if (flag == "iif" || flag == "oif") {
      key.limit = flag == "iif" ? Side::kIn : Side::kOut;
    } else {
      return;
    }
  }
  if (!end) return;
  key.end = *end;
  key.kind = NftKind::kAddressType;
}

// {"&": [key, mask]}.
void read_masked_key(NftJson operands, Family family, NftKey& key) {
  const auto list = nft_list(operands);
  if (!list || list->size() != 2) return;
  key = nft_key((*list)[0], family);
  const bool maskable = key.kind == NftKind::kAddress || key.kind == NftKind::kMark ||
                        key.kind == NftKind::kTcpFlags || key.kind == NftKind::kState ||
                        key.kind == NftKind::kStatus;
  if (!maskable || key.mask) key.kind = NftKind::kUnknown;
  key.mask = (*list)[1];
}

}  // namespace

NftKey nft_key(NftJson expression, Family family) {
  NftKey key;
  const auto named = nft_named(expression);
  if (!named) return key;
  const auto& [name, body] = *named;
  if (name == "meta") {
    read_meta(nft_string(body, "key").value_or(""), key);
  } else if (name == "payload") {
    read_payload(body, family, key);
  } else if (name == "ct") {
    read_ct(body, family, key);
  } else if (name == "fib") {
    read_fib(body, key);
  } else if (name == "&") {
    read_masked_key(body, family, key);
  }
  return key;
}

std::vector<NftKey> nft_keys(NftJson expression, Family family) {
  const auto concat = nft_member(expression, "concat");
  const auto parts = concat ? nft_list(*concat) : std::nullopt;
  if (!parts) return {nft_key(expression, family)};
  std::vector<NftKey> out;
  out.reserve(parts->size());
  for (const NftJson part : *parts) out.push_back(nft_key(part, family));
  return out;
}

Condition nft_has_connection() { return {OnState{OnState::kInvalid | OnState::kUntracked}, true}; }

}  // namespace firebreak
