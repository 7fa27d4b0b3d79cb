#include "findings/matrix.h"

#include <algorithm>
#include <array>
#include <set>

#include "base/text.h"
#include "findings/gaps.h"

namespace firebreak {
namespace {

constexpr std::string_view kUnknown = "unknown";

// What stands in a cell before it gets its words.
struct Content {
  std::vector<std::string> findings;
  bool shared = false;         // a finding that shows something in common
  bool open = false;           // network: packets get through, whatever is in common
  bool shared_values = false;  // credentials: CRED001
};

bool shares_network_namespace(const Finding& finding) {
  return finding.code == Code::kHost004 &&
         std::ranges::any_of(finding.subjects, [](const Subject& subject) {
           return subject.kind == "namespace" && subject.name == "net";
         });
}

// Codes that are about something else than what the level says (names, live keys).
bool shows_sharing(Code code) {
  return code != Code::kNet007 && code != Code::kCred006 && code != Code::kNet002 &&
         code != Code::kNet003;
}
bool shows_flow(Code code) { return code == Code::kNet002 || code == Code::kNet003; }

class MatrixBuilder {
 public:
  MatrixBuilder(const Estate& estate, const Demands& demands, const std::vector<Gap>& gaps)
      : estate_(estate),
        demands_(demands),
        count_(estate.environments().size()),
        contents_(count_ * count_ * kDimensions.size()) {
    for (std::size_t d = 0; d < kDimensions.size(); ++d) {
      hidden_[d] =
          std::ranges::any_of(gaps, [&](const Gap& gap) { return hides(gap, kDimensions[d]); });
    }
    find_common_hosts();
    find_common_registries();
  }

  void add(const Finding& finding) {
    const CodeInfo& code = info(finding.code);
    if (!code.dimension || finding.environments.size() != 2) return;
    const auto from = demands_.find(finding.environments[0]);
    const auto to = demands_.find(finding.environments[1]);
    if (!from || !to || *from == *to) return;
    add(finding, *from, *to, *code.dimension);
    if (!has_direction(finding.code)) add(finding, *to, *from, *code.dimension);
    if (!shares_network_namespace(finding)) return;
    add(finding, *from, *to, Dimension::kNetwork);
    add(finding, *to, *from, Dimension::kNetwork);
  }

  [[nodiscard]] std::vector<Cell> cells() {
    std::vector<Cell> out;
    for (std::size_t a = 0; a < count_; ++a) {
      for (std::size_t b = 0; b < count_; ++b) {
        if (a == b || !to_be_told(EnvironmentId(a), EnvironmentId(b))) continue;
        for (const Dimension dimension : kDimensions) {
          out.push_back(cell(EnvironmentId(a), EnvironmentId(b), dimension));
        }
      }
    }
    return out;
  }

 private:
  // Of an environment without members nothing was seen, and "separate" would be said of nothing.
  bool to_be_told(EnvironmentId from, EnvironmentId to) {
    if (!estate_[from].workloads.empty() && !estate_[to].workloads.empty()) return true;
    return std::ranges::any_of(kDimensions, [&](Dimension dimension) {
      return !content(from, to, dimension).findings.empty();
    });
  }

  Content& content(EnvironmentId from, EnvironmentId to, Dimension dimension) {
    return contents_[(from.index() * count_ + to.index()) * kDimensions.size() +
                     static_cast<std::size_t>(dimension)];
  }

  void add(const Finding& finding, EnvironmentId from, EnvironmentId to, Dimension dimension) {
    Content& into = content(from, to, dimension);
    into.findings.push_back(finding.fingerprint);
    into.shared = into.shared || shows_sharing(finding.code);
    into.open = into.open || shows_flow(finding.code);
    into.shared_values = into.shared_values || finding.code == Code::kCred001;
  }

  Cell cell(EnvironmentId from, EnvironmentId to, Dimension dimension) {
    Content& found = content(from, to, dimension);
    std::ranges::sort(found.findings);
    const auto repeated = std::ranges::unique(found.findings);
    found.findings.erase(repeated.begin(), repeated.end());
    const Level required = demands_.level(from, to, dimension).level;
    Cell out{.from = estate_[from].name,
             .to = estate_[to].name,
             .dimension = dimension,
             .level = std::string(level(found, from, to, dimension)),
             .required = std::string(name_of(required)),
             .basis = "configuration",
             .met = false,
             .findings = std::move(found.findings)};
    out.met = satisfies(out.level, required);
    return out;
  }

  [[nodiscard]] std::string_view level(const Content& found, EnvironmentId from, EnvironmentId to,
                                       Dimension dimension) const {
    const bool hidden = hidden_[static_cast<std::size_t>(dimension)];
    switch (dimension) {
      case Dimension::kHost: return host_level(found, from, to, hidden);
      case Dimension::kNetwork: return network_level(found, hidden);
      case Dimension::kCredentials:
        if (found.shared) return found.shared_values ? "shared-values" : "shared-systems";
        return hidden ? kUnknown : "separate-values";
      case Dimension::kRegistry:
        if (found.shared) return "shared";
        if (hidden) return kUnknown;
        return common(registries_, from, to) ? "separate-namespaces" : "separate";
      case Dimension::kData: return found.shared ? "shared" : kUnknown;  // rows are not looked at
    }
    return kUnknown;
  }

  static std::string_view network_level(const Content& found, bool hidden) {
    if (found.shared) return "shared";
    if (found.open) return "open";
    return hidden ? kUnknown : "separate";
  }

  [[nodiscard]] std::string_view host_level(const Content& found, EnvironmentId from,
                                            EnvironmentId to, bool hidden) const {
    if (found.shared || common(hosts_, from, to)) return "shared";
    return hidden || planned_[from.index()] || planned_[to.index()] ? kUnknown : "separate";
  }

  static bool satisfies(std::string_view level, Level required) {
    switch (required) {
      case Level::kAny: return true;
      case Level::kSeparate:
      case Level::kSeparateCredentials:
      case Level::kSeparateRegistries: return level == "separate";
      case Level::kSeparateValues: return level == "separate-values";
      case Level::kSeparateNamespaces: return level == "separate" || level == "separate-namespaces";
      case Level::kSeparateSystems:
      case Level::kMasked:
      case Level::kSynthetic: return false;  // configuration alone cannot show these
    }
    return false;
  }

  using Things = std::vector<std::set<std::string, std::less<>>>;  // by environment

  [[nodiscard]] static bool common(const Things& things, EnvironmentId a, EnvironmentId b) {
    return std::ranges::any_of(things[a.index()], [&](const std::string& thing) {
      return things[b.index()].contains(thing);
    });
  }

  void find_common_hosts() {
    hosts_.resize(count_);
    planned_.resize(count_);
    for (std::size_t i = 0; i < estate_.snapshot().hosts.size(); ++i) {
      const Host& host = estate_.snapshot().hosts[i];
      for (const EnvironmentId id : estate_.environments_on(HostId(i))) {
        if (host.kind == Host::Kind::kCompose) {
          planned_[id.index()] = true;
        } else {
          hosts_[id.index()].insert(host.name);
        }
      }
    }
  }

  // Registries by the host name in image references; those that everybody pulls from say nothing.
  void find_common_registries() {
    registries_.resize(count_);
    for (const Workload& workload : estate_.workloads()) {
      if (!workload.environment) continue;
      for (const ContainerId id : workload.containers) {
        const std::string_view registry = private_registry(estate_[id].image);
        auto& known = registries_[workload.environment->index()];
        if (!registry.empty() && !known.contains(registry)) known.emplace(registry);
      }
    }
  }

  static std::string_view private_registry(std::string_view image) {
    constexpr std::array<std::string_view, 10> kPublic = {
        "docker.io", "index.docker.io",   "ghcr.io",         "quay.io",    "public.ecr.aws",
        "gcr.io",    "mcr.microsoft.com", "registry.k8s.io", "k8s.gcr.io", "lscr.io"};
    const std::size_t slash = image.find('/');
    if (slash == std::string_view::npos) return {};
    const std::string_view host = image.substr(0, slash);
    const bool is_host = host.find_first_of(".:") != std::string_view::npos;
    if (!is_host || host.starts_with("localhost") || host.starts_with("127.")) return {};
    return std::ranges::find(kPublic, host) == kPublic.end() ? host : std::string_view{};
  }

  const Estate& estate_;
  const Demands& demands_;
  std::size_t count_;
  std::vector<Content> contents_;
  std::array<bool, kDimensions.size()> hidden_{};
  Things hosts_;
  Things registries_;
  std::vector<bool> planned_;
};

}  // namespace

std::vector<Cell> build_matrix(const Estate& estate, const Demands& demands,
                               const std::vector<Finding>& findings, const std::vector<Gap>& gaps) {
  MatrixBuilder builder(estate, demands, gaps);
  for (const Finding& finding : findings) builder.add(finding);
  return builder.cells();
}

}  // namespace firebreak
