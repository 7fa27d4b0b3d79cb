// Short ways to write rules and packets in tests.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "rules/evaluate.h"
#include "rules/ipset.h"
#include "rules/iptables.h"

namespace firebreak {

// A file of tests/golden/rules (samples_test.cc).
std::string sample_text(std::string_view name);

inline IpAddress ip(std::string_view text) {
  const auto address = IpAddress::parse(text);
  CHECK(address.has_value());
  return *address;
}

// The program of a text that must be right.
inline Program program_of(std::string_view text, Family family = Family::kV4,
                          std::string_view sets = "") {
  Program program{.family = family, .chains = {}, .base_chains = {}, .sets = {}};
  const auto wrong_sets = parse_ipset_save(sets, "ipset", program);
  EXPECT_EQ(render(wrong_sets, sets), "");
  const auto wrong = parse_iptables_save(text, "rules", program);
  EXPECT_EQ(render(wrong, text), "");
  return program;
}

// A filter table with these lines of FORWARD (chains declared, "-A" and all that follows).
inline std::string filter_table(std::string_view lines) {
  return "*filter\n:INPUT ACCEPT [0:0]\n:FORWARD ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n" +
         std::string(lines) + "\nCOMMIT\n";
}
inline std::string nat_table(std::string_view lines) {
  return "*nat\n:PREROUTING ACCEPT [0:0]\n:INPUT ACCEPT [0:0]\n:OUTPUT ACCEPT [0:0]\n"
         ":POSTROUTING ACCEPT [0:0]\n" +
         std::string(lines) + "\nCOMMIT\n";
}

// 10.0.0.1:40000 -> 10.0.0.2:80, TCP, new, eth0 -> eth1.
inline Packet tcp_packet() {
  Packet packet;
  packet.in_interface = "eth0";
  packet.out_interface = "eth1";
  packet.source = ip("10.0.0.1");
  packet.destination = ip("10.0.0.2");
  packet.source_port = Port{40000};
  packet.destination_port = Port{80};
  return packet;
}

}  // namespace firebreak
