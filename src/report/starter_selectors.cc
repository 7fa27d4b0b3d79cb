// Problem: say an assignment of workloads to environments by selectors, such that each environment
// gets its own members and nobody else, and the selectors are those that a person would have
// written: a label, else the compose project, else the service, else the container's name.
// Method: list for every workload all selectors of these shapes that match it; one that is listed
// by members of a single environment only may be used; each workload takes the first usable one in
// order of preference, unless one that was already taken matches it.
// Cost: linear in workloads × (labels + containers). Limits: no globs are made up; names with
// globs, control characters or broken UTF-8 in them are not used.
#include "report/starter_selectors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>

#include "base/text.h"

namespace firebreak {
namespace {

// In order of preference. kNever: matches, but was not why it was assigned.
enum class Rank : std::uint8_t {
  kLabel,
  kProject,
  kProjectOnHost,
  kProjectService,
  kProjectServiceOnHost,
  kService,
  kName,
  kNameOnHost,
  kNever,
};

struct Candidate {
  Rank rank = Rank::kNever;
  SelectorFields fields;

  [[nodiscard]] std::string key() const {
    std::string out;
    for (const auto& [name, value] : fields)
      out.append(name).append(1, '\0').append(value).append(1, '\0');
    return out;
  }
};

bool is_usable(std::string_view text) {
  const auto awkward = [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F || c == '*' || c == '?';
  };
  return !text.empty() && trim(text) == text && std::ranges::none_of(text, awkward) &&
         first_invalid_utf8(text) == text.size();
}

// What a selector looks at: each container with its host, and the spec of a Swarm service.
struct Face {
  const Container* container = nullptr;
  HostId host;
};

class CandidateLister {
 public:
  CandidateLister(const Estate& estate, bool hosts) : estate_(estate), hosts_(hosts) {
    for (const Host& host : estate.snapshot().hosts) {
      for (const Service& service : host.swarm.services) {
        services_.try_emplace(service.id.value, &service);
      }
    }
  }

  [[nodiscard]] std::vector<Candidate> list(const Workload& workload) const {
    std::vector<Candidate> out;
    const Service* service = service_of(workload);
    std::vector<std::string_view> names = {workload.name};
    if (service != nullptr && service->name != workload.name) names.push_back(service->name);
    for (const Face& face : faces(workload, service)) {
      const std::string& host = estate_[face.host].name;
      add_labels(workload, *face.container, out);
      if (!workload.project.empty()) {
        add(out, Rank::kProject, {{"compose", workload.project}});
        add(out, Rank::kProjectOnHost, {{"host", host}, {"compose", workload.project}});
      }
      if (workload.kind != Workload::Kind::kContainer) add_services(workload, names, host, out);
      add(out, Rank::kName, {{"name", face.container->name}});
      add(out, Rank::kNameOnHost, {{"host", host}, {"name", face.container->name}});
    }
    std::ranges::stable_sort(out, {}, &Candidate::rank);
    return out;
  }

 private:
  [[nodiscard]] const Service* service_of(const Workload& workload) const {
    if (workload.kind != Workload::Kind::kSwarmService) return nullptr;
    const Container& first = estate_[workload.containers.front()];
    const auto found = services_.find(label(first, "com.docker.swarm.service.id"));
    if (found != services_.end()) return found->second;
    for (const auto& [id, service] : services_) {
      if (&service->spec == &first) return service;
    }
    return nullptr;
  }

  [[nodiscard]] std::vector<Face> faces(const Workload& workload, const Service* service) const {
    std::vector<Face> out;
    out.reserve(workload.containers.size());
    for (const ContainerId id : workload.containers) {
      out.push_back({.container = &estate_[id], .host = estate_.host_of(id)});
    }
    if (service != nullptr && out.front().container != &service->spec) {
      out.push_back({.container = &service->spec, .host = workload.host});
    }
    return out;
  }

  void add(std::vector<Candidate>& out, Rank rank, SelectorFields fields) const {
    if (!std::ranges::all_of(fields, [](const auto& field) { return is_usable(field.second); })) {
      return;
    }
    const auto is_host = [](const auto& field) { return field.first == "host"; };
    if (!hosts_ && std::ranges::any_of(fields, is_host)) return;
    out.push_back({.rank = rank, .fields = std::move(fields)});
  }

  void add_labels(const Workload& workload, const Container& container,
                  std::vector<Candidate>& out) const {
    for (const Label& each : container.labels) {
      if (each.value.opaque || each.name.contains('=')) continue;
      const std::string text = each.name + "=" + each.value.text;
      if (!is_usable(each.name) || !is_usable(each.value.text)) continue;
      const bool decided = std::ranges::find(workload.evidence, "label " + text,
                                             &Evidence::reason) != workload.evidence.end();
      add(out, decided ? Rank::kLabel : Rank::kNever, {{"label", text}});
    }
  }

  void add_services(const Workload& workload, const std::vector<std::string_view>& names,
                    const std::string& host, std::vector<Candidate>& out) const {
    for (const std::string_view view : names) {
      const std::string name(view);
      if (workload.project.empty()) {
        add(out, Rank::kService, {{"service", name}});
        continue;
      }
      add(out, Rank::kNever, {{"service", name}});
      add(out, Rank::kProjectService, {{"compose", workload.project}, {"service", name}});
      add(out, Rank::kProjectServiceOnHost,
          {{"host", host}, {"compose", workload.project}, {"service", name}});
    }
  }

  const Estate& estate_;
  bool hosts_;
  std::unordered_map<std::string_view, const Service*> services_;
};

constexpr std::size_t kNobody = std::numeric_limits<std::size_t>::max();
constexpr std::size_t kSeveral = kNobody - 1;

}  // namespace

ChosenSelectors choose_selectors(const Estate& estate, bool hosts) {
  const CandidateLister lister(estate, hosts);
  const auto owner = [](const Workload& workload) {
    return workload.environment ? workload.environment->index() : kNobody;
  };
  std::unordered_map<std::string, std::size_t> matched;  // a selector's environment
  for (const Workload& workload : estate.workloads()) {
    for (const Candidate& candidate : lister.list(workload)) {
      const auto [entry, fresh] = matched.emplace(candidate.key(), owner(workload));
      if (!fresh && entry->second != owner(workload)) entry->second = kSeveral;
    }
  }

  ChosenSelectors chosen;
  chosen.environments.resize(estate.environments().size());
  std::unordered_map<std::string, std::size_t> taken;  // index among its environment's selectors
  for (std::size_t w = 0; w < estate.workloads().size(); ++w) {
    const Workload& workload = estate.workloads()[w];
    const std::size_t environment = owner(workload);
    if (environment == kNobody) continue;
    std::vector<ChosenSelector>& list = chosen.environments[environment];
    const std::vector<Candidate> candidates = lister.list(workload);
    const auto already = std::ranges::find_if(
        candidates, [&](const Candidate& candidate) { return taken.contains(candidate.key()); });
    if (already != candidates.end()) {
      list[taken.at(already->key())].covers.emplace_back(w);
      continue;
    }
    const auto best = std::ranges::find_if(candidates, [&](const Candidate& candidate) {
      return candidate.rank != Rank::kNever && matched.at(candidate.key()) == environment;
    });
    if (best == candidates.end()) {
      chosen.left.emplace_back(w);
      continue;
    }
    taken.emplace(best->key(), list.size());
    list.push_back({.fields = best->fields, .covers = {WorkloadId(w)}});
  }
  return chosen;
}

SelectorFields selector_for(const Estate& estate, WorkloadId id) {
  const Workload& workload = estate[id];
  if (!workload.project.empty()) {
    return {{"compose", workload.project}, {"service", workload.name}};
  }
  if (workload.kind == Workload::Kind::kSwarmService) return {{"service", workload.name}};
  return {{"name", workload.name}};
}

std::string selector_yaml(const SelectorFields& fields) {
  std::string out;
  for (const auto& [key, value] : fields) {
    out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", key, yaml_text(value));
  }
  return fields.size() > 1 ? "{" + out + "}" : out;
}

std::string yaml_text(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_-./=@+").contains(c);
  };
  // Words that YAML 1.1 or 1.2 take for something else, and everything that could be a number.
  constexpr std::array<std::string_view, 9> kWords = {"null", "true", "false", "yes", "no",
                                                      "on",   "off",  "y",     "n"};
  const bool begins_well =
      !text.empty() && ((text[0] >= 'a' && text[0] <= 'z') || (text[0] >= 'A' && text[0] <= 'Z'));
  if (begins_well && std::ranges::all_of(text, plain) &&
      std::ranges::find(kWords, lower(text)) == kWords.end()) {
    return std::string(text);
  }
  // What YAML or a terminal would not take as it is, by its UTF-8 bytes.
  constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kEscapes = {
      {{"\"", "\\\""},
       {"\\", "\\\\"},
       {"\xE2\x80\xA8", "\\L"},
       {"\xE2\x80\xA9", "\\P"},
       {"\xEF\xBB\xBF", "\\uFEFF"}}};
  std::string out = "\"";
  while (!text.empty()) {
    const auto byte = static_cast<unsigned char>(text[0]);
    const auto next = static_cast<unsigned char>(text.size() > 1 ? text[1] : '\0');
    const auto escape = std::ranges::find_if(
        kEscapes, [&](const auto& entry) { return text.starts_with(entry.first); });
    if (escape != kEscapes.end()) {
      out += escape->second;
      text.remove_prefix(escape->first.size());
    } else if (byte < 0x20 || byte == 0x7F) {
      out += fmt::format("\\x{:02x}", byte);
      text.remove_prefix(1);
    } else if (byte == 0xC2 && next >= 0x80 && next < 0xA0) {  // C1 controls
      out += fmt::format("\\x{:02x}", next);
      text.remove_prefix(2);
    } else {
      out += text[0];
      text.remove_prefix(1);
    }
  }
  return printable(out) + "\"";
}

}  // namespace firebreak
