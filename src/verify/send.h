// Sends the probes of a plan from inside the senders' network namespaces, with temporary listeners
// where the plan has some, through narrow interfaces only.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "io/listeners.h"
#include "io/machine.h"
#include "probe/probe.h"
#include "verify/plan.h"

namespace firebreak {

struct SendOptions {
  double per_second = 200;
  std::string marker;  // random: what datagrams carry, so that nobody else's are taken for ours
};

// Where something could not be asked.
struct Unasked {
  FlowEnd end;
  std::string why;
  friend auto operator<=>(const Unasked&, const Unasked&) = default;
};

struct Answers {
  std::vector<std::optional<ProbeResult>> results;  // as the plan's probes; nullopt: not asked
  std::vector<bool> arrived;                        // at one of our listeners
  std::vector<std::optional<FlowEnd>> answered_by;
  std::map<FlowEnd, std::set<ListenHere>> listening;
  std::vector<Unasked> unasked;  // sorted
};

// One run: listeners stand from the first call of `ask` to the destructor, which leaves nothing
// behind.
class Sender {
 public:
  Sender(const ProbePlan& plan, const std::vector<VerifyPlace>& places, Machine& machine,
         Files& files, SendOptions options);

  // Sends the probes of these indexes. Never more than a tenth of the entries that the connection
  // table takes, all senders together. Error: processes cannot be listed.
  [[nodiscard]] Result<void> ask(const std::vector<std::size_t>& indexes,
                                 std::chrono::milliseconds patience, Answers& answers);
  // Whether the namespace is there still.
  [[nodiscard]] bool there(const FlowEnd& end);

 private:
  struct Door {
    NamespacePlace place;
    std::uint64_t inode = 0;
  };
  using Indexes = std::vector<std::size_t>;

  [[nodiscard]] Result<void> find_doors();
  void listen(Answers& answers);
  void send_from(const FlowEnd& from, const Indexes& indexes, std::chrono::milliseconds patience,
                 Answers& answers);
  void read_word(std::size_t index, Answers& answers) const;
  void read_arrivals(Answers& answers);
  [[nodiscard]] bool is_still(const Door& door);

  const ProbePlan& plan_;
  const std::vector<VerifyPlace>& places_;
  Machine& machine_;
  Files& files_;
  SendOptions options_;
  std::map<FlowEnd, Door> doors_;
  std::map<std::string, FlowEnd> names_;         // of our listeners
  std::map<std::string, std::size_t> payloads_;  // of what was sent: its index in the plan
  std::optional<TemporaryListeners> listeners_;
  std::optional<EntryBudget> budget_;  // nullopt: there is no connection table
  int runs_ = 0;
};

}  // namespace firebreak
