#include "report/starter_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/text.h"
#include "policy/load.h"
#include "report/starter_selectors.h"

namespace firebreak {
namespace {

// Text of foreign origin in a comment: one line, and not endless.
std::string comment_text(std::string_view text) {
  constexpr std::size_t kLongest = 200;
  if (text.size() > kLongest) return printable(text.substr(0, kLongest)) + "…";
  return printable(text);
}

std::string full_name(const Estate& estate, const Workload& workload) {
  std::string name = comment_text(workload.stable_name);
  if (estate.snapshot().hosts.size() > 1) name += " on " + comment_text(estate[workload.host].name);
  return name;
}

std::string reasons(const Workload& workload) {
  std::string out;
  for (const Evidence& evidence : workload.evidence) {
    if (!out.empty()) out += "; ";
    out += comment_text(evidence.reason);
  }
  return out.empty() ? "nothing says why" : out;
}

// Writes the parts of the file one after the other.
class Writer {
 public:
  explicit Writer(const Estate& estate) : estate_(estate) {}
  [[nodiscard]] std::string write();

 private:
  void hosts();
  void environments();
  void environment(std::size_t index, const std::vector<ChosenSelector>& selectors);
  void without_environments();
  void undecided();
  void shared();
  void require();
  void pair(const Environment& upper, const Environment& lower_one);
  void rest();

  template <class... Args>
  void line(fmt::format_string<Args...> format, Args&&... args) {
    out_ += fmt::format(format, std::forward<Args>(args)...);
    out_ += '\n';
  }
  [[nodiscard]] std::vector<std::string> own_networks(std::size_t index) const;
  [[nodiscard]] std::vector<std::string> common_hosts(const Environment& a,
                                                      const Environment& b) const;
  [[nodiscard]] std::vector<EnvironmentId> neighbours(WorkloadId id) const;

  const Estate& estate_;
  std::string out_;
  bool declares_hosts_ = false;
};

std::string host_line(const Host& host) {
  return fmt::format("  {}: {{docker: {}}}", yaml_text(host.name), yaml_text(host.endpoint));
}

void Writer::hosts() {
  line("# Where to look. Without this, `--host` or the current Docker context says it.");
  // All or none: selectors may name only hosts that are declared here.
  std::string lines;
  std::string plain = "version: 1\nhosts:\n";
  for (const Host& host : estate_.snapshot().hosts) {
    if (host.kind == Host::Kind::kCompose) continue;
    std::string text = host_line(host) + "\n";
    plain += text;
    if (host.tls) text.insert(text.size() - 1, "  # add `tls: DIR` (ca.pem, cert.pem, key.pem)");
    if (host.endpoint.starts_with("ssh://"))
      text.insert(text.size() - 1, "  # ssh://USER@HOST if it needs one");
    lines += text;
  }
  const bool loads = load_policy(plain, "").diagnostics.empty();
  declares_hosts_ = loads && !lines.empty();
  if (declares_hosts_) {
    out_ += "hosts:\n" + lines;
  } else {
    line("# hosts:");
    line("#   prod-1: {{docker: \"tcp://prod-1:2376\", tls: ~/.docker/prod-1}}");
    line("#   edge: {{docker: \"ssh://ops@edge\"}}");
  }
  line("");
}

std::vector<std::string> Writer::own_networks(std::size_t index) const {
  std::map<std::string, bool> own;  // by name, since the policy owns names
  for (const EstateNetwork& network : estate_.networks()) {
    bool alone = !network.members.empty();
    for (const Member& member : network.members) {
      const auto& environment = estate_[member.workload].environment;
      alone = alone && environment && environment->index() == index;
    }
    const auto [entry, fresh] = own.emplace(network.network->name, alone);
    if (!fresh) entry->second = entry->second && alone;
  }
  std::set<std::string> out;
  for (const NetworkId id : estate_.environments()[index].networks) {
    const std::string& name = estate_[id].network->name;
    const bool awkward = name.empty() || name.find_first_of("*?") != std::string::npos ||
                         printable(name) != name || trim(name) != name;
    if (own[name] && !awkward) out.insert(name);
  }
  return {out.begin(), out.end()};
}

void Writer::environment(std::size_t index, const std::vector<ChosenSelector>& selectors) {
  constexpr std::size_t kMostReasons = 3;
  const Environment& environment = estate_.environments()[index];
  line("  {}:", yaml_text(environment.name));
  line("    tier: {}", name_of(environment.tier));
  const std::vector<std::string> networks = own_networks(index);
  if (!networks.empty()) {
    line("    networks:  # its own: whoever else is attached is a finding");
    for (const std::string& name : networks) line("      - {}", yaml_text(name));
  }
  if (selectors.empty()) {
    line("    match: []");
    return;
  }
  line("    match:");
  for (const ChosenSelector& selector : selectors) {
    for (std::size_t i = 0; i < std::min(selector.covers.size(), kMostReasons); ++i) {
      const Workload& workload = estate_[selector.covers[i]];
      line("      # {}: {}", full_name(estate_, workload), reasons(workload));
    }
    if (selector.covers.size() > kMostReasons) {
      line("      # and {} more", selector.covers.size() - kMostReasons);
    }
    line("      - {}", selector_yaml(selector.fields));
  }
}

void Writer::without_environments() {
  line(
      "# Nothing that was seen tells production from anything else, so there is nothing to write.");
  line("# Name your environments and who belongs to them; until then they are inferred.");
  line("# environments:");
  line("#   production:");
  line("#     tier: production");
  line("#     match:");
  line("#       - label: env=production");
  line("#   development:");
  line("#     tier: development");
  line("#     match:");
  line("#       - compose: shop-dev");
}

void Writer::environments() {
  line("# Who belongs where. A higher tier is protected from a lower one: production > staging >");
  line(
      "# development. An entry of `match` matches if all of its keys do; one that matches is "
      "enough.");
  if (estate_.environments().empty()) {
    without_environments();
  } else {
    const ChosenSelectors chosen = choose_selectors(estate_, declares_hosts_);
    const auto by_name = [](const ChosenSelector& selector) {
      return selector.fields.back().first == "name";
    };
    if (std::ranges::any_of(chosen.environments, [&](const std::vector<ChosenSelector>& list) {
          return std::ranges::any_of(list, by_name);
        })) {
      line("# Names of containers change when they are made anew; a label stays:");
      line("# `docker run --label env=production …`, then `- label: env=production`.");
    }
    line("environments:");
    for (std::size_t e = 0; e < chosen.environments.size(); ++e) {
      environment(e, chosen.environments[e]);
    }
    for (const WorkloadId id : chosen.left) {
      line("# No selector tells {} from others: give it a label. It belongs to {} ({}).",
           full_name(estate_, estate_[id]), estate_[*estate_[id].environment].name,
           reasons(estate_[id]));
    }
  }
  line("");
}

void Writer::undecided() {
  bool first = true;
  for (std::size_t w = 0; w < estate_.workloads().size(); ++w) {
    const Workload& workload = estate_.workloads()[w];
    if (workload.environment || workload.shared) continue;
    if (first) {
      line(
          "# Not assigned. Move each line that begins with `- ` to the environment it belongs to.");
    }
    first = false;
    if (workload.candidates.empty()) {
      line("#   {}: nothing says where it belongs", full_name(estate_, workload));
    } else {
      line("#   {}: claimed by several: {}", full_name(estate_, workload), reasons(workload));
    }
    line("#     - {}", selector_yaml(selector_for(estate_, WorkloadId(w))));
  }
  if (!first) line("");
}

// Environments whose members share a network with this workload.
std::vector<EnvironmentId> Writer::neighbours(WorkloadId id) const {
  std::set<EnvironmentId> found;
  for (const ContainerId container : estate_[id].containers) {
    for (const Endpoint& endpoint : estate_[container].endpoints) {
      const auto network = estate_.network_of(container, endpoint);
      if (!network) continue;
      for (const Member& member : estate_[*network].members) {
        if (const auto& other = estate_[member.workload].environment) found.insert(*other);
      }
    }
  }
  return {found.begin(), found.end()};
}

void Writer::shared() {
  line("# What serves several environments on purpose, such as a proxy or a metrics collector.");
  std::string text;
  for (std::size_t w = 0; w < estate_.workloads().size(); ++w) {
    if (estate_.workloads()[w].environment) continue;
    const std::vector<EnvironmentId> served = neighbours(WorkloadId(w));
    if (served.size() < 2) continue;
    std::vector<std::string> names;
    names.reserve(served.size());
    for (const EnvironmentId id : served) names.push_back(yaml_text(estate_[id].name));
    const std::string selector = selector_yaml(selector_for(estate_, WorkloadId(w)));
    text +=
        fmt::format("#   - match: [{}]\n#     serves: [{}]\n#     reason: why do they share it?\n",
                    selector.starts_with('{') ? selector : "{" + selector + "}", join(names, ", "));
  }
  line("# shared:");
  out_ += text.empty() ? "#   - match: [{compose: proxy}]\n#     serves: [staging, development]\n"
                         "#     reason: one proxy for the lower environments\n"
                       : text;
  line("");
}

std::vector<std::string> Writer::common_hosts(const Environment& a, const Environment& b) const {
  const auto hosts_of = [&](const Environment& environment) {
    std::set<HostId> out;
    for (const WorkloadId workload : environment.workloads) {
      for (const ContainerId id : estate_[workload].containers) out.insert(estate_.host_of(id));
    }
    return out;
  };
  const std::set<HostId> first = hosts_of(a);
  const std::set<HostId> second = hosts_of(b);
  std::vector<std::string> out;
  for (const HostId id : first) {
    if (second.contains(id)) out.push_back(comment_text(estate_[id].name));
  }
  return out;
}

void Writer::pair(const Environment& upper, const Environment& lower_one) {
  const std::vector<std::string> common = common_hosts(upper, lower_one);
  line("  - between: [{}, {}]", yaml_text(upper.name), yaml_text(lower_one.name));
  if (common.empty()) {
    line("    host: separate  # as they are today");
  } else {
    line("    host: any  # today they share {}", join(common, ", "));
  }
  line("    network: separate");
  line("    credentials: separate-values");
  line("    registry: any");
  line("    data: any");
}

void Writer::require() {
  line(
      "# How far apart each pair must be; the last entry that names a pair wins. From strong to "
      "weak:");
  line("#   host:        separate | any");
  line("#   network:     separate | any");
  line("#   credentials: separate-systems | separate-values | any");
  line("#   registry:    separate-registries | separate-credentials | separate-namespaces | any");
  line("#   data:        synthetic | masked | any");
  line("# `any` accepts sharing: it is still reported, but not held against you.");
  bool first = true;
  const auto environments = estate_.environments();  // highest tier first
  for (std::size_t a = 0; a < environments.size(); ++a) {
    for (std::size_t b = a + 1; b < environments.size(); ++b) {
      if (environments[a].tier == environments[b].tier) continue;
      if (first) line("require:");
      first = false;
      pair(environments[a], environments[b]);
    }
  }
  if (first) {
    line("# require:");
    line("#   - {{between: [production, \"*\"], network: separate, credentials: separate-values}}");
  }
  line("");
}

void Writer::rest() {
  line("# Approved exceptions. Each ends, and is then a finding.");
  line("# waivers:");
  line("#   - {{code: NET001, environments: [staging, development], reason: why,");
  line("#      approved_by: who@example.com, expires: 2027-03-31}}");
  line("");
  line("# How old the last audit may be.");
  line("# audit: {{every: 24h}}");
}

std::string Writer::write() {
  line("# Which environments there are, who belongs to them, and how far apart they must be.");
  line(
      "# Written by `firebreak init` from what was inferred: read it, correct it, and keep it "
      "under");
  line("# version control. `firebreak audit` reads it from this folder.");
  line("version: 1");
  line("");
  hosts();
  environments();
  undecided();
  shared();
  require();
  rest();
  return out_;
}

}  // namespace

std::string starter_policy(const Estate& estate) { return Writer(estate).write(); }

}  // namespace firebreak
