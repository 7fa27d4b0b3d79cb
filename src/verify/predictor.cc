#include <algorithm>

#include "base/check.h"
#include "verify/plan.h"

namespace firebreak {
namespace {

bool within(const AddressRange& range, const IpAddress& address) {
  return range.first.family() == address.family() && range.first <= address &&
         address <= range.last;
}

bool holds(const Flow& flow, const PacketHeader& packet) {
  const auto has_port = [&](const PortRange& range) {
    return range.first <= packet.destination_port && packet.destination_port <= range.last;
  };
  return within(flow.address, packet.destination) &&
         std::ranges::any_of(flow.sources,
                             [&](const AddressRange& own) { return within(own, packet.source); }) &&
         (flow.ports.empty() || std::ranges::any_of(flow.ports, has_port));
}

}  // namespace

std::string_view name_of(Prediction prediction) {
  switch (prediction) {
    case Prediction::kOpen: return "open";
    case Prediction::kUnknown: return "unknown";
    case Prediction::kClosed: return "closed";
  }
  CHECK(false);
}

Predictor::Predictor(const std::vector<Flow>& flows) {
  for (const Flow& flow : flows) {
    const Key key{flow.from, flow.protocol};
    auto& list =
        flow.address.first == flow.address.last ? single_[{key, flow.address.first}] : ranges_[key];
    list.push_back(&flow);
  }
}

std::vector<const Flow*> Predictor::flows_of(const FlowEnd& from,
                                             const PacketHeader& packet) const {
  std::vector<const Flow*> out;
  const auto add = [&](const std::vector<const Flow*>& list) {
    for (const Flow* flow : list) {
      if (holds(*flow, packet)) out.push_back(flow);
    }
  };
  const Key key{from, packet.protocol};
  if (const auto at = single_.find({key, packet.destination}); at != single_.end()) add(at->second);
  if (const auto at = ranges_.find(key); at != ranges_.end()) add(at->second);
  std::ranges::stable_sort(out, std::ranges::greater{}, [](const Flow* flow) {
    return std::pair(flow->open, flow->to.container.has_value());
  });
  return out;
}

std::optional<std::pair<IpAddress, Port>> PlannedProbe::landing() const {
  if (flows.empty()) return std::pair(packet.destination, packet.destination_port);
  const Flow& flow = *flows.front();
  std::pair<IpAddress, Port> out{packet.destination, packet.destination_port};
  if (flow.delivered != flow.address) {
    if (flow.delivered.first != flow.delivered.last) return std::nullopt;
    out.first = flow.delivered.first;
  }
  if (flow.delivered_ports != flow.ports) {
    if (flow.delivered_ports.size() != 1) return std::nullopt;
    if (flow.delivered_ports[0].first != flow.delivered_ports[0].last) return std::nullopt;
    out.second = flow.delivered_ports[0].first;
  }
  return out;
}

}  // namespace firebreak
