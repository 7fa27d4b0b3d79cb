#include <array>

#include "filter/testing.h"

namespace firebreak {
namespace {

constexpr std::array<const char*, 4> kInterfaces = {"eth0", "eth1", "br-a", "br-b"};
constexpr std::array<std::uint8_t, 4> kSomeProtocols = {1, 6, 17, 47};

IpAddress address_number(Family family, unsigned number) {
  if (family == Family::kV4) return IpAddress::v4(0x0A000000U + number);
  std::array<std::uint8_t, 16> bytes{0xfd};
  bytes[15] = static_cast<std::uint8_t>(number);
  return IpAddress::v6(bytes);
}

// Types of the addresses of the world: a function of the address and the interface's length.
OnAddressType::Bit type_number(unsigned number, std::string_view interface) {
  constexpr std::array kTypes = {OnAddressType::kUnicast,   OnAddressType::kLocal,
                                 OnAddressType::kLocal,     OnAddressType::kBroadcast,
                                 OnAddressType::kMulticast, OnAddressType::kOther,
                                 OnAddressType::kUnicast,   OnAddressType::kAnycast};
  const unsigned other = interface.empty() ? 0 : static_cast<unsigned>(interface.back()) % 3;
  return kTypes[(number + other) % 8];
}

class Generator {
 public:
  explicit Generator(std::uint32_t seed) : dice_(seed) {}

  RandomHook make() {
    out_.program.family = family_ = one_in(5) ? Family::kV6 : Family::kV4;
    out_.hook = static_cast<Hook>(below(5));
    for (int i = 0; i < 3; ++i) out_.places.push_back(some_place());
    make_surroundings();
    make_sets();
    make_chains();
    return std::move(out_);
  }

 private:
  unsigned below(unsigned limit) { return static_cast<unsigned>(dice_() % limit); }
  bool one_in(unsigned number) { return below(number) == 0; }

  HookPlace some_place() {
    const bool in = out_.hook != Hook::kOutput && !(out_.hook == Hook::kPostrouting && one_in(3));
    const bool out = out_.hook != Hook::kPrerouting && out_.hook != Hook::kInput;
    HookPlace place;
    if (in) place.in = kInterfaces[below(4)];
    if (out) place.out = kInterfaces[below(4)];
    if (in && one_in(4)) place.bridge_in = one_in(2) ? "veth0" : "veth1";
    if (out && one_in(4)) place.bridge_out = one_in(2) ? "veth0" : "veth1";
    constexpr std::array kStates = {OnState::kNew, OnState::kNew, OnState::kNew,
                                    OnState::kEstablished, OnState::kInvalid};
    place.state = kStates[below(5)];
    if (place.state == OnState::kEstablished) place.tcp_flags = 18;
    return place;
  }

  void make_surroundings() {
    const Family family = family_;
    if (!one_in(8)) {
      out_.one.type_of = [family](const IpAddress& address, std::string_view interface) {
        for (unsigned number = 0; number < 8; ++number) {
          if (address == address_number(family, number)) return type_number(number, interface);
        }
        return OnAddressType::kUnicast;
      };
      out_.sets.addresses_of = [family](OnAddressType::Bit bit, std::string_view interface) {
        std::vector<AddressRange> ranges;
        for (unsigned number = 0; number < 8; ++number) {
          const IpAddress address = address_number(family, number);
          if (type_number(number, interface) == bit) ranges.push_back({address, address});
        }
        if (bit != OnAddressType::kUnicast) return ranges;
        const bool v4 = family == Family::kV4;
        const auto parse = [](const char* text) { return *IpAddress::parse(text); };
        ranges.push_back({parse(v4 ? "0.0.0.0" : "::"),
                          parse(v4 ? "9.255.255.255" : "fcff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")});
        ranges.push_back(
            {address_number(family, 8),
             parse(v4 ? "255.255.255.255" : "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")});
        return ranges;
      };
    }
    if (one_in(10)) return;
    out_.one.address_of = [family](std::string_view interface) {
      return interface == "eth1" || interface.empty()
                 ? std::nullopt
                 : std::optional(address_number(family, interface == "eth0" ? 1 : 2));
    };
    out_.sets.address_of = out_.one.address_of;
  }

  AddressRange some_addresses(unsigned most = 4) {
    const unsigned first = below(8);
    const unsigned last = one_in(2) ? first : std::min(7U, first + below(most));
    return {address_number(family_, first), address_number(family_, last)};
  }
  PortRange some_ports(unsigned most = 3) {
    const unsigned first = 78 + below(6);
    const unsigned last = one_in(2) ? first : first + below(most);
    return {Port{static_cast<std::uint16_t>(first)}, Port{static_cast<std::uint16_t>(last)}};
  }
  NamePattern some_name() {
    if (one_in(3)) return {one_in(2) ? "eth" : "br-", true};
    return {kInterfaces[below(4)], false};
  }
  End some_end() { return one_in(2) ? End::kSource : End::kDestination; }
  OnInterface::Side some_side() {
    return one_in(2) ? OnInterface::Side::kIn : OnInterface::Side::kOut;
  }

  void make_sets() {
    for (int i = 0; i < 2; ++i) {
      AddressSet set;
      set.name = "set";
      set.understood = !one_in(10);
      for (unsigned elements = below(4); elements > 0; --elements) {
        std::vector<AddressSet::Part> parts(1 + below(2));
        for (AddressSet::Part& part : parts) {
          if (!one_in(3)) part.addresses = some_addresses();
          if (one_in(4)) part.protocol = kSomeProtocols[below(4)];
          if (one_in(4)) part.ports = some_ports();
          if (one_in(5)) part.interface = some_name();
          if (one_in(6)) part.mark = below(4);
        }
        set.elements.push_back(std::move(parts));
      }
      out_.program.sets.push_back(std::move(set));
    }
  }

  Condition some_condition() {
    Condition condition{.what = some_question(), .negated = one_in(4)};
    return condition;
  }

  decltype(Condition::what) some_question() {
    switch (below(18)) {
      case 0: return OnInterface{some_side(), {some_name()}};
      case 1: return OnBridgePort{some_side(), {}};
      case 2: return OnBridgePort{some_side(), {{"veth0", false}}};
      case 3:
      case 4:
      case 5: return OnAddress{some_end(), {some_addresses(), some_addresses()}};
      case 6: return OnProtocol{{kSomeProtocols[below(4)]}};
      case 7:
      case 8: return OnPort{static_cast<OnPort::Which>(below(3)), {some_ports()}};
      case 9: return OnTcpFlags{18, static_cast<std::uint8_t>(one_in(2) ? 2 : 18)};
      case 10: return OnIcmpType{static_cast<std::uint8_t>(below(2)), some_code()};
      case 11: return OnState{static_cast<std::uint8_t>(dice_() % 128)};
      case 12: return some_original();
      case 13: return some_type();
      case 14: return OnMark{one_in(2), below(4), one_in(2) ? 0xFFFFFFFF : 1 + below(3)};
      case 15: return some_membership();
      case 16: return OnRate{!one_in(4)};
      default: break;
    }
    if (one_in(3)) return NotUnderstood{"-m future"};
    return OnAddress{some_end(), {some_addresses()}};
  }
  std::optional<std::uint8_t> some_code() {
    if (one_in(2)) return std::nullopt;
    return static_cast<std::uint8_t>(below(2));
  }
  OnOriginal some_original() {
    OnOriginal on;
    if (!one_in(3)) on.destinations = {some_addresses()};
    if (on.destinations.empty() || one_in(2)) on.ports = {some_ports()};
    return on;
  }
  OnAddressType some_type() {
    OnAddressType on{
        .end = some_end(), .any_of = static_cast<std::uint8_t>(dice_() % 64), .limit = {}};
    if (one_in(3)) on.limit = some_side();
    return on;
  }
  InSet some_membership() {
    InSet in{.set = AddressSetId(std::size_t{below(2)}), .dimensions = {some_end()}};
    if (!one_in(3)) in.dimensions.push_back(some_end());
    return in;
  }

  // Chains call only chains behind them, of their own kind: those that may rewrite come first.
  static constexpr unsigned kNatChains = 2;
  static constexpr unsigned kOtherChains = 3;

  void make_chains() {
    const auto add_base = [&](int priority, BaseChain::Kind kind) {
      if (one_in(3)) return;
      out_.program.base_chains.push_back({.hook = out_.hook,
                                          .priority = priority,
                                          .kind = kind,
                                          .policy_accepts = !one_in(4),
                                          .chain = ChainId(bases_++)});
    };
    using enum BaseChain::Kind;
    add_base(-300, kFilter);
    add_base(-150, kRoute);
    add_base(-100, kNat);
    add_base(0, kFilter);
    add_base(100, kNat);
    std::vector<bool> nat(bases_);
    for (const BaseChain& base : out_.program.base_chains) {
      nat[base.chain.index()] = base.kind == kNat;
    }
    const std::size_t chains = bases_ + kNatChains + kOtherChains;
    for (std::size_t i = 0; i < chains; ++i) {
      const bool rewrites = i < bases_ ? nat[i] : i < bases_ + kNatChains;
      Chain& chain = out_.program.chains.emplace_back();
      chain.table = rewrites ? "nat" : "filter";
      for (unsigned rules = below(6); rules > 0; --rules) {
        chain.rules.push_back(some_rule(rewrites, i));
      }
    }
  }

  Rule some_rule(bool rewrites, std::size_t chain) {
    Rule rule;
    for (unsigned conditions = below(3); conditions > 0; --conditions) {
      rule.conditions.push_back(some_condition());
    }
    rule.action = some_action(rewrites, chain);
    return rule;
  }

  Action some_action(bool rewrites, std::size_t chain) {
    const unsigned number = below(rewrites ? 20 : 14);
    if (number >= 17) return some_snat();
    if (number >= 14) return some_dnat();
    switch (number) {
      case 0:
      case 1: return Verdict::kAccept;
      case 2: return one_in(4) ? Verdict::kReject : Verdict::kDrop;
      case 3: return Verdict::kReturn;
      case 4: return one_in(2) ? Verdict::kGoOn : Verdict::kDrop;
      case 5:
      case 6:
      case 7: return some_jump(rewrites, chain);
      case 8:
      case 9: return SetMark{one_in(2), below(4), one_in(2) ? 0xFFFFFFFF : below(4)};
      case 10: return CopyMark{one_in(2), one_in(2) ? 0xFFFFFFFF : below(4)};
      case 11: return NoTrack{};
      case 12: return one_in(4) ? Action(NotUnderstood{"-j FUTURE"}) : Verdict::kAccept;
      default: return Verdict::kAccept;
    }
  }

  Action some_jump(bool rewrites, std::size_t chain) {
    const std::size_t first = std::max(chain + 1, bases_ + (rewrites ? 0 : kNatChains));
    const std::size_t last = bases_ + kNatChains + (rewrites ? 0 : kOtherChains);
    if (first >= last) return Verdict::kAccept;
    const auto callee = first + below(static_cast<unsigned>(last - first));
    return Jump{ChainId(callee), one_in(4)};
  }

  Action some_dnat() {
    Dnat dnat;
    dnat.redirect = one_in(4);
    if (!dnat.redirect && !one_in(5)) dnat.to = some_addresses(one_in(4) ? 2 : 1);
    if (one_in(2)) dnat.ports = some_ports(one_in(4) ? 2 : 1);
    return dnat;
  }
  Action some_snat() {
    Snat snat;
    snat.masquerade = one_in(3);
    if (!snat.masquerade && !one_in(5)) snat.to = some_addresses(one_in(4) ? 2 : 1);
    if (one_in(3)) snat.ports = some_ports(one_in(4) ? 2 : 1);
    return snat;
  }

  std::mt19937 dice_;
  Family family_ = Family::kV4;
  std::size_t bases_ = 0;
  RandomHook out_;
};

}  // namespace

RandomHook random_hook(std::uint32_t seed) { return Generator(seed).make(); }

PacketHeader random_header(const RandomHook& hook, std::mt19937& dice) {
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(dice() % limit); };
  const Family family = hook.program.family;
  PacketHeader header;
  header.protocol = kSomeProtocols[below(4)];
  header.source = address_number(family, below(8));
  header.destination = address_number(family, below(8));
  header.source_port = Port{static_cast<std::uint16_t>(78 + below(6))};
  header.destination_port = Port{static_cast<std::uint16_t>(78 + below(6))};
  if (header.protocol == 1) {
    header.destination_port = Port{static_cast<std::uint16_t>(below(2) * 256 + below(2))};
  }
  header.mark = below(2) * below(4);
  header.connection_mark = below(2) * below(4);
  header.destination_rewritten = below(4) == 0;
  header.source_rewritten = below(4) == 0;
  header.untracked = below(8) == 0;
  return header;
}

// Marks are kept to the world's: rules that depend on them are followed for each of their values.
PacketSet random_packets(const RandomHook& hook, std::mt19937& dice) {
  const auto below = [&](unsigned limit) { return static_cast<unsigned>(dice() % limit); };
  const Family family = hook.program.family;
  PacketSet set =
      PacketSet::of(family) & PacketSet::mark(0, ~3U) & PacketSet::connection_mark(0, ~3U);
  if (below(2) == 0) {
    set &= PacketSet::source({address_number(family, below(3)), address_number(family, 5)});
  }
  if (below(2) == 0) set -= PacketSet::protocol(17);
  if (below(2) == 0) set &= ~PacketSet::flag(PacketField::kUntracked, true);
  return set;
}

}  // namespace firebreak
