// Which packets to send to find out whether the prediction holds. Pure: estate and flows in, a list
// of probes out.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "reach/flow.h"
#include "verify/places.h"

namespace firebreak {

enum class Prediction : std::uint8_t { kOpen, kUnknown, kClosed };
[[nodiscard]] std::string_view name_of(Prediction prediction);  // "open", "unknown", "closed"

// Which flows hold a packet.
class Predictor {
 public:
  // `flows` must outlive it.
  explicit Predictor(const std::vector<Flow>& flows);
  // Open ones first, then those to containers. Empty: the packet gets nowhere, or no answer.
  [[nodiscard]] std::vector<const Flow*> flows_of(const FlowEnd& from,
                                                  const PacketHeader& packet) const;

 private:
  struct Key {
    FlowEnd from;
    std::uint8_t protocol = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  std::map<std::pair<Key, IpAddress>, std::vector<const Flow*>> single_;
  std::map<Key, std::vector<const Flow*>> ranges_;
};

struct PlannedProbe {
  FlowEnd from;
  FlowEnd to;           // whom the first of `flows` leads to, else whose address it is
  PacketHeader packet;  // the source port is left to the kernel
  Prediction prediction = Prediction::kClosed;
  std::vector<const Flow*> flows;  // as Predictor says

  // Where `to` takes it, if that is known for this port.
  [[nodiscard]] std::optional<std::pair<IpAddress, Port>> landing() const;
};

struct ProbePlanOptions {
  std::size_t most = 16;  // ports predicted closed, for each ordered pair of namespaces
  bool listeners = false;
};

// A temporary listener: protocol, address and port.
struct ListenHere {
  std::uint8_t protocol = 6;
  IpAddress address;
  Port port;
  friend auto operator<=>(const ListenHere&, const ListenHere&) = default;
};

struct ProbePlan {
  std::vector<PlannedProbe> probes;  // by sender, then by packet; each once
  std::map<FlowEnd, std::set<ListenHere>> listeners;
};

// Every open and unknown flow at ports that are worth asking, and a sample of what no flow holds.
// Destinations are addresses of `places` (and a host's own loopback) and nothing else. `flows` must
// outlive the result.
[[nodiscard]] ProbePlan plan_probes(const std::vector<VerifyPlace>& places,
                                    const std::vector<Flow>& flows,
                                    const ProbePlanOptions& options);

}  // namespace firebreak
