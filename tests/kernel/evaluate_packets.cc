// evaluate_packets 4|6 RULES SETS [ADDRESS/PREFIX@INTERFACE…] < packets
//
// RULES is a file of iptables-save or of `nft -j list ruleset`, SETS one of `ipset save`.
// Runs packets through the hooks of a rule set with the simple evaluator (rules/evaluate.h), one a
// line: "hook=forward in=in0 out=out0 proto=6 src=10.0.0.1 dst=10.0.0.2 sport=40000 dport=80 …".
// For each line one line: the kind, the packets it may have become (" | " between them), and behind
// a "#" the rules that led there.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>

#include "base/check.h"
#include "rules/evaluate.h"
#include "rules/ipset.h"
#include "rules/iptables.h"
#include "rules/nft.h"

namespace {

using namespace firebreak;

struct OwnAddress {
  IpAddress address;
  Cidr subnet;
  std::string interface;
};

std::string text_of_file(const char* path) {
  std::ifstream file(path, std::ios::binary);
  CHECK(file.good());
  return {std::istreambuf_iterator<char>(file), {}};
}

IpAddress address(const std::string& text) {
  const auto out = IpAddress::parse(text);
  CHECK(out.has_value());
  return *out;
}

OwnAddress own_address(const std::string& text) {
  const std::size_t at = text.find('@');
  CHECK(at != std::string::npos);
  const auto subnet = Cidr::parse(text.substr(0, at));
  CHECK(subnet.has_value());
  return {subnet->address, *subnet, text.substr(at + 1)};
}

Surroundings surroundings(const std::vector<OwnAddress>& own) {
  Surroundings out;
  out.type_of = [&own](const IpAddress& asked, std::string_view interface) {
    for (const OwnAddress& one : own) {
      const bool counts = interface.empty() || interface == one.interface;
      if (one.address == asked && counts) return OnAddressType::kLocal;
    }
    return OnAddressType::kUnicast;
  };
  out.address_of = [&own](std::string_view interface) -> std::optional<IpAddress> {
    for (const OwnAddress& one : own) {
      if (one.interface == interface) return one.address;
    }
    return std::nullopt;
  };
  return out;
}

std::map<std::string, std::string> fields_of(const std::string& line) {
  std::map<std::string, std::string> out;
  std::istringstream words(line);
  for (std::string word; words >> word;) {
    const std::size_t equals = word.find('=');
    CHECK(equals != std::string::npos);
    out[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return out;
}

template <class Number>
Number number(const std::string& text) {
  return static_cast<Number>(std::stoul(text));
}

Packet packet_of(std::map<std::string, std::string> fields) {
  Packet out;
  out.in_interface = fields["in"];
  out.out_interface = fields["out"];
  out.protocol = number<std::uint8_t>(fields["proto"]);
  out.source.reset();
  if (fields["src"] != "?") out.source = address(fields["src"]);
  out.destination = address(fields["dst"]);
  out.source_port.reset();
  if (fields["sport"] != "?") out.source_port = Port{number<std::uint16_t>(fields["sport"])};
  out.destination_port = Port{number<std::uint16_t>(fields["dport"])};
  out.mark = number<std::uint32_t>(fields["mark"]);
  out.connection_mark = number<std::uint32_t>(fields["cmark"]);
  out.state = number<std::uint8_t>(fields["state"]);
  if (fields["odst"] != "?") out.original_destination = address(fields["odst"]);
  if (fields["oport"] != "?") out.original_port = Port{number<std::uint16_t>(fields["oport"])};
  return out;
}

std::string text_of_packet(const Packet& packet) {
  const auto maybe = [](const auto& value, auto text) { return value ? text(*value) : "?"; };
  const auto ip_text = [](const IpAddress& value) { return value.text(); };
  const auto port_text = [](Port value) { return std::to_string(value.value); };
  return fmt::format(
      "in={} out={} proto={} src={} dst={} sport={} dport={} mark={} cmark={} state={} odst={} "
      "oport={}",
      packet.in_interface, packet.out_interface, packet.protocol, maybe(packet.source, ip_text),
      packet.destination.text(), maybe(packet.source_port, port_text),
      packet.destination_port.value, packet.mark, packet.connection_mark, packet.state,
      maybe(packet.original_destination, ip_text), maybe(packet.original_port, port_text));
}

Hook hook_of(const std::string& name) {
  if (name == "prerouting") return Hook::kPrerouting;
  if (name == "input") return Hook::kInput;
  if (name == "forward") return Hook::kForward;
  if (name == "output") return Hook::kOutput;
  CHECK(name == "postrouting");
  return Hook::kPostrouting;
}

std::string answer(const Program& program, const std::string& line, const Surroundings& around) {
  std::map<std::string, std::string> fields = fields_of(line);
  const PacketOutcome outcome =
      evaluate(program, hook_of(fields["hook"]), packet_of(fields), around);
  constexpr std::array kKinds = {"accepted", "dropped", "rejected", "unknown"};
  std::vector<std::string> packets;
  packets.reserve(outcome.packets.size());
  for (const Packet& packet : outcome.packets) packets.push_back(text_of_packet(packet));
  std::vector<std::string> steps;
  steps.reserve(outcome.steps.size());
  for (const Step& step : outcome.steps) steps.push_back(text_of(program, step));
  return fmt::format("{} {} # {}", kKinds[static_cast<std::size_t>(outcome.kind)],
                     fmt::join(packets, " | "), fmt::join(steps, "; "));
}

// What is wrong with the rules.
std::string read_rules(const std::string& rules, const std::string& where, Program& program) {
  if (!rules.starts_with('{')) return render(parse_iptables_save(rules, where, program), rules);
  return render(parse_nft_ruleset(rules, where, program).diagnostics, rules);
}

}  // namespace

int main(int argc, char** argv) {
  CHECK(argc >= 4);
  Program program;
  program.family = argv[1] == std::string_view("6") ? Family::kV6 : Family::kV4;
  const std::string sets = text_of_file(argv[3]);
  const std::string rules = text_of_file(argv[2]);
  const std::string wrong =
      render(parse_ipset_save(sets, argv[3], program), sets) + read_rules(rules, argv[2], program);
  if (!wrong.empty()) {
    std::cerr << wrong;
    return 2;
  }
  std::vector<OwnAddress> own;
  for (int i = 4; i < argc; ++i) own.push_back(own_address(argv[i]));
  const Surroundings around = surroundings(own);
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << answer(program, line, around) << '\n';
  }
  return 0;
}
