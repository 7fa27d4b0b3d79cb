// One way in which a pair of environments is less separated than required, with its proof.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ip.h"
#include "findings/code.h"

namespace firebreak {

struct Subject {
  std::string kind;  // "container", "service", "network", "volume", "host", "variable", "image",
                     // "waiver", …
  std::string host;  // the host's name; may be empty
  std::string name;
  std::string environment;  // empty: none

  friend auto operator<=>(const Subject&, const Subject&) = default;
};

struct Hop {
  std::string at;   // "api eth0 10.81.1.2", "network shared-net"
  std::string why;  // the rule or fact that allows the step

  friend auto operator<=>(const Hop&, const Hop&) = default;
};

struct Remedy {
  std::string text;
  std::vector<std::string> commands;  // can be pasted into a shell

  friend auto operator<=>(const Remedy&, const Remedy&) = default;
};

// Ports of one protocol, as the receiver sees them.
struct FindingPorts {
  std::uint8_t protocol = 6;      // IANA
  std::vector<PortRange> ranges;  // sorted, apart

  friend auto operator<=>(const FindingPorts&, const FindingPorts&) = default;
};

struct Finding {
  enum class Status : std::uint8_t { kOpen, kWaived };

  Code code = Code::kAud006;
  Severity severity = Severity::kInfo;
  Status status = Status::kOpen;
  bool accepted = false;    // the policy accepts sharing here: residual risk, severity kInfo
  std::string fingerprint;  // 16 hex digits; see finding_fingerprint
  std::string title;        // one line, names both sides
  std::vector<std::string> environments;  // from, to; one for findings about one; may be empty
  std::vector<Subject> subjects;
  std::vector<FindingPorts> ports;  // NET002 and NET003: by protocol; empty for echo requests
  std::vector<Hop> path;
  std::vector<Remedy> remedy;
  std::vector<std::string> notes;  // what makes it worse or better on this host
  std::string waiver;              // if waived: "reason, approved by X, until DATE"
  std::string place;               // "firebreak.yaml:12:5" if the policy is the subject
};

// Built from the code, the environments and stable names (never ids), so that it survives restarts
// and re-creation. `environments` are from and to (their order counts: it is the direction);
// `stable` are names such as "shop/api" or a network's name, in any order.
[[nodiscard]] std::string finding_fingerprint(Code code, std::vector<std::string> environments,
                                              std::vector<std::string> stable);

}  // namespace firebreak
