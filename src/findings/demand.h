// What the policy asks of every pair of environments, looked up once: severities, gaps and the
// matrix all read it from here.
#pragma once

#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "estate/estate.h"
#include "findings/code.h"

namespace firebreak {

// How much a code's kind of sharing matters between two environments.
enum class Demand : std::uint8_t {
  kAccepted,  // the policy names the pair and accepts it: residual risk
  kUnstated,  // nobody said anything: at most CodeInfo::unstated
  kRequired,  // the separation is required: full severity
};

class Demands {
 public:
  // `estate` must outlive it.
  explicit Demands(const Estate& estate);

  [[nodiscard]] std::optional<EnvironmentId> find(std::string_view environment) const;
  [[nodiscard]] Demand between(const CodeInfo& code, EnvironmentId a, EnvironmentId b) const;
  // The strongest demand over all pairs that `one` is part of; kUnstated if there is no other.
  [[nodiscard]] Demand around(const CodeInfo& code, EnvironmentId one) const;
  [[nodiscard]] const Required& level(EnvironmentId a, EnvironmentId b, Dimension dimension) const;
  // Whether any pair in sight requires what the code checks. In an inferred run network and
  // credentials count as required always: what could not be seen may be the other environment.
  [[nodiscard]] bool required_somewhere(const CodeInfo& code) const;

 private:
  static constexpr std::size_t kWidth = kDimensions.size();

  [[nodiscard]] std::size_t cell(EnvironmentId a, EnvironmentId b) const {
    return (a.index() * count_ + b.index()) * kWidth;
  }

  std::size_t count_;
  std::vector<Required> levels_;  // count × count × dimensions
  std::vector<bool> anywhere_;    // by dimension
  std::unordered_map<std::string_view, EnvironmentId> by_name_;
};

// Whether a code's findings run from one environment into the other. Those of the other codes hold
// for both directions alike and name the lower tier first.
[[nodiscard]] bool has_direction(Code code);

}  // namespace firebreak
