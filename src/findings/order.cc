#include "findings/order.h"

#include <algorithm>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace firebreak {
namespace {

using Group = std::vector<std::string>;
using Rank = std::pair<bool, int>;  // settled ones last, then the worst first

Group group_of(const Finding& finding) {
  Group out = finding.environments;
  std::ranges::sort(out);
  return out;
}

Rank rank_of(const Finding& finding) {
  const bool settled = finding.status == Finding::Status::kWaived || finding.accepted;
  return {settled, -static_cast<int>(finding.severity)};
}

struct Keyed {
  Rank group_rank;
  Group group;
  Rank rank;
  Finding finding;
};

bool before(const Keyed& a, const Keyed& b) {
  const auto key = [](const Keyed& k) {
    return std::tie(k.group_rank, k.group, k.rank, k.finding.code, k.finding.title,
                    k.finding.environments, k.finding.fingerprint, k.finding.subjects,
                    k.finding.path, k.finding.place);
  };
  return key(a) < key(b);
}

}  // namespace

void sort_by_pair(std::vector<Finding>& findings) {
  std::map<Group, Rank> worst;
  for (const Finding& finding : findings) {
    const Rank rank = rank_of(finding);
    const auto [entry, fresh] = worst.emplace(group_of(finding), rank);
    if (!fresh) entry->second = std::min(entry->second, rank);
  }
  std::vector<Keyed> keyed;
  keyed.reserve(findings.size());
  for (Finding& finding : findings) {
    Group group = group_of(finding);
    const Rank group_rank = worst.at(group);
    const Rank rank = rank_of(finding);
    keyed.push_back({group_rank, std::move(group), rank, std::move(finding)});
  }
  std::ranges::sort(keyed, before);
  findings.clear();
  for (Keyed& entry : keyed) findings.push_back(std::move(entry.finding));
}

}  // namespace firebreak
