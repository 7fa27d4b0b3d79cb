// Problem: place areas, boxes, buses and brackets so that none covers another, always the same for
// the same report, for estates of any size.
// Method: one row for each thing that has text, top to bottom. Buses and brackets are intervals of
// rows; each takes the first column (track) that is free in all of its rows, as in colouring
// interval graphs, which needs no more columns than intervals that overlap somewhere.
// Limits: brackets beyond kMostTracks tracks, and boxes beyond `most_rows`, are counted instead.
#include "report/map_layout.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include <fmt/format.h>

#include "report/map_groups.h"

namespace firebreak {
namespace {

constexpr std::size_t kMostTracks = 16;

// Takes the first free slot for rows first..last; calls must come with ascending `first`.
class Slots {
 public:
  std::size_t take(std::size_t first, std::size_t last) {
    for (std::size_t slot = 0; slot < free_from_.size(); ++slot) {
      if (free_from_[slot] <= first) {
        free_from_[slot] = last + 1;
        return slot;
      }
    }
    free_from_.push_back(last + 1);
    return free_from_.size() - 1;
  }
  [[nodiscard]] std::size_t size() const { return free_from_.size(); }

 private:
  std::vector<std::size_t> free_from_;
};

class MapBuilder {
 public:
  MapBuilder(const Report& report, std::size_t most_rows) : report_(report), most_(most_rows) {
    for (const ReportNetwork& network : report.networks) {
      drivers_.try_emplace(network.host + "\n" + network.name, network.driver);
      drivers_.try_emplace("\n" + network.name, network.driver);
    }
  }

  MapLayout build() {
    groups_ = map_groups(report_, most_, out_.grouped);
    for (const ReportEnvironment& environment : report_.environments) {
      add_lane(environment.name, environment.tier);
    }
    add_lane("", "");
    place_buses();
    find_bus_findings();
    place_brackets();
    return std::move(out_);
  }

 private:
  void add_lane(const std::string& name, const std::string& tier) {
    std::vector<const MapGroup*> members;
    MapLane lane{name, tier, 0, out_.rows.size(), 0};
    for (const MapGroup& group : groups_) {
      if (group.environment != name) continue;
      members.push_back(&group);
      lane.workloads += group.members.size();
    }
    if (members.empty() && name.empty()) return;
    // Members of one network stand together: that makes for short lines.
    std::ranges::stable_sort(members, [](const MapGroup* a, const MapGroup* b) {
      return std::tie(a->host, a->networks) < std::tie(b->host, b->networks);
    });
    out_.rows.push_back({MapRow::Kind::kLane, out_.lanes.size(), ""});
    out_.lanes.push_back(lane);
    add_members(members);
    out_.lanes.back().last_row = out_.rows.size() - 1;
  }

  void add_members(const std::vector<const MapGroup*>& members) {
    const std::size_t lane = out_.lanes.size() - 1;
    const std::string* host = nullptr;
    std::size_t left_out = 0;
    for (const MapGroup* group : members) {
      if (out_.boxes.size() >= most_) {
        left_out += group->members.size();
        continue;
      }
      if (report_.hosts.size() > 1 && !group->host.empty() &&
          (host == nullptr || *host != group->host)) {
        host = &group->host;
        out_.rows.push_back({MapRow::Kind::kHost, lane, group->host});
      }
      add_box(*group, lane);
    }
    if (left_out > 0) {
      out_.rows.push_back({MapRow::Kind::kMore, lane, fmt::format("and {} more", left_out)});
    }
  }

  void add_box(const MapGroup& group, std::size_t lane) {
    for (const std::string& key : group.networks) {
      const auto [place, added] = bus_of_.try_emplace(key, out_.buses.size());
      if (!added) continue;
      MapBus& bus = out_.buses.emplace_back();
      bus.name = key.substr(key.find('\n') + 1);
      const auto driver = drivers_.find(key);
      if (driver != drivers_.end()) bus.driver = driver->second;
      bus.first_row = out_.rows.size();
      out_.rows.push_back({MapRow::Kind::kNetwork, place->second, ""});
    }
    const std::size_t row = out_.rows.size();
    for (const std::string& key : group.networks) {
      MapBus& bus = out_.buses[bus_of_.at(key)];
      bus.rows.push_back(row);
      if (bus.lanes.empty() || bus.lanes.back() != lane) bus.lanes.push_back(lane);
    }
    for (const ReportWorkload* member : group.members) {
      row_of_[{member->host, member->name, member->environment}] = row;
    }
    out_.rows.push_back({MapRow::Kind::kBox, out_.boxes.size(), ""});
    out_.boxes.push_back(box_of(group, lane, row));
  }

  static MapBox box_of(const MapGroup& group, std::size_t lane, std::size_t row) {
    MapBox box{lane, row, group.name, "", group.members.size(), false, nullptr};
    for (const ReportWorkload* member : group.members) box.running |= member->running;
    const ReportWorkload& first = *group.members.front();
    if (group.members.size() == 1) {
      box.about = first.kind + " on " + first.host;
      if (!first.project.empty()) box.about += ", project " + first.project;
      if (first.replicas > 1) {
        box.name += fmt::format(" ×{}", first.replicas);
        box.about += fmt::format(", {} replicas", first.replicas);
      }
      if (!first.running) box.about += ", not running";
    } else {
      constexpr std::size_t kNamed = 8;
      for (std::size_t i = 0; i < std::min(kNamed, group.members.size()); ++i) {
        box.about += (i == 0 ? "" : ", ") + group.members[i]->name;
      }
      if (group.members.size() > kNamed) box.about += ", …";
    }
    return box;
  }

  void place_buses() {
    Slots slots;  // buses came into being from top to bottom
    for (MapBus& bus : out_.buses) bus.column = slots.take(bus.first_row, bus.rows.back());
    out_.columns = slots.size();
  }

  static bool is_drawn(const Finding& finding) {
    return finding.status == Finding::Status::kOpen && !finding.accepted &&
           finding.code != Code::kAud006 && finding.severity > Severity::kInfo;
  }

  [[nodiscard]] MapBus* bus_of(const Subject& subject) {
    if (subject.kind != "network") return nullptr;
    for (const std::string& key : {subject.host + "\n" + subject.name, "\n" + subject.name}) {
      const auto bus = bus_of_.find(key);
      if (bus != bus_of_.end()) return &out_.buses[bus->second];
    }
    return nullptr;
  }

  void find_bus_findings() {
    for (const Finding& finding : report_.findings) {
      if (!is_drawn(finding)) continue;
      for (const Subject& subject : finding.subjects) {
        MapBus* bus = bus_of(subject);
        if (bus == nullptr) continue;
        on_a_bus_.insert(&finding);
        keep_worst(bus->finding, finding);
      }
    }
  }

  // Subjects inside a workload ("api DATABASE_URL") stand in its row.
  [[nodiscard]] std::vector<std::size_t> rows_of(const Finding& finding) const {
    std::set<std::size_t> rows;
    for (const Subject& subject : finding.subjects) {
      for (const std::string& name :
           {subject.name, subject.name.substr(0, subject.name.find(' '))}) {
        const auto row = row_of_.find({subject.host, name, subject.environment});
        if (row == row_of_.end()) continue;
        rows.insert(row->second);
        break;
      }
    }
    return {rows.begin(), rows.end()};
  }

  static void keep_worst(const Finding*& kept, const Finding& finding) {
    if (kept == nullptr || kept->severity < finding.severity) kept = &finding;
  }

  // Findings about the same rows are one bracket; those about one row mark its box.
  std::vector<MapBracket> brackets_by_rows() {
    std::map<std::vector<std::size_t>, MapBracket> by_rows;
    for (const Finding& finding : report_.findings) {
      if (!is_drawn(finding) || on_a_bus_.contains(&finding)) continue;
      const std::vector<std::size_t> rows = rows_of(finding);
      if (rows.size() == 1) {
        keep_worst(out_.boxes[out_.rows[rows.front()].index].finding, finding);
      } else if (!rows.empty()) {
        const auto [place, added] = by_rows.try_emplace(rows);
        MapBracket& bracket = place->second;
        if (!added) ++bracket.findings;
        bracket.rows = rows;
        keep_worst(bracket.finding, finding);
      }
    }
    std::vector<MapBracket> out;
    out.reserve(by_rows.size());
    for (auto& [rows, bracket] : by_rows) out.push_back(std::move(bracket));
    return out;
  }

  void place_brackets() {
    std::vector<MapBracket> brackets = brackets_by_rows();
    std::ranges::stable_sort(brackets, [](const MapBracket& a, const MapBracket& b) {
      return std::tuple(a.rows.front(), b.rows.back()) < std::tuple(b.rows.front(), a.rows.back());
    });
    Slots slots;
    for (MapBracket& bracket : brackets) {
      bracket.track = slots.take(bracket.rows.front(), bracket.rows.back());
      if (bracket.track >= kMostTracks) {
        out_.findings_undrawn += bracket.findings;
      } else {
        out_.brackets.push_back(std::move(bracket));
      }
    }
    out_.tracks = std::min(slots.size(), kMostTracks);
  }

  const Report& report_;
  std::size_t most_;
  std::vector<MapGroup> groups_;
  std::map<std::string, std::string> drivers_;
  std::map<std::string, std::size_t> bus_of_;
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> row_of_;
  std::set<const Finding*> on_a_bus_;
  MapLayout out_;
};

}  // namespace

MapLayout map_layout(const Report& report, std::size_t most_rows) {
  return MapBuilder(report, most_rows).build();
}

}  // namespace firebreak
