// Environments as the policy assigns them.
//
// A policy may have hundreds of selectors and an estate ten thousand workloads. A selector without
// wildcards in a label, compose project or container name is filed under that text, so that a
// workload is compared with the few selectors that can match it. Cost: O(workloads × (labels +
// selectors with wildcards)).
#include <algorithm>
#include <map>
#include <unordered_map>

#include "base/text.h"
#include "estate/builder.h"

namespace firebreak {
namespace {

struct Rule {
  const Selector* selector = nullptr;
  std::optional<EnvironmentId> environment;
  const SharedRule* shared = nullptr;
  bool matched = false;
};

bool is_exact(std::string_view pattern) {
  return !pattern.empty() && pattern.find_first_of("*?") == std::string_view::npos;
}

// What one container of a workload shows to selectors.
struct Candidate {
  const Workload& workload;
  const Container& container;
  const Service* service;
  const std::vector<std::string_view>& host_names;
};

bool matches_label(const Selector& selector, const Candidate& candidate) {
  return std::ranges::any_of(candidate.container.labels, [&](const Label& label) {
    if (label.name != selector.label_name) return false;
    // A value that was not kept can only be asked whether it is there.
    if (label.value.opaque) return selector.label_value == "*";
    return glob_match(selector.label_value, label.value.text);
  });
}

bool matches(const Selector& selector, const Candidate& candidate) {
  const Workload& workload = candidate.workload;
  const Container& container = candidate.container;
  const auto fits = [](const std::string& pattern, std::string_view text) {
    return pattern.empty() || glob_match(pattern, text);
  };
  if (!selector.label_name.empty() && !matches_label(selector, candidate)) return false;
  if (!selector.compose.empty() &&
      (workload.project.empty() || !glob_match(selector.compose, workload.project))) {
    return false;
  }
  if (!selector.service.empty()) {
    if (workload.kind == Workload::Kind::kContainer) return false;
    const bool full =
        candidate.service != nullptr && glob_match(selector.service, candidate.service->name);
    const std::string_view swarm_name = label(container, "com.docker.swarm.service.name");
    if (!full && !glob_match(selector.service, workload.name) &&
        !(!swarm_name.empty() && glob_match(selector.service, swarm_name))) {
      return false;
    }
  }
  if (!fits(selector.name, container.name) || !fits(selector.image, container.image)) return false;
  if (!selector.host.empty() &&
      std::ranges::none_of(candidate.host_names, [&](std::string_view name) {
        return glob_match(selector.host, name);
      })) {
    return false;
  }
  return selector.network.empty() ||
         std::ranges::any_of(container.endpoints, [&](const Endpoint& endpoint) {
           return glob_match(selector.network, endpoint.network_name);
         });
}

class RuleIndex {
 public:
  void add(Rule rule) {
    const std::size_t id = rules_.size();
    const Selector& selector = *rule.selector;
    rules_.push_back(rule);
    if (!selector.label_name.empty() && is_exact(selector.label_value)) {
      labels_[selector.label_name][selector.label_value].push_back(id);
    } else if (is_exact(selector.compose)) {
      projects_[selector.compose].push_back(id);
    } else if (is_exact(selector.name)) {
      names_[selector.name].push_back(id);
    } else if (names_something(selector)) {
      others_.push_back(id);
    }
  }

  // Calls visit(rule) for every rule whose selector matches.
  template <class Visit>
  void each_match(const Candidate& candidate, Visit visit) {
    const auto consider = [&](const std::vector<std::size_t>& ids) {
      for (const std::size_t id : ids) {
        if (!matches(*rules_[id].selector, candidate)) continue;
        rules_[id].matched = true;
        visit(rules_[id]);
      }
    };
    if (!labels_.empty()) {
      for (const Label& label : candidate.container.labels) {
        const auto values = labels_.find(label.name);
        if (values == labels_.end()) continue;
        const auto ids = values->second.find(label.value.text);
        if (ids != values->second.end()) consider(ids->second);
      }
    }
    consider_text(projects_, candidate.workload.project, consider);
    consider_text(names_, candidate.container.name, consider);
    consider(others_);
  }

  [[nodiscard]] const std::vector<Rule>& rules() const { return rules_; }

 private:
  using ByText = std::unordered_map<std::string_view, std::vector<std::size_t>>;

  // An empty selector would match everything; the policy's reader refuses it.
  static bool names_something(const Selector& s) {
    return !(s.label_name.empty() && s.compose.empty() && s.service.empty() && s.name.empty() &&
             s.image.empty() && s.network.empty() && s.host.empty());
  }

  template <class Consider>
  static void consider_text(const ByText& index, std::string_view text, Consider consider) {
    const auto ids = index.find(text);
    if (ids != index.end()) consider(ids->second);
  }

  std::vector<Rule> rules_;
  std::unordered_map<std::string_view, ByText> labels_;
  ByText projects_;
  ByText names_;
  std::vector<std::size_t> others_;
};

std::string reason_of(const Policy& policy, const Selector& selector) {
  if (policy.file.empty() || selector.at.line == 0) return "policy: " + selector.text;
  return policy.file + ":" + std::to_string(selector.at.line) + ": " + selector.text;
}

template <class T>
void add_once(std::vector<T>& list, T value) {
  const auto at = std::ranges::lower_bound(list, value);
  if (at == list.end() || *at != value) list.insert(at, value);
}

}  // namespace

void EstateBuilder::assign_by_policy() {
  const Policy& policy = *estate_.policy_;
  for (const EnvironmentRule& rule : policy.environments) {
    estate_.environments_.push_back(
        {.name = rule.name, .tier = rule.tier, .networks = {}, .workloads = {}});
  }
  std::ranges::sort(estate_.environments_, [](const Environment& a, const Environment& b) {
    return a.tier != b.tier ? a.tier > b.tier : a.name < b.name;
  });
  RuleIndex index;
  for (const EnvironmentRule& rule : policy.environments) {
    const std::optional<EnvironmentId> id = environment_id(rule.name);
    for (const Selector& selector : rule.match)
      index.add({.selector = &selector, .environment = id});
  }
  for (const SharedRule& rule : policy.shared) {
    for (const Selector& selector : rule.match)
      index.add({.selector = &selector, .environment = {}, .shared = &rule});
  }

  std::vector<std::vector<std::string_view>> host_names;
  host_names.reserve(estate_.hosts_.size());
  for (std::size_t h = 0; h < estate_.hosts_.size(); ++h) host_names.push_back(names_of(HostId(h)));
  for (std::size_t w = 0; w < estate_.workloads_.size(); ++w) {
    Workload& workload = estate_.workloads_[w];
    const auto apply = [&](const Rule& rule) {
      std::string reason = reason_of(policy, *rule.selector);
      const auto already = std::ranges::find(workload.evidence, reason, &Evidence::reason);
      if (already != workload.evidence.end()) return;
      if (rule.shared != nullptr) {
        workload.shared = true;
        for (const std::string& name : rule.shared->serves) {
          if (const auto id = environment_id(name)) add_once(workload.serves, *id);
        }
        workload.evidence.push_back({.environment = {}, .reason = std::move(reason)});
      } else if (rule.environment) {
        add_once(workload.candidates, *rule.environment);
        workload.evidence.push_back(
            {.environment = estate_[*rule.environment].name, .reason = std::move(reason)});
      }
    };
    const auto consider = [&](const Container& container, HostId host) {
      index.each_match({.workload = workload,
                        .container = container,
                        .service = services_[w],
                        .host_names = host_names[host.index()]},
                       apply);
    };
    for (const ContainerId id : workload.containers) consider(estate_[id], estate_.host_of(id));
    if (services_[w] != nullptr && &estate_[workload.containers.front()] != &services_[w]->spec) {
      consider(services_[w]->spec, workload.host);
    }
    settle(workload);
  }
  for (const Rule& rule : index.rules()) {
    if (!rule.matched) estate_.unmatched_.push_back(rule.selector);
  }
}

// What serves several environments on purpose belongs to none of them.
void EstateBuilder::settle(Workload& workload) {
  if (workload.shared) {
    workload.candidates.clear();
  } else if (workload.candidates.size() == 1) {
    workload.environment = workload.candidates.front();
  }
}

}  // namespace firebreak
