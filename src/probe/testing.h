// Probes as a script, with a clock that only waiting moves: for tests.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "io/probe_sockets.h"

namespace firebreak::testing_probe {

class ScriptedProbes : public ProbeSockets {
 public:
  struct Answer {
    ProbeResult result = {};
    std::chrono::milliseconds after{0};
    int from_attempt = 1;  // earlier attempts meet silence
  };
  struct Sent {
    std::uint32_t id = 0;
    std::chrono::milliseconds at{0};
    std::string payload;
  };

  // What probes of that port are answered; all others meet silence.
  std::map<Port, Answer> answers;
  std::optional<Error> broken;  // what `wait` says

  std::vector<Sent> sent;
  std::size_t most_under_way = 0;

  void start(std::uint32_t id, const ProbeTarget& target, std::string_view payload,
             bool /*word*/) override {
    sent.push_back({id, passed(), std::string(payload)});
    const auto answer = answers.find(target.port);
    under_way_[id] = std::nullopt;
    if (answer != answers.end() && ++attempts_[id] >= answer->second.from_attempt) {
      under_way_[id] = Coming{now_ + answer->second.after, answer->second.result};
    }
    most_under_way = std::max(most_under_way, under_way_.size());
  }

  ProbeResult give_up(std::uint32_t id) override {
    under_way_.erase(id);
    return {};
  }

  Result<void> wait(std::chrono::milliseconds longest, std::vector<ProbeEvent>& events) override {
    if (broken) return std::unexpected(*broken);
    Time until = now_ + longest;
    for (const auto& [id, coming] : under_way_) {
      if (coming) until = std::min(until, std::max(coming->at, now_));
    }
    now_ = until;
    for (auto at = under_way_.begin(); at != under_way_.end();) {
      const bool here = at->second && at->second->at <= now_;
      if (here) events.push_back({at->first, at->second->result});
      at = here ? under_way_.erase(at) : std::next(at);
    }
    return {};
  }

  Time now() override { return now_; }
  [[nodiscard]] std::chrono::milliseconds passed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(now_ - Time{});
  }

 private:
  struct Coming {
    Time at;
    ProbeResult result;
  };
  Time now_{};
  std::map<std::uint32_t, std::optional<Coming>> under_way_;
  std::map<std::uint32_t, int> attempts_;
};

}  // namespace firebreak::testing_probe
