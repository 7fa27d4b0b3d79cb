// The fields of a snapshot's JSON form, once for reader and writer. Internal to this folder.
//
// Each type has a tuple of fields in the order in which they are written. A field that is not
// required is left out when it has its default value. docs/schema/snapshot-1.json says the same.
#pragma once

#include <array>
#include <string_view>
#include <tuple>

#include "snapshot/field.h"
#include "snapshot/kernel_fields.h"
#include "snapshot/snapshot.h"

namespace firebreak::json {

inline constexpr std::string_view kSchema = "firebreak/snapshot/1";

template <>
inline constexpr auto kEnumNames<RunState> =
    std::to_array<EnumName<RunState>>({{RunState::kRunning, "running"},
                                       {RunState::kStopped, "stopped"},
                                       {RunState::kPlanned, "planned"}});
template <>
inline constexpr auto kEnumNames<Mount::Type> =
    std::to_array<EnumName<Mount::Type>>({{Mount::Type::kBind, "bind"},
                                          {Mount::Type::kVolume, "volume"},
                                          {Mount::Type::kTmpfs, "tmpfs"},
                                          {Mount::Type::kOther, "other"}});
template <>
inline constexpr auto kEnumNames<Host::Kind> = std::to_array<EnumName<Host::Kind>>(
    {{Host::Kind::kEngine, "engine"}, {Host::Kind::kCompose, "compose"}});
template <>
inline constexpr auto kEnumNames<Protocol> = std::to_array<EnumName<Protocol>>(
    {{Protocol::kTcp, "tcp"}, {Protocol::kUdp, "udp"}, {Protocol::kSctp, "sctp"}});
template <>
inline constexpr auto kEnumNames<SecretKind> =
    std::to_array<EnumName<SecretKind>>({{SecretKind::kPassword, "password"},
                                         {SecretKind::kToken, "token"},
                                         {SecretKind::kApiKey, "api-key"},
                                         {SecretKind::kPrivateKey, "private-key"},
                                         {SecretKind::kAccessKeyId, "access-key-id"}});
template <>
inline constexpr auto kEnumNames<LengthClass> =
    std::to_array<EnumName<LengthClass>>({{LengthClass::kUnder8, "under-8"},
                                          {LengthClass::k8To15, "8-15"},
                                          {LengthClass::k16To31, "16-31"},
                                          {LengthClass::k32To63, "32-63"},
                                          {LengthClass::k64OrMore, "64-or-more"}});

template <>
inline constexpr auto kFields<Secret> =
    std::tuple(Field{"fingerprint", &Secret::fingerprint, kRequired}, Field{"kind", &Secret::kind},
               Field{"length", &Secret::length}, Field{"weak", &Secret::weak},
               Field{"provider", &Secret::provider}, Field{"live", &Secret::live},
               Field{"account", &Secret::account});

template <>
inline constexpr auto kFields<Target> =
    std::tuple(Field{"scheme", &Target::scheme}, Field{"host", &Target::host, kRequired},
               Field{"port", &Target::port}, Field{"database", &Target::database},
               Field{"user", &Target::user});

template <>
inline constexpr auto kFields<Gap> =
    std::tuple(Field{"what", &Gap::what, kRequired}, Field{"why", &Gap::why, kRequired},
               Field{"host", &Gap::host}, Field{"needed_by", &Gap::needed_by});

// A value's fields stand beside the name of the label or variable.
template <class T>
inline constexpr auto kValueFields =
    std::tuple(Field{"text", [](auto& t) -> auto& { return t.value.text; }},
               Field{"opaque", [](auto& t) -> auto& { return t.value.opaque; }},
               Field{"secrets", [](auto& t) -> auto& { return t.value.secrets; }},
               Field{"targets", [](auto& t) -> auto& { return t.value.targets; }});

template <>
inline constexpr auto kFields<Label> =
    std::tuple_cat(std::tuple(Field{"name", &Label::name, kRequired}), kValueFields<Label>);

template <>
inline constexpr auto kFields<EnvVar> =
    std::tuple_cat(std::tuple(Field{"name", &EnvVar::name, kRequired}), kValueFields<EnvVar>,
                   std::tuple(Field{"from_image", &EnvVar::from_image}));

template <>
inline constexpr auto kFields<CommandStep> =
    std::tuple(Field{"program", &CommandStep::program}, Field{"targets", &CommandStep::targets},
               Field{"secrets", &CommandStep::secrets},
               Field{"pipes_into_next", &CommandStep::pipes_into_next});

template <>
inline constexpr auto kFields<Mount> = std::tuple(
    Field{"type", &Mount::type}, Field{"volume", &Mount::volume}, Field{"source", &Mount::source},
    Field{"destination", &Mount::destination, kRequired}, Field{"read_write", &Mount::read_write},
    Field{"propagation", &Mount::propagation});

template <>
inline constexpr auto kFields<Endpoint> =
    std::tuple(Field{"network", &Endpoint::network, kRequired},
               Field{"network_name", &Endpoint::network_name}, Field{"names", &Endpoint::names},
               Field{"ipv4", &Endpoint::ipv4}, Field{"ipv6", &Endpoint::ipv6});

template <>
inline constexpr auto kFields<PublishedPort> = std::tuple(
    Field{"address", &PublishedPort::address}, Field{"host_port", &PublishedPort::host_port},
    Field{"container_port", &PublishedPort::container_port, kRequired},
    Field{"protocol", &PublishedPort::protocol});

template <>
inline constexpr auto kFields<ExposedPort> = std::tuple(
    Field{"port", &ExposedPort::port, kRequired}, Field{"protocol", &ExposedPort::protocol});

template <>
inline constexpr auto kFields<ExtraHost> = std::tuple(
    Field{"name", &ExtraHost::name, kRequired}, Field{"address", &ExtraHost::address, kRequired});

template <>
inline constexpr auto kFields<Isolation> = std::tuple(
    Field{"privileged", &Isolation::privileged},
    Field{"added_capabilities", &Isolation::added_capabilities},
    Field{"dropped_capabilities", &Isolation::dropped_capabilities},
    Field{"devices", &Isolation::devices}, Field{"device_rules", &Isolation::device_rules},
    Field{"security_options", &Isolation::security_options},
    Field{"network_mode", &Isolation::network_mode}, Field{"pid_mode", &Isolation::pid_mode},
    Field{"ipc_mode", &Isolation::ipc_mode}, Field{"uts_mode", &Isolation::uts_mode},
    Field{"user_mode", &Isolation::user_mode}, Field{"cgroup_mode", &Isolation::cgroup_mode},
    Field{"runtime", &Isolation::runtime}, Field{"user", &Isolation::user});

template <>
inline constexpr auto kFields<Container> = std::tuple(
    Field{"id", &Container::id, kRequired}, Field{"name", &Container::name, kRequired},
    Field{"image", &Container::image}, Field{"image_id", &Container::image_id},
    Field{"state", &Container::state}, Field{"hostname", &Container::hostname},
    Field{"labels", &Container::labels}, Field{"env", &Container::env},
    Field{"command", &Container::command}, Field{"mounts", &Container::mounts},
    Field{"endpoints", &Container::endpoints}, Field{"ports", &Container::ports},
    Field{"exposed", &Container::exposed}, Field{"volumes_from", &Container::volumes_from},
    Field{"extra_hosts", &Container::extra_hosts}, Field{"secrets", &Container::secrets},
    Field{"configs", &Container::configs}, Field{"isolation", &Container::isolation});

template <>
inline constexpr auto kFields<Network> =
    std::tuple(Field{"id", &Network::id, kRequired}, Field{"name", &Network::name, kRequired},
               Field{"driver", &Network::driver}, Field{"scope", &Network::scope},
               Field{"internal", &Network::internal}, Field{"attachable", &Network::attachable},
               Field{"ingress", &Network::ingress}, Field{"external", &Network::external},
               Field{"ipv6", &Network::ipv6}, Field{"subnets", &Network::subnets},
               Field{"gateways", &Network::gateways}, Field{"labels", &Network::labels},
               Field{"options", &Network::options});

template <>
inline constexpr auto kFields<Volume> =
    std::tuple(Field{"name", &Volume::name, kRequired}, Field{"driver", &Volume::driver},
               Field{"scope", &Volume::scope}, Field{"device", &Volume::device},
               Field{"labels", &Volume::labels});

template <>
inline constexpr auto kFields<Image> =
    std::tuple(Field{"id", &Image::id, kRequired}, Field{"tags", &Image::tags},
               Field{"digests", &Image::digests});

template <>
inline constexpr auto kFields<Service> =
    std::tuple(Field{"id", &Service::id, kRequired}, Field{"name", &Service::name, kRequired},
               Field{"tasks", &Service::tasks}, Field{"spec", &Service::spec, kRequired});

template <>
inline constexpr auto kFields<Node> =
    std::tuple(Field{"id", &Node::id, kRequired}, Field{"hostname", &Node::hostname},
               Field{"manager", &Node::manager}, Field{"labels", &Node::labels});

template <>
inline constexpr auto kFields<SwarmState> =
    std::tuple(Field{"active", &SwarmState::active}, Field{"manager", &SwarmState::manager},
               Field{"node", &SwarmState::node}, Field{"cluster", &SwarmState::cluster},
               Field{"services", &SwarmState::services}, Field{"nodes", &SwarmState::nodes},
               Field{"secrets", &SwarmState::secrets}, Field{"configs", &SwarmState::configs});

template <>
inline constexpr auto kFields<Engine> = std::tuple(
    Field{"product", &Engine::product}, Field{"version", &Engine::version},
    Field{"api_version", &Engine::api_version}, Field{"id", &Engine::id},
    Field{"machine", &Engine::machine}, Field{"operating_system", &Engine::operating_system},
    Field{"kernel", &Engine::kernel}, Field{"root_dir", &Engine::root_dir},
    Field{"default_runtime", &Engine::default_runtime},
    Field{"security_options", &Engine::security_options},
    Field{"authorization_plugins", &Engine::authorization_plugins},
    Field{"warnings", &Engine::warnings}, Field{"bridge_nf_iptables", &Engine::bridge_nf_iptables});

template <>
inline constexpr auto kFields<Host> = std::tuple(
    Field{"name", &Host::name, kRequired}, Field{"endpoint", &Host::endpoint},
    Field{"kind", &Host::kind}, Field{"tls", &Host::tls}, Field{"engine", &Host::engine},
    Field{"swarm", &Host::swarm}, Field{"containers", &Host::containers, kRequired},
    Field{"networks", &Host::networks, kRequired}, Field{"volumes", &Host::volumes, kRequired},
    Field{"images", &Host::images, kRequired}, Field{"kernel", &Host::kernel},
    Field{"kernel_missing", &Host::kernel_missing});

// Behind "schema", which stands first and is handled apart.
template <>
inline constexpr auto kFields<Snapshot> = std::tuple(
    Field{"tool_version", &Snapshot::tool_version}, Field{"taken", &Snapshot::taken, kRequired},
    Field{"key_id", &Snapshot::key_id}, Field{"key_lasting", &Snapshot::key_lasting},
    Field{"hosts", &Snapshot::hosts, kRequired}, Field{"gaps", &Snapshot::gaps, kRequired});

}  // namespace firebreak::json
