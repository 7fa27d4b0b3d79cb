// How many entries probes may hold in a kernel's connection table. An opening packet that nobody
// answers keeps its entry for two minutes; a table that is full drops other people's connections.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>

#include "base/error.h"
#include "io/machine.h"

namespace firebreak {

// Shared by all probes that pass through one host. Belongs to one thread. Entries of connections
// that were answered are not counted: they end with a reset and are gone in seconds, which
// ProbeOptions::per_second bounds.
class EntryBudget {
 public:
  using Time = ProbeSockets::Time;
  // nf_conntrack_tcp_timeout_syn_sent, the longest of an opening packet without an answer.
  static constexpr std::chrono::seconds kHeld{120};

  // At most `limit` unanswered probes at a time.
  explicit EntryBudget(std::size_t limit) : limit_(limit) {}

  // Whether one more may be sent. `now` never goes back.
  [[nodiscard]] bool room(Time now);
  // When there will be room, if there is none and no probe is under way.
  [[nodiscard]] std::optional<Time> room_at() const;
  void sent() { ++under_way_; }
  // It ended, or was given up; `answered`: its entry goes by itself. `sent_at` as passed in this
  // order or nearly so.
  void ended(bool answered, Time sent_at);
  [[nodiscard]] std::size_t held() const { return under_way_ + silent_.size(); }

 private:
  std::size_t limit_;
  std::size_t under_way_ = 0;
  std::deque<Time> silent_;  // until when they hold an entry
};

// A tenth of what the namespace's connection table takes; nullopt: there is no such table (the
// module is not loaded), so that nothing needs a limit.
[[nodiscard]] std::optional<std::size_t> careful_limit(Files& files);

}  // namespace firebreak
