// Real packets that ask whether a way is open, sent from inside a network namespace.
//
// What an answer proves: kAnswered, kMute, kClosed and kReset prove that the packet reached
// somebody and that the answer returned. kProhibited and kUnreachable prove that somebody refused
// it; kernels limit how many of these they send, so that at speed a refusal may look like silence.
// Silence proves nothing by itself: it needs the same probe from a place where it is answered, and,
// for what travels one way only, a listener that tells what arrived (io/listeners.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "io/machine.h"
#include "io/probe_sockets.h"
#include "probe/budget.h"

namespace firebreak {

struct ProbeOptions {
  double per_second = 2000;   // packets sent in a second; 0: as fast as can be
  std::size_t window = 1000;  // under way at a time, 1 or more; each needs a file descriptor
  std::chrono::milliseconds patience{1000};  // for an answer, from when it was sent
  int retries =
      1;  // further attempts after kSilence or kMute; TCP also repeats by itself after 1 s
  bool word = false;  // TCP: wait for the other side to speak, which tells a relay (docker-proxy
                      // takes a connection before it knows whether it can pass it on) from the end
  // What datagrams and echo requests carry, before "-" and the target's index. Random, so that
  // nobody else's packets are taken for ours; at most 400 bytes.
  std::string marker = {};
  EntryBudget* budget = nullptr;  // nullptr: no limit
};

// The payload that target `index` carries: what a listener's arrival is told by.
[[nodiscard]] std::string payload_of(const ProbeOptions& options, std::size_t index);

// Sends to all targets; one result for each, in their order. Fewer than 2^32 targets. Errors: what
// ProbeSockets::wait says.
[[nodiscard]] Result<std::vector<ProbeResult>> probe(ProbeSockets& sockets,
                                                     std::span<const ProbeTarget> targets,
                                                     const ProbeOptions& options);

// The same, from inside a namespace. Errors: what Machine::enter and Sockets::probes say.
[[nodiscard]] Result<std::vector<ProbeResult>> probe(Machine& machine, const NamespacePlace& place,
                                                     std::span<const ProbeTarget> targets,
                                                     const ProbeOptions& options);

// "answered", "mute", "closed", "reset", "prohibited", "unreachable", "silence", "no route",
// "no such source", "not sent".
[[nodiscard]] std::string_view name_of(ProbeOutcome outcome);

}  // namespace firebreak
