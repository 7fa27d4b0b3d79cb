#include "findings/demand.h"

#include <algorithm>

namespace firebreak {

Demands::Demands(const Estate& estate)
    : count_(estate.environments().size()),
      levels_(count_ * count_ * kWidth),
      anywhere_(kWidth, false) {
  for (std::size_t a = 0; a < count_; ++a) {
    by_name_.emplace(estate.environments()[a].name, EnvironmentId(a));
    for (std::size_t b = 0; b < count_; ++b) {
      if (a == b) continue;
      for (std::size_t d = 0; d < kWidth; ++d) {
        const Required required =
            estate.required(EnvironmentId(a), EnvironmentId(b), kDimensions[d]);
        levels_[cell(EnvironmentId(a), EnvironmentId(b)) + d] = required;
        if (required.level != Level::kAny) anywhere_[d] = true;
      }
    }
  }
  if (!estate.inferred() || !estate.policy().require.empty()) return;
  anywhere_[static_cast<std::size_t>(Dimension::kNetwork)] = true;
  anywhere_[static_cast<std::size_t>(Dimension::kCredentials)] = true;
}

std::optional<EnvironmentId> Demands::find(std::string_view environment) const {
  const auto found = by_name_.find(environment);
  if (found == by_name_.end()) return std::nullopt;
  return found->second;
}

const Required& Demands::level(EnvironmentId a, EnvironmentId b, Dimension dimension) const {
  return levels_[cell(a, b) + static_cast<std::size_t>(dimension)];
}

Demand Demands::between(const CodeInfo& code, EnvironmentId a, EnvironmentId b) const {
  const Dimension own = code.dimension.value_or(Dimension::kHost);
  const bool required = std::ranges::any_of(kDimensions, [&](Dimension dimension) {
    return (code.influence || dimension == own) && level(a, b, dimension).level != Level::kAny;
  });
  if (required) return Demand::kRequired;
  return level(a, b, own).stated ? Demand::kAccepted : Demand::kUnstated;
}

Demand Demands::around(const CodeInfo& code, EnvironmentId one) const {
  if (count_ < 2) return Demand::kUnstated;
  Demand strongest = Demand::kAccepted;
  for (std::size_t other = 0; other < count_; ++other) {
    if (other == one.index()) continue;
    strongest = std::max(strongest, between(code, one, EnvironmentId(other)));
  }
  return strongest;
}

bool Demands::required_somewhere(const CodeInfo& code) const {
  if (!code.dimension) return false;
  if (code.influence) return std::ranges::find(anywhere_, true) != anywhere_.end();
  return anywhere_[static_cast<std::size_t>(*code.dimension)];
}

bool has_direction(Code code) {
  switch (code) {
    case Code::kHost002:
    case Code::kHost005:
    case Code::kNet002:
    case Code::kNet003:
    case Code::kNet006:
    case Code::kNet008:
    case Code::kNet009:
    case Code::kCred005:
    case Code::kReg003:
    case Code::kReg004:
    case Code::kReg005:
    case Code::kData007: return true;
    default: return false;
  }
}

}  // namespace firebreak
