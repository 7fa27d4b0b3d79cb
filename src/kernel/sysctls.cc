#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "base/text.h"
#include "kernel/namespace.h"

namespace firebreak {
namespace {

using namespace std::string_view_literals;

// As paths below /proc/sys/net; sysctl(8) writes them with dots.
constexpr std::array kWhole = {
    "ipv4/ip_forward"sv,
    "ipv4/ip_nonlocal_bind"sv,
    "ipv4/fwmark_reflect"sv,
    "ipv4/tcp_l3mdev_accept"sv,
    "ipv4/udp_l3mdev_accept"sv,
    "ipv6/bindv6only"sv,
    "bridge/bridge-nf-call-iptables"sv,
    "bridge/bridge-nf-call-ip6tables"sv,
    "bridge/bridge-nf-call-arptables"sv,
    "bridge/bridge-nf-filter-vlan-tagged"sv,
    "bridge/bridge-nf-pass-vlan-input-dev"sv,
};
constexpr std::array kOfInterface4 = {"forwarding"sv,   "route_localnet"sv, "rp_filter"sv,
                                      "accept_local"sv, "src_valid_mark"sv, "arp_ignore"sv,
                                      "arp_filter"sv,   "proxy_arp"sv};
constexpr std::array kOfInterface6 = {"forwarding"sv, "disable_ipv6"sv, "proxy_ndp"sv};

// "ipv4/conf/eth0.10/forwarding" -> "net.ipv4.conf.eth0/10.forwarding"
std::string name_of(std::string_view path) {
  std::string name = "net." + std::string(path);
  for (char& c : name) {
    if (c == '/' || c == '.') c = c == '/' ? '.' : '/';
  }
  name[3] = '.';
  return name;
}

void read_one(Reading& reading, const std::string& path) {
  constexpr std::size_t kLimit = 4096;
  const std::string file = "/proc/sys/net/" + path;
  Files& files = reading.view.files;
  if (!files.exists(file)) return;
  const auto content = files.read(file, kLimit);
  if (!content && !files.exists(file)) return;  // the interface has gone meanwhile
  if (!content) return reading.miss(name_of(path), content.error());
  const std::string_view value = trim(*content);
  if (value.empty()) {
    return reading.miss(name_of(path), {ErrorKind::kBadData, "it has no value", {}, {}});
  }
  reading.state.sysctls.push_back({name_of(path), std::string(value)});
}

void read_interface(Reading& reading, const std::string& name) {
  for (const std::string_view setting : kOfInterface4) {
    read_one(reading, "ipv4/conf/" + name + "/" + std::string(setting));
  }
  for (const std::string_view setting : kOfInterface6) {
    read_one(reading, "ipv6/conf/" + name + "/" + std::string(setting));
  }
}

// Packets are not routed at a bridge's port.
bool is_bridge_port(const NetLink& link, const std::vector<NetLink>& links) {
  const auto master = std::ranges::find(links, link.master, &NetLink::index);
  return link.master != 0 && master != links.end() && master->kind == "bridge";
}

}  // namespace

void read_sysctls(Reading& reading) {
  for (const std::string_view path : kWhole) read_one(reading, std::string(path));
  read_interface(reading, "all");
  read_interface(reading, "default");
  for (const NetLink& link : reading.state.links) {
    if (!is_bridge_port(link, reading.state.links)) read_interface(reading, link.name);
  }
}

}  // namespace firebreak
