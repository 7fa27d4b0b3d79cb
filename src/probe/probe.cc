// One loop: start what may be started, wait until something comes or the next thing is due, give up
// what has had its time. All probes have the same patience, so those under way run out of it in the
// order in which they began, and a queue holds their ends.
#include "probe/probe.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <optional>
#include <utility>

#include "base/check.h"

namespace firebreak {
namespace {

using std::chrono::milliseconds;
using Time = ProbeSockets::Time;

class ProbeRun {
 public:
  ProbeRun(ProbeSockets& sockets, std::span<const ProbeTarget> targets, const ProbeOptions& options)
      : sockets_(sockets),
        targets_(targets),
        options_(options),
        results_(targets.size()),
        attempts_(targets.size()),
        earned_at_(sockets.now()) {}

  Result<std::vector<ProbeResult>> run() {
    std::vector<ProbeEvent> events;
    while (to_send() || under_way_ > 0) {
      start_some();
      events.clear();
      TRY(sockets_.wait(longest_wait(), events));
      for (ProbeEvent& event : events) end(event.id, std::move(event.result));
      give_up_late();
    }
    return std::move(results_);
  }

 private:
  struct Attempt {
    int number = 0;  // 0: not sent yet
    bool under_way = false;
    Time sent;
  };
  struct Sent {
    std::uint32_t id = 0;
    int number = 0;
  };

  [[nodiscard]] bool to_send() const { return next_ < targets_.size() || !again_.empty(); }
  [[nodiscard]] bool limited() const { return options_.per_second > 0; }

  // Right to send, earned as time goes by: at most a tenth of a second's worth, so that no burst
  // follows a pause.
  void earn(Time now) {
    if (!limited()) return;
    const std::chrono::duration<double> passed = now - earned_at_;
    const double most = std::max(options_.per_second / 10, 1.0);
    credit_ = std::min(credit_ + (passed.count() * options_.per_second), most);
    earned_at_ = now;
  }

  [[nodiscard]] bool may_send(Time now) const {
    return under_way_ < options_.window && (!limited() || credit_ >= 1) &&
           (options_.budget == nullptr || options_.budget->room(now));
  }

  void start_some() {
    constexpr int kAtOnce = 64;  // then answers are looked at
    earn(sockets_.now());
    for (int i = 0; i < kAtOnce && to_send(); ++i) {
      const Time now = sockets_.now();
      if (!may_send(now)) return;
      // A second attempt comes first, so that a target's attempts are near to each other.
      if (again_.empty()) {
        send(static_cast<std::uint32_t>(next_++), now);
      } else {
        send(again_.front(), now);
        again_.pop_front();
      }
    }
  }

  void send(std::uint32_t id, Time now) {
    Attempt& attempt = attempts_[id];
    attempt = {attempt.number + 1, true, now};
    ++under_way_;
    if (limited()) credit_ -= 1;
    if (options_.budget != nullptr) options_.budget->sent();
    sent_.push_back({id, attempt.number});
    sockets_.start(id, targets_[id], payload_of(options_, id), options_.word);
  }

  void end(std::uint32_t id, ProbeResult result) {
    Attempt& attempt = attempts_[id];
    attempt.under_way = false;
    --under_way_;
    if (options_.budget != nullptr) options_.budget->ended(leaves_nothing(result), attempt.sent);
    const bool nothing_came =
        result.outcome == ProbeOutcome::kSilence || result.outcome == ProbeOutcome::kMute;
    if (nothing_came && attempt.number <= options_.retries) {
      again_.push_back(id);
    } else {
      results_[id] = std::move(result);
    }
  }

  // Whether no unanswered entry stays behind. An ICMP error leaves the entry as it was.
  static bool leaves_nothing(const ProbeResult& result) {
    switch (result.outcome) {
      case ProbeOutcome::kSilence:
      case ProbeOutcome::kProhibited:
      case ProbeOutcome::kUnreachable: return false;
      default: return true;
    }
  }

  // What was answered is only taken off the queue here, when it gets to the front.
  void drop_ended() {
    while (!sent_.empty()) {
      const Attempt& attempt = attempts_[sent_.front().id];
      if (attempt.under_way && attempt.number == sent_.front().number) return;
      sent_.pop_front();
    }
  }

  void give_up_late() {
    const Time now = sockets_.now();
    for (drop_ended(); !sent_.empty(); drop_ended()) {
      const std::uint32_t id = sent_.front().id;
      if (attempts_[id].sent + options_.patience > now) return;
      end(id, sockets_.give_up(id));
    }
  }

  // Until something is due: more may be sent, or somebody has had its time.
  [[nodiscard]] milliseconds longest_wait() {
    const Time now = sockets_.now();
    if (to_send() && may_send(now)) return milliseconds(0);
    drop_ended();
    Time due = now + std::chrono::hours(1);
    if (!sent_.empty()) due = attempts_[sent_.front().id].sent + options_.patience;
    if (to_send() && limited() && under_way_ < options_.window) {
      due = std::min(due, now + std::chrono::ceil<milliseconds>(std::chrono::duration<double>(
                                    std::max(1 - credit_, 0.0) / options_.per_second)));
    }
    if (to_send() && options_.budget != nullptr) {
      if (const auto room = options_.budget->room_at()) due = std::min(due, *room);
    }
    return std::max(std::chrono::ceil<milliseconds>(due - now), milliseconds(1));
  }

  ProbeSockets& sockets_;
  std::span<const ProbeTarget> targets_;
  const ProbeOptions& options_;
  std::vector<ProbeResult> results_;
  std::vector<Attempt> attempts_;
  std::deque<Sent> sent_;            // oldest first; those that ended stay for a while
  std::deque<std::uint32_t> again_;  // silent, to be asked once more
  std::size_t next_ = 0;             // the first target not sent to
  std::size_t under_way_ = 0;
  double credit_ = 1;
  Time earned_at_;
};

}  // namespace

std::string payload_of(const ProbeOptions& options, std::size_t index) {
  return options.marker + "-" + std::to_string(index);
}

Result<std::vector<ProbeResult>> probe(ProbeSockets& sockets, std::span<const ProbeTarget> targets,
                                       const ProbeOptions& options) {
  constexpr std::size_t kLongestMarker = 400;
  CHECK(options.window > 0 && options.marker.size() <= kLongestMarker);
  CHECK(targets.size() < std::numeric_limits<std::uint32_t>::max());
  return ProbeRun(sockets, targets, options).run();
}

Result<std::vector<ProbeResult>> probe(Machine& machine, const NamespacePlace& place,
                                       std::span<const ProbeTarget> targets,
                                       const ProbeOptions& options) {
  Result<std::vector<ProbeResult>> out;
  TRY(machine.enter(place, [&](NamespaceView& view) {
    auto sockets = view.sockets.probes();
    out = sockets ? probe(**sockets, targets, options) : std::unexpected(sockets.error());
  }));
  return out;
}

std::string_view name_of(ProbeOutcome outcome) {
  switch (outcome) {
    case ProbeOutcome::kAnswered: return "answered";
    case ProbeOutcome::kMute: return "mute";
    case ProbeOutcome::kClosed: return "closed";
    case ProbeOutcome::kReset: return "reset";
    case ProbeOutcome::kProhibited: return "prohibited";
    case ProbeOutcome::kUnreachable: return "unreachable";
    case ProbeOutcome::kSilence: return "silence";
    case ProbeOutcome::kNoRoute: return "no route";
    case ProbeOutcome::kNoSource: return "no such source";
    case ProbeOutcome::kLocalError: return "not sent";
  }
  CHECK(false);
}

}  // namespace firebreak
