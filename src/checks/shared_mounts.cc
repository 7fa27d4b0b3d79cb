// HOST003: files that two environments mount.
//
// Problem: for every pair of mounts on a host whose files overlap (the same volume, the same
// device, the same path, or one path inside the other), name the pairs of environments that they
// join. Method: every mount gets a path: where it stands on the host, or a name of its own kind
// ("volume data", "nfs 10.0.0.5:/data"). Sorted by components, a path's ancestors stand on a stack
// before it (as in any walk of a tree), so each mount meets only those that it overlaps. Cost: n
// log n for n mounts, and the pairs that are found. Limits: symbolic links are not followed, and
// two addresses of one file server are two devices.
#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "checks/host_families.h"
#include "checks/mounts.h"
#include "checks/support.h"

namespace firebreak {
namespace {

struct Use {
  std::string_view path;
  WorkloadId workload;
  ContainerId container;
  const Mount* mount = nullptr;
};

// '/' before every other character, so that what lies in a folder follows it at once.
bool before(std::string_view a, std::string_view b) {
  return std::ranges::lexicographical_compare(a, b, [](char x, char y) {
    const auto key = [](char c) { return c == '/' ? 0 : static_cast<unsigned char>(c) + 1; };
    return key(x) < key(y);
  });
}

bool is_remote(std::string_view device) {
  return device.find(':') != std::string_view::npos || device.find("//") != std::string_view::npos;
}

// Mounts of one path.
struct Place {
  std::string_view path;
  std::vector<Use> uses;
};

class MountCheck {
 public:
  MountCheck(const Estate& estate, const HostFacts& facts, Findings& out)
      : estate_(estate), facts_(facts), out_(out) {}

  void run() {
    std::vector<Use> remote;  // devices that hosts reach over the network
    for (std::size_t i = 0; i < estate_.snapshot().hosts.size(); ++i) {
      std::vector<Use> local;
      collect(HostId(i), local, remote);
      compare(std::move(local));
    }
    compare(std::move(remote));
  }

 private:
  void collect(HostId host, std::vector<Use>& local, std::vector<Use>& remote) {
    std::map<std::string_view, std::string_view> devices;
    for (const Volume& volume : estate_[host].volumes) {
      if (!volume.device.empty()) devices.emplace(volume.name, volume.device);
    }
    const bool shared = is_shared(host);
    if (!shared && devices.empty()) return;
    for (const ContainerId id : estate_.containers_on(host)) {
      const WorkloadId workload = estate_.workload_of(id);
      if (sides_of(estate_[workload]).empty()) continue;
      for (const Mount& mount : estate_[id].mounts) {
        if (facts_.mounts[host.index()].kind_of(mount) != MountKind::kOrdinary) continue;
        Use use{.path = {}, .workload = workload, .container = id, .mount = &mount};
        const auto device = devices.find(mount.volume);
        const bool on_device = mount.type == Mount::Type::kVolume && device != devices.end();
        use.path = on_device ? device->second : path_of(mount);
        if (on_device && use.path.starts_with("bind ")) use.path.remove_prefix(5);
        const bool far = on_device && is_remote(use.path);
        if (far || shared) (far ? remote : local).push_back(use);
      }
    }
  }

  // Whether workloads of two environments run on it.
  [[nodiscard]] bool is_shared(HostId host) const {
    std::optional<EnvironmentId> first;
    for (const ContainerId id : estate_.containers_on(host)) {
      for (const EnvironmentId side : sides_of(estate_[estate_.workload_of(id)])) {
        if (first && *first != side) return true;
        first = side;
      }
    }
    return false;
  }

  std::string_view path_of(const Mount& mount) {
    const bool named = mount.type == Mount::Type::kVolume && mount.source.empty();
    if (named) return texts_.emplace_back("volume " + mount.volume);
    if (is_normal_path(mount.source)) return mount.source;
    return texts_.emplace_back(normal_path(mount.source));
  }

  void compare(std::vector<Use> uses) {
    std::vector<Place> places = places_of(std::move(uses));
    std::vector<const Place*> around;  // ancestors, the outermost first
    for (const Place& place : places) {
      while (!around.empty() && !is_inside(place.path, around.back()->path)) around.pop_back();
      report(place, place);
      for (const Place* outer : around) report(place, *outer);
      around.push_back(&place);
    }
  }

  static std::vector<Place> places_of(std::vector<Use> uses) {
    std::ranges::stable_sort(uses, before, &Use::path);
    std::vector<Place> out;
    for (const Use& use : uses) {
      if (out.empty() || out.back().path != use.path) out.push_back({use.path, {}});
      out.back().uses.push_back(use);
    }
    return out;
  }

  [[nodiscard]] std::vector<EnvironmentId> sides(const Place& inner, const Place& outer) const {
    std::set<EnvironmentId> out;
    for (const Place* place : {&inner, &outer}) {
      for (const Use& use : place->uses) {
        const auto own = sides_of(estate_[use.workload]);
        out.insert(own.begin(), own.end());
      }
    }
    return {out.begin(), out.end()};
  }

  // Pairs with one side at `inner` and the other at `outer` (the same place: two of its users).
  void report(const Place& inner, const Place& outer) {
    if (&inner == &outer && inner.uses.size() < 2) return;
    const auto environments = sides(inner, outer);
    if (environments.size() < 2) return;
    for (const EnvironmentPair& pair : pairs_of(estate_, environments)) {
      const auto low = users(inner, pair.from, pair.to);
      const auto high = users(outer, pair.to, pair.from);
      if (!low.empty() && !high.empty()) add(pair, low, high);
      if (&inner == &outer) continue;
      const auto low_outside = users(outer, pair.from, pair.to);
      const auto high_inside = users(inner, pair.to, pair.from);
      if (!low_outside.empty() && !high_inside.empty()) add(pair, low_outside, high_inside);
    }
  }

  [[nodiscard]] std::vector<const Use*> users(const Place& place, EnvironmentId one,
                                              EnvironmentId other) const {
    std::vector<const Use*> out;
    for (const Use& use : place.uses) {
      if (only_for(estate_[use.workload], one, other)) out.push_back(&use);
    }
    return out;
  }

  [[nodiscard]] static std::string name_of_place(const Use& use) {
    return use.mount->type == Mount::Type::kVolume ? "volume " + use.mount->volume
                                                   : use.mount->source;
  }

  [[nodiscard]] std::vector<WorkloadId> workloads(const std::vector<const Use*>& uses) const {
    std::vector<WorkloadId> out;
    for (const Use* use : uses) {
      if (std::ranges::find(out, use->workload) == out.end()) out.push_back(use->workload);
    }
    std::ranges::sort(out);
    return out;
  }

  void add(const EnvironmentPair& pair, const std::vector<const Use*>& low,
           const std::vector<const Use*>& high) {
    const Use& one = *low.front();
    const Use& other = *high.front();
    const bool same = name_of_place(one) == name_of_place(other);
    const HostId host = estate_.host_of(one.container);
    Finding finding =
        make_finding(estate_, Code::kHost003, pair,
                     {stable_name(estate_, host, name_of_place(one)), name_of_place(other)});
    const auto low_names = workloads(low);
    const auto high_names = workloads(high);
    finding.title = same ? name_of_place(one) + " is mounted by " + listed(estate_, low_names) +
                               " and " + listed(estate_, high_names)
                         : name_of_place(one) + " of " + listed(estate_, low_names) + " and " +
                               name_of_place(other) + " of " + listed(estate_, high_names) +
                               " are the same files";
    std::vector<WorkloadId> involved = low_names;
    involved.insert(involved.end(), high_names.begin(), high_names.end());
    weigh(low, high, finding);
    add_workloads(estate_, involved, finding);
    add_place(one, finding);
    if (!same) add_place(other, finding);
    add_hop(one, writes(low), finding);
    if (one.path != other.path) finding.path.push_back(nesting(one, other));
    add_hop(other, writes(high), finding);
    finding.remedy.push_back(remedy(pair, low_names, one));
    if (one.mount->type == Mount::Type::kBind || other.mount->type == Mount::Type::kBind) {
      weigh_planned_host(estate_, host, finding);
    }
    out_.push_back(std::move(finding));
  }

  [[nodiscard]] static bool writes(const std::vector<const Use*>& uses) {
    return std::ranges::any_of(uses, [](const Use* use) { return use->mount->read_write; });
  }

  static void weigh(const std::vector<const Use*>& low, const std::vector<const Use*>& high,
                    Finding& finding) {
    if (!writes(low) && !writes(high)) {
      finding.severity = Severity::kLow;
      finding.notes.emplace_back("both sides only read it");
    } else if (writes(low) && !writes(high)) {
      finding.notes.emplace_back("the lower side writes what the other one reads");
    } else if (!writes(low)) {
      finding.notes.emplace_back("the lower side reads what the other one writes");
    }
  }

  void add_place(const Use& use, Finding& finding) const {
    const bool volume = use.mount->type == Mount::Type::kVolume;
    finding.subjects.push_back({.kind = volume ? "volume" : "path",
                                .host = estate_[estate_.host_of(use.container)].name,
                                .name = volume ? use.mount->volume : use.mount->source,
                                .environment = ""});
  }

  void add_hop(const Use& use, bool writable, Finding& finding) const {
    const Container& container = estate_[use.container];
    std::string why = std::string(writable ? "mounts it writable" : "mounts it read-only");
    if (!use.mount->destination.empty()) why += " at " + use.mount->destination;
    if (!container.volumes_from.empty()) {
      why += ", given by --volumes-from " + listed(container.volumes_from);
    }
    finding.path.push_back(
        {.at = display_name(estate_, use.workload) + ", " + name_of_place(use), .why = why});
  }

  static Hop nesting(const Use& one, const Use& other) {
    const bool first_outside = is_inside(other.path, one.path);
    const Use& inner = first_outside ? other : one;
    const Use& outer = first_outside ? one : other;
    return {.at = std::string(inner.path), .why = "lies inside " + std::string(outer.path)};
  }

  [[nodiscard]] Remedy remedy(const EnvironmentPair& pair, const std::vector<WorkloadId>& users,
                              const Use& use) const {
    const bool volume = use.mount->type == Mount::Type::kVolume;
    const std::string source = volume ? use.mount->volume : use.mount->source;
    const std::string& environment = estate_[pair.from].name;
    Remedy out;
    for (const WorkloadId id : users) {
      const Remedy one =
          recreate_without(estate_, id,
                           {.compose = "the mount of `" + source + "`",
                            .option = "`-v " + source + ":" + use.mount->destination + "`",
                            .service_update = {"--mount-rm", use.mount->destination}});
      out.text += one.text + " ";
      out.commands.insert(out.commands.end(), one.commands.begin(), one.commands.end());
    }
    out.text += volume ? "Mount a volume of " + environment +
                             "'s own instead; the old one and its "
                             "files stay as they are."
                       : "Mount a folder of " + environment + "'s own instead.";
    const std::string engine = engine_command(estate_, estate_.host_of(use.container));
    if (volume && !engine.empty()) {
      out.commands.push_back(
          command_line(engine, {"volume", "create", environment + "-" + use.mount->volume}));
    }
    return out;
  }

  const Estate& estate_;
  const HostFacts& facts_;
  Findings& out_;
  std::deque<std::string> texts_;  // paths that do not stand in the snapshot as they are
};

}  // namespace

void check_shared_mounts(const Estate& estate, const HostFacts& facts, Findings& out) {
  MountCheck(estate, facts, out).run();
}

}  // namespace firebreak
