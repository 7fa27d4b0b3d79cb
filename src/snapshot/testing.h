// A snapshot with something in every field, and a seeded generator of large ones, for tests.
#pragma once

#include <algorithm>
#include <random>
#include <string>

#include "snapshot/snapshot.h"

namespace firebreak {

inline Secret sample_secret(std::uint8_t seed) {
  Secret out;
  out.fingerprint.bytes.fill(seed);
  out.kind = SecretKind::kApiKey;
  out.length = LengthClass::k32To63;
  out.weak = seed % 2 == 0;
  out.provider = "stripe";
  out.live = seed % 3 == 0;
  out.account = "123456789012";
  return out;
}

inline Container sample_container(std::size_t n) {
  const std::string number = std::to_string(n);
  Container out;
  out.id = ContainerKey("4f1c" + std::string(56 - std::min<std::size_t>(number.size(), 8), '0') +
                        number);
  out.name = "shop-api-" + number;
  out.image = "registry.example.com/shop/api:1.4";
  out.image_id = ImageKey("sha256:" + std::string(64, 'a'));
  out.state = RunState::kStopped;
  out.hostname = "api-" + number;
  out.labels = {{"com.docker.compose.project", {"shop-prod", false, {}, {}}},
                {"env", {"production", false, {}, {}}}};
  out.env = {{"DATABASE_URL",
              {"postgres://app:***@db:5432/shop",
               false,
               {sample_secret(static_cast<std::uint8_t>(n))},
               {{"postgres", "db", Port{5432}, "shop", "app"}}},
              false},
             {"LANG", {"C.UTF-8", false, {}, {}}, true},
             {"SECRET_KEY", {"", true, {sample_secret(7)}, {}}, false}};
  out.command = {
      {"pg_dump", {{"postgres", "db", std::nullopt, "shop", ""}}, {}, true},
      {"psql", {{"postgres", "staging-db", Port{5433}, "shop", ""}}, {sample_secret(9)}, false}};
  out.mounts = {{Mount::Type::kVolume, "data", "/var/lib/docker/volumes/data/_data", "/data", false,
                 "rprivate"}};
  out.endpoints = {{NetworkKey("n" + number),
                    "shop_default",
                    {"api", "shop-api-" + number},
                    IpAddress::v4(0x0A000001U + static_cast<std::uint32_t>(n)),
                    IpAddress::parse("fd00::1")}};
  out.ports = {{IpAddress::v4(0x7F000001U), Port{8080}, Port{80}, Protocol::kUdp}};
  out.volumes_from = {"data-" + number};
  out.extra_hosts = {{"db", "host-gateway"}};
  out.secrets = {"db-password"};
  out.configs = {"api-config"};
  out.isolation = {true,           {"NET_ADMIN"}, {"ALL"},
                   {"/dev/fuse"},  {"c 1:3 rw"},  {"seccomp=unconfined"},
                   "shop_default", "host",        "shareable",
                   "host",         "host",        "private",
                   "runsc",        "1000"};
  return out;
}

inline NetLink sample_link(std::uint32_t index, std::string name, std::string kind) {
  NetLink out;
  out.index = index;
  out.name = std::move(name);
  out.kind = std::move(kind);
  return out;
}

inline std::vector<NetLink> sample_links() {
  NetLink loopback = sample_link(1, "lo", "");
  loopback.up = true;
  loopback.loopback = true;
  NetLink bridge = sample_link(3, "br-0123456789ab", "bridge");
  bridge.vlan_filtering = true;
  bridge.nf_call_iptables = true;
  bridge.nf_call_ip6tables = true;
  bridge.addresses = {{*IpAddress::parse("172.18.0.1"), 16}, {*IpAddress::parse("fe80::1"), 64}};
  NetLink port = sample_link(5, "veth1", "veth");
  port.master = 3;
  port.peer = 4;
  port.peer_namespace = 0;
  port.hairpin = true;
  port.isolated = true;
  NetLink vxlan = sample_link(6, "vx", "vxlan");
  vxlan.vxlan_id = 4097;
  vxlan.vxlan_port = Port{4789};
  NetLink macvlan = sample_link(7, "m", "macvlan");
  macvlan.vlan_id = 10;
  macvlan.mode = "private";
  return {loopback, bridge, port, vxlan, macvlan};
}

inline NetNamespace sample_namespace() {
  NetNamespace out;
  out.inode = 4026531840;
  out.links = sample_links();
  NetRoute by_default;
  by_default.destination = *Cidr::parse("::/0");
  by_default.gateway = IpAddress::parse("fe80::2");
  by_default.link = 3;
  by_default.metric = 20;
  NetRoute forbidden;
  forbidden.kind = NetRoute::Kind::kProhibit;
  forbidden.table = 300;
  forbidden.destination = *Cidr::parse("10.0.0.0/8");
  forbidden.source = IpAddress::parse("172.18.0.1");
  out.routes = {by_default, forbidden};
  NetRule main;
  main.priority = 32766;
  main.table = 254;
  NetRule odd;
  odd.priority = 10;
  odd.v6 = true;
  odd.from = Cidr::parse("fd00::/8");
  odd.to = Cidr::parse("fd01::/16");
  odd.incoming = "eth0";
  odd.outgoing = "eth1";
  odd.mark = 1;
  odd.mark_mask = 255;
  odd.understood = false;
  out.rules = {main, odd};
  out.sysctls = {{"net.ipv4.ip_forward", "1"}};
  out.listeners = {{Protocol::kUdp, *IpAddress::parse("::"), Port{53}, true, "eth0"}};
  out.filters = {"*filter\nCOMMIT\n", "*nat\n", "*raw\n", "*mangle\n", "{\"nftables\":[]}",
                 "create a hash:ip\n"};
  out.unread = {{"ipset", "no such program"}};
  return out;
}

inline KernelState sample_kernel() {
  const auto local = *IpAddress::parse("127.0.0.1");
  return {sample_namespace(),
          {{"4f1c0", sample_namespace()}},
          {{Protocol::kUdp, local, Port{8080}, *IpAddress::parse("172.18.0.2"), Port{80}}},
          {{"container api", "it has stopped meanwhile"}}};
}

inline Snapshot sample_snapshot(std::size_t containers = 2) {
  Snapshot out;
  out.tool_version = "0.1.0";
  out.taken = *parse_timestamp("2026-11-23T10:00:00Z");
  out.key_id = "0123456789abcdef";
  out.key_lasting = true;
  Host host;
  host.name = "prod-1";
  host.endpoint = "tcp://prod-1:2376";
  host.tls = true;
  host.engine = {"docker", "20.10.24+dfsg1",        "1.41",  "ABCD:EFGH",
                 "prod-1", "Debian GNU/Linux 12",   "6.1.0", "/var/lib/docker",
                 "runc",   {"rootless", "seccomp"}, {"opa"}, {"WARNING: No swap limit support"},
                 false};
  host.swarm.active = true;
  host.swarm.manager = true;
  host.swarm.node = NodeKey("node1");
  host.swarm.cluster = "cluster1";
  Service service{ServiceKey("svc1"), "web", 3, sample_container(900)};
  service.spec.state = RunState::kPlanned;
  host.swarm.services = {service};
  host.swarm.nodes = {{NodeKey("node1"), "prod-1", true, {{"zone", {"a", false, {}, {}}}}}};
  host.swarm.secrets = {"db-password"};
  host.swarm.configs = {"api-config"};
  for (std::size_t i = 0; i < containers; ++i) host.containers.push_back(sample_container(i));
  host.networks = {{NetworkKey("n1"),
                    "shop_default",
                    "overlay",
                    "swarm",
                    true,
                    true,
                    true,
                    true,
                    true,
                    {*Cidr::parse("10.0.0.0/24"), *Cidr::parse("fd00::/64")},
                    {*IpAddress::parse("10.0.0.1"), *IpAddress::parse("fd00::1")},
                    {{"env", {"prod", false, {}, {}}}},
                    {{"encrypted", ""}, {"parent", "eth0"}}}};
  host.volumes = {
      {"data", "local", "local", "nfs 10.0.0.5:/data", {{"env", {"prod", false, {}, {}}}}}};
  host.images = {{ImageKey("sha256:" + std::string(64, 'a')),
                  {"registry.example.com/shop/api:1.4"},
                  {"registry.example.com/shop/api@sha256:" + std::string(64, 'b')}}};
  host.kernel = sample_kernel();
  host.kernel_missing = "not root";
  Host compose;
  compose.name = "compose";
  compose.endpoint = "compose.yaml";
  compose.kind = Host::Kind::kCompose;
  out.hosts = {host, compose};
  out.gaps = {{"volumes", "permission denied", "prod-1", {"HOST003"}},
              {"the host", "refused", "", {}}};
  return out;
}

}  // namespace firebreak
