// Hosts as an engine's API shows them, for tests of derived state.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/text.h"
#include "derive/derive.h"

namespace firebreak {

// Networks get subnets 10.1.N.0/24 (and fd00:N::/64) with gateway .1, containers .2 and on.
class EngineHost {
 public:
  using Options = std::vector<std::pair<std::string, std::string>>;

  EngineHost() {
    host_.name = "h";
    host_.engine.product = "docker";
  }

  Network& network(const std::string& name, Options options = {}) {
    Network network;
    const std::string number = std::to_string(host_.networks.size() + 1);
    network.id = NetworkKey(name + std::string(64 - name.size(), '0'));
    network.name = name;
    network.driver = "bridge";
    network.subnets = {*Cidr::parse("10.1." + number + ".0/24")};
    network.options = std::move(options);
    for (auto& [key, value] : network.options) {
      if (key.find('.') == std::string::npos && key != "parent" && !key.ends_with("_mode")) {
        key.insert(0, "com.docker.network.bridge.");
      }
    }
    host_.networks.push_back(std::move(network));
    return host_.networks.back();
  }
  Network& six(const std::string& name, Options options = {}) {
    Network& made = network(name, std::move(options));
    made.ipv6 = true;
    made.subnets.push_back(*Cidr::parse("fd00:" + std::to_string(host_.networks.size()) + "::/64"));
    return made;
  }

  Container& container(const std::string& name, const std::vector<std::string>& networks,
                       std::vector<PublishedPort> ports = {}) {
    Container container;
    container.id = ContainerKey(name + "-id");
    container.name = name;
    container.ports = std::move(ports);
    container.isolation.network_mode = networks.empty() ? "none" : networks.front();
    for (const std::string& on : networks) container.endpoints.push_back(endpoint(on));
    host_.containers.push_back(std::move(container));
    return host_.containers.back();
  }

  [[nodiscard]] Host& host() { return host_; }

  [[nodiscard]] KernelState derive(std::string_view version, DaemonOptions options = {}) const {
    return derive_kernel(host_, *parse_engine_version(version), options);
  }
  // The rules of one chain, each on a line, without "-A CHAIN ".
  [[nodiscard]] std::string chain(std::string_view version, std::string_view table,
                                  std::string_view chain, DaemonOptions options = {},
                                  bool v6 = false) const {
    const KernelState state = derive(version, options);
    const std::string& text =
        v6 ? state.host.filters.ip6tables_nft : state.host.filters.iptables_nft;
    const std::string start = "-A " + std::string(chain) + " ";
    std::string out;
    std::string_view in;
    for (const std::string_view line : split(text, '\n')) {
      if (line.starts_with('*')) in = line.substr(1);
      if (in == table && line.starts_with(start))
        out += std::string(line.substr(start.size())) + "\n";
    }
    return out;
  }

 private:
  Endpoint endpoint(const std::string& name) {
    const auto found = std::ranges::find(host_.networks, name, &Network::name);
    const auto number = static_cast<std::uint32_t>(found - host_.networks.begin()) + 1;
    Endpoint endpoint;
    endpoint.network = found->id;
    endpoint.network_name = name;
    const std::uint32_t last = static_cast<std::uint32_t>(host_.containers.size()) + 2;
    endpoint.ipv4 = IpAddress::v4(0x0A010000U + number * 256 + last);
    if (found->ipv6) {
      endpoint.ipv6 =
          IpAddress::parse("fd00:" + std::to_string(number) + "::" + std::to_string(last));
    }
    return endpoint;
  }

  Host host_;
};

inline PublishedPort published(std::uint16_t outside, std::uint16_t inside,
                               std::string_view address = {}) {
  return {IpAddress::parse(address), Port{outside}, Port{inside}, Protocol::kTcp};
}

}  // namespace firebreak
