// The checks know who is concerned by name (Finding::subjects), which is all that is needed here:
// on a side where no workload is named the whole environment is meant, as far as it runs on the
// hosts that the finding names.
#include "paths/influences.h"

#include <algorithm>
#include <map>
#include <set>

#include "checks/support.h"
#include "findings/demand.h"

namespace firebreak {
namespace {

// Ways to act on the other side. Those that are about packets (NET001, NET004, NET005) are told by
// the flows themselves, and what is only configured or known (CRED, DATA) is no way by itself.
bool is_influence(Code code) {
  switch (code) {
    case Code::kHost002:
    case Code::kHost003:
    case Code::kHost004:
    case Code::kHost005:
    case Code::kNet006:
    case Code::kReg003:
    case Code::kReg004: return true;
    default: return false;
  }
}

class InfluenceReader {
 public:
  explicit InfluenceReader(const Estate& estate) : estate_(estate) {
    for (std::size_t i = 0; i < estate.workloads().size(); ++i) {
      by_subject_.emplace(subject_of(estate, WorkloadId(i)), WorkloadId(i));
    }
    for (std::size_t i = 0; i < estate.environments().size(); ++i) {
      environments_.emplace(estate.environments()[i].name, EnvironmentId(i));
    }
    for (std::size_t i = 0; i < estate.snapshot().hosts.size(); ++i) {
      hosts_.emplace(estate.snapshot().hosts[i].name, HostId(i));
    }
  }

  void read(const Finding& finding, std::vector<Influence>& out) const {
    const std::vector<WorkloadId> named = named_workloads(finding);
    if (finding.environments.size() == 1) {  // a stray one, which rules all that run beside it
      add(finding, named, all_on(hosts_of(finding, named), std::nullopt), out);
      return;
    }
    if (finding.environments.size() != 2) return;
    const auto a = environments_.find(finding.environments[0]);
    const auto b = environments_.find(finding.environments[1]);
    if (a == environments_.end() || b == environments_.end()) return;
    const auto first = of(named, a->second, b->second);
    const auto second = of(named, b->second, a->second);
    const auto whole = [&](EnvironmentId id) { return all_on(hosts_of(finding, named), id); };
    if (has_direction(finding.code)) {
      const bool host = info(finding.code).dimension == Dimension::kHost;  // all that runs there
      add(finding, first.empty() ? everywhere(a->second) : first,
          host || second.empty() ? whole(b->second) : second, out);
      return;
    }
    if (!first.empty()) add(finding, first, second.empty() ? whole(b->second) : second, out);
    if (!second.empty()) add(finding, second, first.empty() ? whole(a->second) : first, out);
  }

 private:
  [[nodiscard]] std::vector<WorkloadId> named_workloads(const Finding& finding) const {
    std::vector<WorkloadId> out;
    for (const Subject& subject : finding.subjects) {
      const auto known = by_subject_.equal_range(subject);
      for (auto one = known.first; one != known.second; ++one) out.push_back(one->second);
    }
    std::ranges::sort(out);
    return out;
  }

  [[nodiscard]] std::vector<WorkloadId> of(const std::vector<WorkloadId>& workloads,
                                           EnvironmentId one, EnvironmentId other) const {
    std::vector<WorkloadId> out;
    for (const WorkloadId id : workloads) {
      if (only_for(estate_[id], one, other)) out.push_back(id);
    }
    return out;
  }

  [[nodiscard]] std::set<HostId> hosts_of(const Finding& finding,
                                          const std::vector<WorkloadId>& named) const {
    std::set<HostId> out;
    for (const Subject& subject : finding.subjects) {
      const auto host = hosts_.find(subject.kind == "host" ? subject.name : "");
      if (host != hosts_.end()) out.insert(host->second);
    }
    if (!out.empty()) return out;
    for (const WorkloadId id : named) {
      for (const ContainerId container : estate_[id].containers) {
        out.insert(estate_.host_of(container));
      }
    }
    return out;
  }

  // nullopt: of whatever environment, and of none.
  [[nodiscard]] std::vector<WorkloadId> all_on(const std::set<HostId>& hosts,
                                               std::optional<EnvironmentId> environment) const {
    std::set<WorkloadId> out;
    for (const HostId host : hosts) {
      for (const ContainerId container : estate_.containers_on(host)) {
        const WorkloadId id = estate_.workload_of(container);
        if (!environment || estate_[id].environment == environment) out.insert(id);
      }
    }
    return {out.begin(), out.end()};
  }

  [[nodiscard]] std::vector<WorkloadId> everywhere(EnvironmentId environment) const {
    std::vector<WorkloadId> out = estate_[environment].workloads;
    std::ranges::sort(out);
    return out;
  }

  static void add(const Finding& finding, std::vector<WorkloadId> from, std::vector<WorkloadId> to,
                  std::vector<Influence>& out) {
    std::erase_if(to, [&](WorkloadId id) { return std::ranges::binary_search(from, id); });
    if (from.empty() || to.empty()) return;
    out.push_back({.finding = &finding, .from = std::move(from), .to = std::move(to)});
  }

  const Estate& estate_;
  std::multimap<Subject, WorkloadId> by_subject_;
  std::map<std::string_view, EnvironmentId> environments_;
  std::map<std::string_view, HostId> hosts_;
};

}  // namespace

std::vector<Influence> influences_of(const Estate& estate, const Findings& findings) {
  const InfluenceReader reader(estate);
  std::vector<Influence> out;
  for (const Finding& finding : findings) {
    if (is_influence(finding.code)) reader.read(finding, out);
  }
  return out;
}

}  // namespace firebreak
