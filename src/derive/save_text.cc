#include "derive/save_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace firebreak::derive {

SaveTable::SaveTable(std::string name, std::vector<std::string> base_chains)
    : name_(std::move(name)), base_(std::move(base_chains)) {
  for (const std::string& chain : base_) chains_[chain].policy = "ACCEPT";
}

void SaveTable::append(const std::string& chain, std::string rule) {
  Chain& to = chains_[chain];
  if (to.known.insert(rule).second) to.rules.push_back(std::move(rule));
}

void SaveTable::insert(const std::string& chain, std::string rule) {
  Chain& to = chains_[chain];
  if (to.known.insert(rule).second) to.rules.push_front(std::move(rule));
}

void SaveTable::insert_after(const std::string& chain, const std::string& before,
                             std::string rule) {
  Chain& to = chains_[chain];
  const auto found = std::ranges::find(to.rules, before);
  if (!to.known.insert(rule).second) return;
  to.rules.insert(found == to.rules.end() ? to.rules.begin() : found + 1, std::move(rule));
}

std::vector<std::string> SaveTable::order() const {
  std::vector<std::string> out = base_;
  for (const auto& [name, chain] : chains_) {
    if (std::ranges::find(base_, name) == base_.end()) out.push_back(name);
  }
  return out;
}

std::string SaveTable::text() const {
  std::string out = "*" + name_ + "\n";
  for (const std::string& name : order()) {
    out += fmt::format(":{} {} [0:0]\n", name, chains_.at(name).policy);
  }
  for (const std::string& name : order()) {
    for (const std::string& rule : chains_.at(name).rules) {
      out += fmt::format("-A {} {}\n", name, rule);
    }
  }
  return out + "COMMIT\n";
}

std::string host_text(const IpAddress& address) {
  return address.text() + (address.is_v6() ? "/128" : "/32");
}

std::string socket_text(const IpAddress& address, Port port) {
  return fmt::format(fmt::runtime(address.is_v6() ? "[{}]:{}" : "{}:{}"), address.text(),
                     port.value);
}

std::string port_match(Protocol protocol, Port port) {
  return fmt::format("-p {0} -m {0} --dport {1}", name_of(protocol), port.value);
}

}  // namespace firebreak::derive
