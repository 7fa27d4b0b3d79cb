// One packet followed through the estate, stop by stop: as the kernel treats it, read one rule
// after the other. Meant to be obviously right, not fast. What many packets may do is answered by
// reach(), which is checked against this.
//
// Method: Linux's own order of events (ip_input.c, ip_output.c, ip_forward.c, fib_frontend.c,
// br_netfilter_hooks.c, nf_conntrack_core.c, nf_nat_core.c), with a table of connections for each
// network namespace, so that the answer finds what the packet left there.
#pragma once

#include "reach/flow.h"
#include "reach/model.h"

namespace firebreak {

// Reads the estate's rules once, for many packets. The estate outlives it. Threads may share one.
class Tracer {
 public:
  explicit Tracer(const Estate& estate) : model_(build_model(estate, false)) {}

  // `packet` as sent, its source one of the sender's addresses (unspecified: whichever routing
  // takes). ICMP: an echo request.
  [[nodiscard]] PacketTrace trace(const FlowEnd& from, const PacketHeader& packet) const;

  [[nodiscard]] const NetModel& model() const { return model_; }

 private:
  NetModel model_;
};

}  // namespace firebreak
