// A packet filter as a program: what iptables-save, `nft -j list ruleset` and `ipset save` say, in
// one form that evaluators run. Plain data; parsers fill it (rules/iptables.h, rules/nft.h),
// evaluators read it (rules/evaluate.h one packet at a time, filter/filter.h all packets at once).
//
// The meaning of each part is the kernel's (net/netfilter, Linux 6.x; iptables-extensions(8),
// nft(8)). What a parser does not understand stays in the program as such: an evaluator answers
// "unknown" there, never yes or no.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/ip.h"

namespace firebreak {

enum class Hook : std::uint8_t { kPrerouting, kInput, kForward, kOutput, kPostrouting };

using ChainId = Id<struct ChainTag>;     // an index into Program::chains
using AddressSetId = Id<struct SetTag>;  // an index into Program::sets

// "eth0", or every name that begins with it ("br-+" in iptables, "br-*" in nft).
struct NamePattern {
  std::string name;
  bool prefix = false;
  friend auto operator<=>(const NamePattern&, const NamePattern&) = default;
};

enum class End : std::uint8_t { kSource, kDestination };

// ---- conditions: what a rule asks of a packet ----
//
// An empty `any_of` matches nothing, unless the struct says otherwise.

// The interface that the packet came in by, or leaves by. For a bridged packet that br_netfilter
// hands up these are the bridge, as iptables' -i and -o see it. A packet of the machine's own has
// no incoming interface and matches no pattern.
struct OnInterface {
  enum class Side : std::uint8_t { kIn, kOut };
  Side side = Side::kIn;
  std::vector<NamePattern> any_of;
  friend bool operator==(const OnInterface&, const OnInterface&) = default;
};
// The port of a bridge that the packet came in by or leaves by (xt_physdev).
struct OnBridgePort {
  OnInterface::Side side = OnInterface::Side::kIn;
  std::vector<NamePattern> any_of;  // empty: any, that is "the packet is bridged"
  friend bool operator==(const OnBridgePort&, const OnBridgePort&) = default;
};
struct OnAddress {
  End end = End::kSource;
  std::vector<AddressRange> any_of;
  friend bool operator==(const OnAddress&, const OnAddress&) = default;
};
struct OnProtocol {
  std::vector<std::uint8_t> any_of;  // IANA numbers: 1 ICMP, 6 TCP, 17 UDP, 58 ICMPv6, 132 SCTP
  friend bool operator==(const OnProtocol&, const OnProtocol&) = default;
};
// Implies that the protocol has ports; parsers put an OnProtocol before it. A packet of a protocol
// without ports does not meet it.
struct OnPort {
  enum class Which : std::uint8_t { kSource, kDestination, kEither };
  Which which = Which::kDestination;
  std::vector<PortRange> any_of;
  friend bool operator==(const OnPort&, const OnPort&) = default;
};
// TCP: of the flags in `mask` exactly those in `set` are set (bits as in the header: FIN 1, SYN 2,
// RST 4, PSH 8, ACK 16, URG 32).
struct OnTcpFlags {
  std::uint8_t mask = 0;
  std::uint8_t set = 0;
  friend bool operator==(const OnTcpFlags&, const OnTcpFlags&) = default;
};
struct OnIcmpType {
  std::uint8_t type = 0;
  std::optional<std::uint8_t> code;
  friend bool operator==(const OnIcmpType&, const OnIcmpType&) = default;
};
// Connection tracking (xt_conntrack, nft "ct state" and "ct status").
struct OnState {
  enum Bit : std::uint8_t {
    kInvalid = 1,
    kEstablished = 2,
    kRelated = 4,
    kNew = 8,
    kUntracked = 16,
    kSourceRewritten = 32,       // SNAT
    kDestinationRewritten = 64,  // DNAT
  };
  std::uint8_t any_of = 0;
  friend bool operator==(const OnState&, const OnState&) = default;
};
// The destination or port that the connection had before DNAT (xt_conntrack --ctorigdst, nft "ct
// original"). A packet without a connection (invalid, untracked, or in a chain that runs before
// connection tracking) does not meet it, not even when negated.
struct OnOriginal {
  std::vector<AddressRange> destinations;  // empty: any
  std::vector<PortRange> ports;            // empty: any
  friend bool operator==(const OnOriginal&, const OnOriginal&) = default;
};
// What the machine's routing says of an address (xt_addrtype, nft "fib"). An address has one type.
// kOther stands for several (blackhole, unreachable, prohibit, …): where the condition and the
// address both say kOther, an evaluator answers "unknown".
struct OnAddressType {
  enum Bit : std::uint8_t {
    kUnicast = 1,
    kLocal = 2,
    kBroadcast = 4,
    kMulticast = 8,
    kAnycast = 16,
    kOther = 32
  };
  End end = End::kDestination;
  std::uint8_t any_of = 0;
  std::optional<OnInterface::Side> limit;  // --limit-iface-in, --limit-iface-out
  friend bool operator==(const OnAddressType&, const OnAddressType&) = default;
};
struct OnMark {             // holds if (mark & mask) == value
  bool connection = false;  // the connection's mark, not the packet's; then as for OnOriginal, a
                            // packet without a connection never meets it
  std::uint32_t value = 0;
  std::uint32_t mask = 0xFFFFFFFF;
  friend bool operator==(const OnMark&, const OnMark&) = default;
};
// Membership of a named set (ipset, or a named set of nft whose elements change at run time): some
// element's parts each match the end that stands at their place in `dimensions`. More dimensions
// than parts are ignored; an element with more parts than dimensions does not match.
struct InSet {
  AddressSetId set;
  std::vector<End> dimensions;  // "src,dst"
  friend bool operator==(const InSet&, const InSet&) = default;
};
// Holds for the first packets of a lone connection (limit, hashlimit-upto); `false` for those that
// begin to hold under load only (hashlimit-above, connlimit-above).
struct OnRate {
  bool when_idle = true;
  friend bool operator==(const OnRate&, const OnRate&) = default;
};
// As a condition: may hold or not. As an action: anything may become of the packet.
struct NotUnderstood {
  std::string text;  // "-m recent --rcheck", as printed
  friend bool operator==(const NotUnderstood&, const NotUnderstood&) = default;
};

struct Condition {
  std::variant<OnInterface, OnBridgePort, OnAddress, OnProtocol, OnPort, OnTcpFlags, OnIcmpType,
               OnState, OnOriginal, OnAddressType, OnMark, InSet, OnRate, NotUnderstood>
      what;
  bool negated = false;
  friend bool operator==(const Condition&, const Condition&) = default;
};

// ---- actions: what a rule does with a packet that meets all its conditions ----

enum class Verdict : std::uint8_t {
  kAccept,  // for good in this base chain; later base chains of the hook still see the packet
  kDrop,    // for good
  kReject,  // for good, and the sender is told
  kReturn,  // back to the calling chain; from a base chain: its policy
  kGoOn,    // with the next rule (LOG, counters, comments)
};
struct Jump {
  ChainId chain;
  bool no_return = false;  // goto: a return goes to where this chain was called from
  friend bool operator==(const Jump&, const Jump&) = default;
};
struct Dnat {  // also REDIRECT: then `to` is empty, and the destination is the incoming interface's
               // own
  bool redirect = false;
  std::optional<AddressRange> to;
  std::optional<PortRange> ports;
  friend bool operator==(const Dnat&, const Dnat&) = default;
};
struct Snat {  // also MASQUERADE: then `to` is empty
  bool masquerade = false;
  std::optional<AddressRange> to;
  std::optional<PortRange> ports;
  friend bool operator==(const Snat&, const Snat&) = default;
};
struct SetMark {  // mark = (mark & ~mask) ^ value, as xt_MARK revision 2
  bool connection = false;
  std::uint32_t value = 0;
  std::uint32_t mask = 0xFFFFFFFF;
  friend bool operator==(const SetMark&, const SetMark&) = default;
};
struct CopyMark {  // CONNMARK --save-mark (to the connection), --restore-mark (from it)
  bool to_connection = true;
  std::uint32_t mask = 0xFFFFFFFF;
  friend bool operator==(const CopyMark&, const CopyMark&) = default;
};
struct NoTrack {
  friend bool operator==(const NoTrack&, const NoTrack&) = default;
};

using Action = std::variant<Verdict, Jump, Dnat, Snat, SetMark, CopyMark, NoTrack, NotUnderstood>;

struct Rule {
  std::vector<Condition> conditions;  // all must hold, asked in order
  Action action = Verdict::kGoOn;
  std::string text;  // as the tool printed it, comments left out: for explanations
  int line = 0;      // of the source, from 1; 0 if it has none
  friend bool operator==(const Rule&, const Rule&) = default;
};

struct Chain {
  std::string table;  // "filter", "nat"; for nft "ip docker-bridges"
  std::string name;
  std::vector<Rule> rules;
  friend bool operator==(const Chain&, const Chain&) = default;
};

// A chain that the kernel calls. Those of a hook run by priority, then in the order of the program;
// a drop ends it all, an accept ends this chain only.
struct BaseChain {
  enum class Kind : std::uint8_t {
    kFilter,
    kNat,
    kRoute
  };  // nat: sees a connection's first packet only
  Hook hook = Hook::kForward;
  int priority = 0;  // raw -300, (conntrack -200), mangle -150, dstnat -100, filter 0, srcnat 100
  Kind kind = Kind::kFilter;
  bool policy_accepts = true;
  ChainId chain;
  friend bool operator==(const BaseChain&, const BaseChain&) = default;
};

// An ipset, or a set of nft. Each element has one part for each dimension of the set; the elements
// of an ipset of sets (list:set), which stand here too, may have different numbers of parts.
struct AddressSet {
  // What is given must hold: the address and port of the end that the dimension names, the packet's
  // protocol, the interface it came in by (source) or leaves by (destination), its mark. Ports
  // imply a protocol that has ports.
  struct Part {
    std::optional<AddressRange> addresses;
    std::optional<std::uint8_t> protocol;
    std::optional<PortRange> ports;
    std::optional<NamePattern> interface;
    std::optional<std::uint32_t> mark;
    friend bool operator==(const Part&, const Part&) = default;
  };
  std::string name;
  std::vector<std::vector<Part>> elements;
  bool understood = true;  // false: membership is unknown
  friend bool operator==(const AddressSet&, const AddressSet&) = default;
};

struct Program {
  Family family = Family::kV4;
  std::vector<Chain> chains;
  std::vector<BaseChain> base_chains;  // sorted by hook, priority, order of appearance
  std::vector<AddressSet> sets;
};

}  // namespace firebreak
