#include "reach/reach.h"

#include <algorithm>

#include "packet/space.h"
#include "reach/flows.h"

namespace firebreak {
namespace {

void sort_gaps(std::vector<FlowGap>& gaps) {
  std::ranges::sort(gaps);
  gaps.erase(std::ranges::unique(gaps).begin(), gaps.end());
}

Flows work_out(const Estate& estate, const ReachOptions& options) {
  const NetModel model = build_model(estate, true);
  Flows out{{}, model.gaps};
  const PacketSpace space;
  const Ends ends(model);
  SetMachines machines(model);
  Relays relays(machines, ends, out.gaps);
  FlowWriter writer(machines, ends, relays, options);
  for (const Family family : {Family::kV4, Family::kV6}) {
    for (std::size_t i = 0; i < model.spaces.size(); ++i) {
      const SpaceId from(i);
      Propagation propagation(machines, family, out.gaps);
      for (const Delivery& arrival : propagation.send(from, machines.at(from, family).sendable())) {
        if (arrival.crossing->space == from && !model[from].folded && model[from].proxies.empty()) {
          continue;  // to itself
        }
        writer.add(from, family, arrival, Replies(machines, family).answered(arrival));
      }
    }
  }
  out.flows = writer.take();
  sort_gaps(out.gaps);
  return out;
}

}  // namespace

Result<Flows> reach(const Estate& estate, const ReachOptions& options) {
  return within_space([&] { return work_out(estate, options); });
}

}  // namespace firebreak
