// A table of iptables in the making: rules added as an engine adds them, printed as iptables-save
// prints them. Internal to this folder.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <unordered_set>
#include <vector>

#include "base/ip.h"

namespace firebreak::derive {

class SaveTable {
 public:
  // Base chains in the order in which the tool prints them, all with policy ACCEPT.
  SaveTable(std::string name, std::vector<std::string> base_chains);

  void add_chain(const std::string& chain) { chains_[chain]; }
  void drop_by_default(const std::string& chain) { chains_[chain].policy = "DROP"; }
  // Rules without "-A CHAIN ". A rule that is there already is not added again, as engines do it.
  void append(const std::string& chain, std::string rule);
  void insert(const std::string& chain, std::string rule);  // at the head
  // Behind a rule; at the head where that rule is not.
  void insert_after(const std::string& chain, const std::string& before, std::string rule);

  [[nodiscard]] std::string text() const;

 private:
  struct Chain {
    std::string policy = "-";
    std::deque<std::string> rules;
    std::unordered_set<std::string> known;
  };
  [[nodiscard]] std::vector<std::string> order() const;

  std::string name_;
  std::vector<std::string> base_;
  std::map<std::string, Chain> chains_;
};

// As the tools print addresses and subnets: "172.17.0.2/32", "fd00::2/128".
[[nodiscard]] std::string host_text(const IpAddress& address);
// "172.17.0.2:80", "[fd00::2]:80"
[[nodiscard]] std::string socket_text(const IpAddress& address, Port port);
// "-p tcp -m tcp --dport 80"
[[nodiscard]] std::string port_match(Protocol protocol, Port port);

}  // namespace firebreak::derive
