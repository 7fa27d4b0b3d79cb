// The fields of kernel state in a snapshot's JSON form; see fields.h.
#pragma once

#include <array>
#include <tuple>

#include "snapshot/field.h"
#include "snapshot/kernel.h"

namespace firebreak::json {

template <>
inline constexpr auto kEnumNames<NetRoute::Kind> =
    std::to_array<EnumName<NetRoute::Kind>>({{NetRoute::Kind::kUnicast, "unicast"},
                                             {NetRoute::Kind::kLocal, "local"},
                                             {NetRoute::Kind::kBlackhole, "blackhole"},
                                             {NetRoute::Kind::kUnreachable, "unreachable"},
                                             {NetRoute::Kind::kProhibit, "prohibit"},
                                             {NetRoute::Kind::kOther, "other"}});

template <>
inline constexpr auto kFields<NetLink> = std::tuple(
    Field{"index", &NetLink::index, kRequired}, Field{"name", &NetLink::name, kRequired},
    Field{"kind", &NetLink::kind}, Field{"up", &NetLink::up}, Field{"loopback", &NetLink::loopback},
    Field{"master", &NetLink::master}, Field{"peer", &NetLink::peer},
    Field{"peer_namespace", &NetLink::peer_namespace}, Field{"vxlan_id", &NetLink::vxlan_id},
    Field{"vxlan_port", &NetLink::vxlan_port}, Field{"vlan_id", &NetLink::vlan_id},
    Field{"mode", &NetLink::mode}, Field{"hairpin", &NetLink::hairpin},
    Field{"isolated", &NetLink::isolated}, Field{"vlan_filtering", &NetLink::vlan_filtering},
    Field{"nf_call_iptables", &NetLink::nf_call_iptables},
    Field{"nf_call_ip6tables", &NetLink::nf_call_ip6tables},
    Field{"addresses", &NetLink::addresses});

template <>
inline constexpr auto kFields<NetRoute> = std::tuple(
    Field{"table", &NetRoute::table}, Field{"destination", &NetRoute::destination, kRequired},
    Field{"kind", &NetRoute::kind}, Field{"gateway", &NetRoute::gateway},
    Field{"link", &NetRoute::link}, Field{"metric", &NetRoute::metric},
    Field{"source", &NetRoute::source});

template <>
inline constexpr auto kFields<NetRule> =
    std::tuple(Field{"priority", &NetRule::priority, kRequired}, Field{"v6", &NetRule::v6},
               Field{"from", &NetRule::from}, Field{"to", &NetRule::to},
               Field{"incoming", &NetRule::incoming}, Field{"outgoing", &NetRule::outgoing},
               Field{"mark", &NetRule::mark}, Field{"mark_mask", &NetRule::mark_mask},
               Field{"table", &NetRule::table}, Field{"understood", &NetRule::understood});

template <>
inline constexpr auto kFields<Listener> = std::tuple(
    Field{"protocol", &Listener::protocol}, Field{"address", &Listener::address, kRequired},
    Field{"port", &Listener::port, kRequired}, Field{"v6_only", &Listener::v6_only},
    Field{"link", &Listener::link});

template <>
inline constexpr auto kFields<Sysctl> =
    std::tuple(Field{"name", &Sysctl::name, kRequired}, Field{"value", &Sysctl::value, kRequired});

template <>
inline constexpr auto kFields<FilterTexts> =
    std::tuple(Field{"iptables_nft", &FilterTexts::iptables_nft},
               Field{"ip6tables_nft", &FilterTexts::ip6tables_nft},
               Field{"iptables_legacy", &FilterTexts::iptables_legacy},
               Field{"ip6tables_legacy", &FilterTexts::ip6tables_legacy},
               Field{"nft", &FilterTexts::nft}, Field{"ipset", &FilterTexts::ipset});

template <>
inline constexpr auto kFields<Unread> =
    std::tuple(Field{"what", &Unread::what, kRequired}, Field{"why", &Unread::why, kRequired});

template <>
inline constexpr auto kFields<NetNamespace> = std::tuple(
    Field{"inode", &NetNamespace::inode}, Field{"links", &NetNamespace::links},
    Field{"routes", &NetNamespace::routes}, Field{"rules", &NetNamespace::rules},
    Field{"sysctls", &NetNamespace::sysctls}, Field{"listeners", &NetNamespace::listeners},
    Field{"filters", &NetNamespace::filters}, Field{"unread", &NetNamespace::unread});

template <>
inline constexpr auto kFields<UserlandProxy> =
    std::tuple(Field{"protocol", &UserlandProxy::protocol},
               Field{"host_address", &UserlandProxy::host_address, kRequired},
               Field{"host_port", &UserlandProxy::host_port, kRequired},
               Field{"container_address", &UserlandProxy::container_address, kRequired},
               Field{"container_port", &UserlandProxy::container_port, kRequired});

template <>
inline constexpr auto kFields<ContainerNamespace> =
    std::tuple(Field{"container", &ContainerNamespace::container, kRequired},
               Field{"state", &ContainerNamespace::state, kRequired});

template <>
inline constexpr auto kFields<KernelState> = std::tuple(
    Field{"host", &KernelState::host, kRequired}, Field{"containers", &KernelState::containers},
    Field{"proxies", &KernelState::proxies}, Field{"unread", &KernelState::unread});

}  // namespace firebreak::json
