// Whether what came of a probe agrees with what was predicted. Pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "io/probe_sockets.h"
#include "verify/plan.h"

namespace firebreak {

enum class ProbeVerdict : std::uint8_t {
  kAgrees,
  kDisagrees,
  kNotProven,  // what came of it fits the prediction, but something else could be the cause
  kUnknown,    // nothing was predicted
};

// What else is known of a probe, besides its result.
struct ProbeEvidence {
  bool control = false;       // from the same namespace and in the same family somebody answered
  bool own_listener = false;  // one of our listeners stood where the packet was to arrive
  bool arrived = false;       // and it has seen the packet, whatever became of the answer
  std::optional<FlowEnd> answered_by = {};  // the namespace of the listener that answered
  bool refused = false;  // followed rule by rule, the packet meets a rule that answers it (REJECT)
  bool one_way = false;  // followed rule by rule, it arrives and its answer does not
};

struct Judgement {
  ProbeVerdict verdict = ProbeVerdict::kNotProven;
  std::string happened;  // "nothing came back", "the connection was reset"
  std::string reason;    // kNotProven: why; the same words for the same cause
};

[[nodiscard]] Judgement judge(const PlannedProbe& probe, const ProbeResult& result,
                              const ProbeEvidence& evidence);

// Whether the result shows that packets get out of the sender's namespace and answers back: what
// makes silence worth something.
[[nodiscard]] bool is_control(const PlannedProbe& probe, const ProbeResult& result);

// What came of it, in words.
[[nodiscard]] std::string words_of(const PlannedProbe& probe, const ProbeResult& result);

}  // namespace firebreak
