// REG002 and REG004: what names of images show of a registry that environments share.
//
// A registry counts if it is private (image_reference.h): on a public one or a hoster, using the
// same repository says nothing about who may push there. The registry "localhost:5000" is another
// one on each host. Rights are not asked here: a namespace (what stands before the last part of a
// repository) is the smallest thing for which registries commonly grant them.
// Limits: images that were built on the spot and images that were run by their id are not seen
// unless the engine knows a name for them.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <tuple>

#include "base/text.h"
#include "checks/checks.h"
#include "checks/image_reference.h"
#include "checks/support.h"

namespace firebreak {
namespace {

// One workload's use of an image of a private registry.
struct Pull {
  WorkloadId workload;
  ContainerId container;
  ImageReference image;
};

struct RegistryKey {
  std::string registry;
  std::string host;  // for registries on the host itself; else empty

  friend auto operator<=>(const RegistryKey&, const RegistryKey&) = default;
};

const Image* find_image(const Host& host, const ImageKey& id) {
  const auto found = std::ranges::find(host.images, id, &Image::id);
  return found == host.images.end() ? nullptr : &*found;
}

// The image as given; for one that was run by its id, the first name that the engine knows.
std::optional<ImageReference> image_of(const Estate& estate, ContainerId id) {
  const Container& container = estate[id];
  if (auto reference = ImageReference::parse(container.image)) return reference;
  const Image* image = find_image(estate[estate.host_of(id)], container.image_id);
  if (image == nullptr) return std::nullopt;
  for (const auto* names : {&image->tags, &image->digests})
    for (const std::string& name : *names)
      if (auto reference = ImageReference::parse(name)) return reference;
  return std::nullopt;
}

using Pulls = std::map<RegistryKey, std::vector<Pull>>;

Pulls list_pulls(const Estate& estate) {
  Pulls pulls;
  for (std::size_t index = 0; index < estate.workloads().size(); ++index) {
    const WorkloadId id(index);
    if (sides_of(estate[id]).empty()) continue;
    std::set<std::string> seen;  // replicas pull the same
    for (const ContainerId container : estate[id].containers) {
      auto image = image_of(estate, container);
      if (!image) continue;
      const bool replicas = estate[id].containers.size() > 1;
      if (replicas && !seen.insert(image->text()).second) continue;
      const RegistryKind kind = registry_kind(image->registry);
      if (kind != RegistryKind::kPrivate && kind != RegistryKind::kOnHost) continue;
      const std::string host =
          kind == RegistryKind::kOnHost ? estate[estate.host_of(container)].name : std::string();
      std::vector<Pull>& list = pulls[{image->registry, host}];
      list.push_back({id, container, *std::move(image)});
    }
  }
  return pulls;
}

// The pulls of each environment, for one namespace or repository.
using PullsBySide = std::map<EnvironmentId, std::vector<const Pull*>>;

template <class NameOf>
std::map<std::string, PullsBySide> group(const Estate& estate, const std::vector<Pull>& pulls,
                                         NameOf name_of_pull) {
  std::map<std::string, PullsBySide> groups;
  for (const Pull& pull : pulls)
    for (const EnvironmentId side : sides_of(estate[pull.workload]))
      groups[std::string(name_of_pull(pull.image))][side].push_back(&pull);
  return groups;
}

// Those that stand for `own` and not for `other`.
std::vector<const Pull*> only(const Estate& estate, const std::vector<const Pull*>& pulls,
                              EnvironmentId own, EnvironmentId other) {
  std::vector<const Pull*> result;
  std::ranges::copy_if(pulls, std::back_inserter(result), [&](const Pull* pull) {
    return only_for(estate[pull->workload], own, other);
  });
  return result;
}

std::vector<EnvironmentId> keys(const PullsBySide& map) {
  std::vector<EnvironmentId> result;
  for (const auto& [environment, _] : map) result.push_back(environment);
  return result;
}

std::vector<WorkloadId> workloads_of(const std::vector<const Pull*>& from,
                                     const std::vector<const Pull*>& to) {
  std::vector<WorkloadId> result;
  for (const auto* side : {&from, &to})
    for (const Pull* pull : *side) result.push_back(pull->workload);
  const auto repeated = std::ranges::unique(result);
  result.erase(repeated.begin(), repeated.end());
  return result;
}

// An engine that can run the remedy's commands; for compose files the one at hand.
std::string pulling_engine(const Estate& estate, const Pull& pull) {
  std::string command = engine_command(estate, estate[pull.workload].host);
  return command.empty() ? "docker" : command;
}

void add_pulls(const Estate& estate, const std::vector<const Pull*>& pulls, Finding& finding) {
  for (const Pull* pull : pulls) {
    const Subject workload = subject_of(estate, pull->workload);
    finding.subjects.push_back({"image", workload.host, pull->image.text(), workload.environment});
    finding.path.push_back({display_name(estate, pull->workload), "runs " + pull->image.text()});
  }
}

// Moves an image into a namespace of the environment: pull, tag, push; then run it from there.
Remedy move_remedy(const Estate& estate, const std::vector<const Pull*>& pulls,
                   const std::string& environment) {
  const ImageReference& image = pulls.front()->image;
  const std::size_t slash = image.repository.rfind('/');
  const std::string last =
      slash == std::string::npos ? image.repository : image.repository.substr(slash + 1);
  const std::string space = image.name_space().empty()
                                ? environment
                                : fmt::format("{}-{}", image.name_space(), environment);
  const std::string moved = fmt::format("{}/{}/{}:{}", image.registry, lower(space), last,
                                        image.tag.empty() ? "latest" : image.tag);
  std::vector<WorkloadId> workloads;
  workloads.reserve(pulls.size());
  for (const Pull* pull : pulls) workloads.push_back(pull->workload);
  Remedy remedy;
  remedy.text = fmt::format(
      "Release for {0} into a namespace of its own, where nothing else may push; then let {1} use "
      "{2}.",
      environment, listed(estate, workloads), moved);
  const std::string docker = pulling_engine(estate, *pulls.front());
  remedy.commands = {command_line(docker, {"pull", image.text()}),
                     command_line(docker, {"tag", image.text(), moved}),
                     command_line(docker, {"push", moved})};
  return remedy;
}

Finding shared_namespace(const Estate& estate, const RegistryKey& key, const std::string& space,
                         const EnvironmentPair& pair, const std::vector<const Pull*>& from,
                         const std::vector<const Pull*>& to) {
  const std::string where = space.empty() ? key.registry : key.registry + "/" + space;
  Finding finding = make_finding(estate, Code::kReg002, pair, {key.host, where});
  finding.title = fmt::format("{} and {} pull from one namespace of a private registry, {}",
                              estate[pair.from].name, estate[pair.to].name, where);
  add_workloads(estate, workloads_of(from, to), finding);
  add_pulls(estate, from, finding);
  add_pulls(estate, to, finding);
  std::set<std::string> repositories;
  for (const Pull* pull : from) repositories.insert(pull->image.repository);
  const bool same = std::ranges::any_of(
      to, [&](const Pull* pull) { return repositories.contains(pull->image.repository); });
  finding.notes.emplace_back(
      same ? "Both use the same repository: who may push for one replaces what the other runs."
           : "They use different repositories there; whether the registry grants rights by "
             "repository cannot be seen from the images.");
  std::map<std::string, std::vector<const Pull*>> images;
  for (const Pull* pull : to) images[pull->image.text()].push_back(pull);
  for (const auto& [_, pulls] : images)
    finding.remedy.push_back(move_remedy(estate, pulls, estate[pair.to].name));
  return finding;
}

void check_namespaces(const Estate& estate, const Pulls& pulls, Findings& out) {
  for (const auto& [key, all] : pulls)
    for (const auto& [space, by_environment] :
         group(estate, all, [](const ImageReference& image) { return image.name_space(); }))
      for (const EnvironmentPair& pair : pairs_of(estate, keys(by_environment))) {
        const auto from = only(estate, by_environment.at(pair.from), pair.from, pair.to);
        const auto to = only(estate, by_environment.at(pair.to), pair.to, pair.from);
        if (!from.empty() && !to.empty())
          out.push_back(shared_namespace(estate, key, space, pair, from, to));
      }
}

// "registry.example.com/shop/api@sha256:…" of the image that the container runs, if the engine
// knows it under that repository.
std::optional<std::string> digest_of(const Estate& estate, const Pull& pull) {
  const Image* image =
      find_image(estate[estate.host_of(pull.container)], estate[pull.container].image_id);
  if (image == nullptr) return std::nullopt;
  for (const std::string& digest : image->digests) {
    const auto reference = ImageReference::parse(digest);
    if (reference && reference->pinned() && reference->name() == pull.image.name()) return digest;
  }
  return std::nullopt;
}

Remedy pin_remedy(const Estate& estate, const Pull& pull) {
  const Workload& workload = estate[pull.workload];
  const std::string docker = pulling_engine(estate, pull);
  const std::string where = definition_of(estate, pull.workload);
  const auto digest = digest_of(estate, pull);
  Remedy remedy;
  if (!digest) {
    remedy.text =
        fmt::format("Name the image of {} by the digest that the last command prints.", where);
    remedy.commands = {command_line(docker, {"pull", pull.image.text()}),
                       command_line(docker, {"image", "inspect", "--format",
                                             "{{index .RepoDigests 0}}", pull.image.text()})};
  } else if (workload.kind == Workload::Kind::kSwarmService && !workload.planned) {
    remedy.text = fmt::format("Pin {} to the digest that it runs now.", where);
    remedy.commands = {command_line(
        docker, {"service", "update", "--image", *digest, service_name(estate, workload)})};
  } else {
    remedy.text = fmt::format("Pin {} to the digest that it runs now and create it anew. image: {}",
                              where, *digest);
    remedy.commands = {command_line(docker, {"pull", *digest})};
  }
  return remedy;
}

Finding movable_tag(const Estate& estate, const RegistryKey& key, const EnvironmentPair& pair,
                    const std::vector<const Pull*>& from, const std::vector<const Pull*>& to) {
  const std::string name = to.front()->image.name();
  Finding finding = make_finding(estate, Code::kReg004, pair, {key.host, name});
  std::set<std::string> tags;
  for (const Pull* pull : to) tags.insert(pull->image.text());
  finding.title = fmt::format(
      "{} runs {} by a tag of a repository that {} uses too", estate[pair.to].name,
      listed(std::vector<std::string>(tags.begin(), tags.end())), estate[pair.from].name);
  add_workloads(estate, workloads_of(from, to), finding);
  add_pulls(estate, from, finding);
  add_pulls(estate, to, finding);
  const bool same_tag = std::ranges::any_of(
      from, [&](const Pull* pull) { return tags.contains(pull->image.text()); });
  if (same_tag)
    finding.notes.push_back(
        fmt::format("Both use the same tag: what is pushed for {} is what {} starts next.",
                    estate[pair.from].name, estate[pair.to].name));
  for (const Pull* pull : to) finding.remedy.push_back(pin_remedy(estate, *pull));
  return finding;
}

void check_tags(const Estate& estate, const Pulls& pulls, Findings& out) {
  for (const auto& [key, all] : pulls)
    for (const auto& [name, by_environment] :
         group(estate, all, [](const ImageReference& image) { return image.name(); }))
      for (const EnvironmentPair& pair : pairs_of(estate, keys(by_environment))) {
        if (estate[pair.to].tier != Tier::kProduction || !estate.climbs(pair.from, pair.to))
          continue;
        const auto from = only(estate, by_environment.at(pair.from), pair.from, pair.to);
        auto to = only(estate, by_environment.at(pair.to), pair.to, pair.from);
        std::erase_if(to, [](const Pull* pull) { return pull->image.pinned(); });
        if (!from.empty() && !to.empty()) out.push_back(movable_tag(estate, key, pair, from, to));
      }
}

}  // namespace

void check_registry(const Estate& estate, Findings& out) {
  const Pulls pulls = list_pulls(estate);
  check_namespaces(estate, pulls, out);
  check_tags(estate, pulls, out);
}

}  // namespace firebreak
