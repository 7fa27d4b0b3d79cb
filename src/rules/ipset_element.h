// Types and elements of ipset: ipset(8), "SET TYPES".
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rules/program.h"
#include "rules/save_words.h"

namespace firebreak {

struct IpsetType {
  enum class Part : std::uint8_t { kAddress, kPort, kInterface, kMark };

  std::string name;  // "hash:ip,port"
  Family family = Family::kV4;
  std::vector<Part> parts;
  std::optional<unsigned> prefix;  // "netmask": addresses stand for this much of a network
  bool is_list = false;
  bool bare_ports = false;  // bitmap:port: TCP and UDP
  bool understood = true;
};

// "create NAME TYPE OPTION…"; at least three words.
[[nodiscard]] IpsetType parse_ipset_type(std::span<const SaveWord> words);

// "add NAME ELEMENT OPTION…" of a type that is understood and no list; at least three words. None:
// the element is there, and not understood. nullopt: there is no such element.
[[nodiscard]] std::optional<std::vector<std::vector<AddressSet::Part>>> parse_ipset_element(
    std::span<const SaveWord> words, const IpsetType& type);

}  // namespace firebreak
