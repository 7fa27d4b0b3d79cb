#include "rules/ipset_element.h"

#include <algorithm>

#include "base/text.h"
#include "rules/save_values.h"

namespace firebreak {
namespace {

using Part = AddressSet::Part;
using PartKind = IpsetType::Part;

constexpr std::uint8_t kIcmp = 1;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::uint8_t kIcmp6 = 58;

bool names_ports(std::uint8_t protocol) {
  constexpr std::uint8_t kSctp = 132;
  constexpr std::uint8_t kUdpLite = 136;
  return protocol == kTcp || protocol == kUdp || protocol == kSctp || protocol == kUdpLite;
}

std::optional<PartKind> parse_kind(std::string_view word) {
  if (word == "ip" || word == "net") return PartKind::kAddress;
  if (word == "port") return PartKind::kPort;
  if (word == "iface") return PartKind::kInterface;
  if (word == "mark") return PartKind::kMark;
  return std::nullopt;  // "mac"
}

void read_option(IpsetType& type, std::string_view name, std::string_view value) {
  if (name == "family") {
    type.family = value == "inet6" ? Family::kV6 : Family::kV4;
  } else if (name == "netmask") {
    type.prefix = parse_u32(value);
    if (!type.prefix) type.understood = false;
  } else if (name == "bitmask") {
    type.understood = false;
  } else if (name == "markmask") {
    if (parse_u32(value) != 0xFFFFFFFF) type.understood = false;
  }
}

// What reading one part of an element gives.
enum class Read : std::uint8_t { kYes, kNotUnderstood, kWrong };

Read read_address(std::string_view text, const IpsetType& type, Part& part) {
  part.addresses =
      text.contains('-') ? parse_span(text, type.family) : parse_prefix(text, type.family);
  if (!part.addresses) return Read::kWrong;
  if (type.prefix) part.addresses = range_of(part.addresses->first, *type.prefix);
  return Read::kYes;
}

// "tcp:80", "tcp:80-82", "gre:0", "icmp:echo-request"; of bitmap:port "80".
Read read_port(std::string_view text, const IpsetType& type, Part& part) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) {
    part.ports = parse_ports(text, '-');
    return part.ports && type.bare_ports ? Read::kYes : Read::kWrong;
  }
  part.protocol = parse_protocol_number(text.substr(0, colon));
  if (!part.protocol || *part.protocol == kIcmp || *part.protocol == kIcmp6) {
    return Read::kNotUnderstood;
  }
  part.ports = parse_ports(text.substr(colon + 1), '-');
  if (!part.ports) return Read::kWrong;
  if (!names_ports(*part.protocol)) part.ports.reset();
  return Read::kYes;
}

Read read_part(std::string_view text, PartKind kind, const IpsetType& type, Part& part) {
  switch (kind) {
    case PartKind::kAddress: return read_address(text, type, part);
    case PartKind::kPort: return read_port(text, type, part);
    case PartKind::kInterface:
      if (text.empty()) return Read::kWrong;
      if (text.starts_with("physdev:")) return Read::kNotUnderstood;
      part.interface = NamePattern{std::string(text), false};
      return Read::kYes;
    case PartKind::kMark: part.mark = parse_u32(text); return part.mark ? Read::kYes : Read::kWrong;
  }
  return Read::kWrong;
}

// A port without a protocol stands for both protocols that ipset takes it from.
std::vector<std::vector<Part>> with_protocols(std::vector<Part> element, const IpsetType& type) {
  if (!type.bare_ports || element.front().protocol) return {std::move(element)};
  std::vector<Part> udp = element;
  element.front().protocol = kTcp;
  udp.front().protocol = kUdp;
  return {std::move(element), std::move(udp)};
}

}  // namespace

IpsetType parse_ipset_type(std::span<const SaveWord> words) {
  IpsetType type{.name = words[2].text, .parts = {}, .prefix = {}};
  const std::string_view name = type.name;
  type.is_list = name == "list:set";
  type.bare_ports = name == "bitmap:port";
  const std::size_t colon = name.find(':');
  if (type.is_list) return type;
  if (colon == std::string_view::npos) {
    type.understood = false;
    return type;
  }
  for (const std::string_view word : split(name.substr(colon + 1), ',')) {
    const auto kind = parse_kind(word);
    if (!kind) type.understood = false;
    type.parts.push_back(kind.value_or(PartKind::kAddress));
  }
  for (std::size_t i = 3; i + 1 < words.size(); ++i) {
    read_option(type, words[i].text, words[i + 1].text);
  }
  return type;
}

std::optional<std::vector<std::vector<Part>>> parse_ipset_element(std::span<const SaveWord> words,
                                                                  const IpsetType& type) {
  const std::vector<std::string_view> texts = split(words[2].text, ',');
  if (texts.size() != type.parts.size()) return std::nullopt;
  std::vector<Part> element(texts.size());
  bool understood = true;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const Read read = read_part(texts[i], type.parts[i], type, element[i]);
    if (read == Read::kWrong) return std::nullopt;
    if (read == Read::kNotUnderstood) understood = false;
  }
  for (const SaveWord& option : words.subspan(3)) {
    if (option.is("nomatch")) understood = false;
    if (!option.is("wildcard")) continue;
    for (Part& part : element) {
      if (part.interface) part.interface->prefix = true;
    }
  }
  if (!understood) return std::vector<std::vector<Part>>{};
  return with_protocols(std::move(element), type);
}

}  // namespace firebreak
