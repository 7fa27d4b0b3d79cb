// The map as inline SVG. Colours are classes of the page's style sheet, so that dark mode and print
// reach it; positions are attributes, because the page's policy forbids inline styles.
#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/columns.h"
#include "report/escape.h"
#include "report/html_parts.h"
#include "report/map_layout.h"
#include "report/page.h"

namespace firebreak {
namespace {

constexpr std::size_t kBoxWidth = 232;
constexpr std::size_t kBoxHeight = 24;
constexpr std::size_t kColumn = 18;
constexpr std::size_t kTrack = 20;
constexpr std::size_t kTrackLabel = 6;
constexpr std::size_t kPadding = 14;
constexpr double kCharacter = 7.3;  // of the 12 px monospace face

std::size_t height_of(MapRow::Kind kind) {
  switch (kind) {
    case MapRow::Kind::kLane: return 38;
    case MapRow::Kind::kHost: return 24;
    case MapRow::Kind::kNetwork: return 20;
    case MapRow::Kind::kBox: return 32;
    case MapRow::Kind::kMore: return 24;
  }
  return 0;
}

// At most `most` columns, with an ellipsis where something was cut off.
std::string cut(const std::string& text, std::size_t most) {
  if (columns_of(text) <= most) return text;
  return std::string(head_of(text, most - 1)) + "…";
}

class MapDrawing {
 public:
  explicit MapDrawing(const MapLayout& map) : map_(map) {
    std::size_t y = 4;
    for (const MapRow& row : map.rows) {
      if (row.kind == MapRow::Kind::kLane && y > 4) y += 12;  // bare ground between the areas
      tops_.push_back(y);
      y += height_of(row.kind);
      if (is_last(tops_.size() - 1)) y += 6;
    }
    height_ = y + 4;
    box_x_ = kPadding + (map.tracks == 0 ? 0 : kTrackLabel) + map.tracks * kTrack;
    bus_x_ = box_x_ + kBoxWidth + 24;
    width_ = bus_x_ + map.columns * kColumn + kPadding;
    for (const MapBus& bus : map.buses) {
      const auto text =
          static_cast<std::size_t>(kCharacter * static_cast<double>(columns_of(label_of(bus))));
      width_ = std::max(width_, x_of(bus) + 10 + text + kPadding);
    }
    width_ = std::max<std::size_t>(width_, 420);
  }

  std::string draw() {
    out_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" id=\"map-svg\" width=\"{0}\" height=\"{1}\" "
        "viewBox=\"0 0 {0} {1}\" role=\"group\" aria-label=\"Map of environments, workloads and "
        "networks\">\n",
        width_, height_);
    draw_lanes();
    for (const MapBox& box : map_.boxes) draw_stub(box);
    for (const MapBus& bus : map_.buses) draw_bus(bus);
    for (const MapBracket& bracket : map_.brackets) draw_bracket(bracket);
    for (const MapBox& box : map_.boxes) draw_box(box);
    return out_ + "</svg>\n";
  }

 private:
  [[nodiscard]] bool is_last(std::size_t row) const {
    return std::ranges::any_of(map_.lanes,
                               [&](const MapLane& lane) { return lane.last_row == row; });
  }
  [[nodiscard]] std::size_t middle(std::size_t row) const {
    return tops_[row] + height_of(map_.rows[row].kind) / 2;
  }
  [[nodiscard]] std::size_t x_of(const MapBus& bus) const { return bus_x_ + bus.column * kColumn; }
  [[nodiscard]] static std::string label_of(const MapBus& bus) {
    return cut(bus.name, 40) + (bus.driver.empty() ? "" : " (" + cut(bus.driver, 12) + ")");
  }

  // Environments have one of six colours; what belongs to none is grey.
  static std::string hue_of(const MapLane& lane, std::size_t index) {
    return lane.name.empty() ? "none" : fmt::format("{}", index % 6);
  }

  void draw_lanes() {
    for (std::size_t i = 0; i < map_.lanes.size(); ++i) {
      const MapLane& lane = map_.lanes[i];
      const std::size_t top = tops_[lane.first_row];
      const std::size_t bottom =
          tops_[lane.last_row] + height_of(map_.rows[lane.last_row].kind) + 6;
      out_ += fmt::format(
          "<rect class=\"lane hue-{}\" x=\"1\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n",
          hue_of(lane, i), top, width_ - 2, bottom - top);
      const std::string name = lane.name.empty() ? "no environment" : cut(lane.name, 40);
      std::string about =
          fmt::format("{} workload{}", lane.workloads, lane.workloads == 1 ? "" : "s");
      if (lane.tier != lane.name && !lane.tier.empty())
        about = fmt::format("tier {}, {}", lane.tier, about);
      out_ += fmt::format(
          "<text class=\"lane-name\" x=\"{}\" y=\"{}\">{} <tspan "
          "class=\"faint\">{}</tspan></text>\n",
          box_x_, top + 24, markup(name), markup(about));
    }
    for (std::size_t i = 0; i < map_.rows.size(); ++i) {
      const MapRow& row = map_.rows[i];
      if (row.kind != MapRow::Kind::kHost && row.kind != MapRow::Kind::kMore) continue;
      const std::string text = (row.kind == MapRow::Kind::kHost ? "host " : "") + cut(row.text, 40);
      out_ += fmt::format("<text class=\"faint\" x=\"{}\" y=\"{}\">{}</text>\n", box_x_,
                          tops_[i] + 16, markup(text));
    }
  }

  void draw_stub(const MapBox& box) {
    std::size_t end = 0;
    for (const MapBus* bus : buses_at(box.row)) end = std::max(end, x_of(*bus));
    if (end == 0) return;
    out_ += fmt::format("<path class=\"stub\" d=\"M{} {}H{}\"/>\n", box_x_ + kBoxWidth,
                        middle(box.row), end);
  }

  [[nodiscard]] const std::vector<const MapBus*>& buses_at(std::size_t row) {
    if (buses_at_.empty()) {
      buses_at_.resize(map_.rows.size());
      for (const MapBus& bus : map_.buses) {
        for (const std::size_t member : bus.rows) buses_at_[member].push_back(&bus);
      }
    }
    return buses_at_[row];
  }

  // What leads to a finding is a link; everything else a plain group.
  void open(const Finding* finding, std::string_view group, std::string_view title,
            std::size_t findings = 1) {
    if (finding != nullptr) {
      const std::string more = findings > 1 ? fmt::format(", and {} more", findings - 1) : "";
      const std::string name =
          fmt::format("{}: {}{}", info(finding->code).name, markup(finding->title), more);
      out_ += fmt::format("<a class=\"{} s-{}\" href=\"#{}\" aria-label=\"{}\"><title>{}</title>",
                          group, name_of(finding->severity), html_id(*finding), name, name);
    } else {
      out_ += fmt::format("<g class=\"{}\"><title>{}</title>", group, markup(title));
    }
  }
  void close(const Finding* finding) { out_ += finding != nullptr ? "</a>\n" : "</g>\n"; }

  void draw_bus(const MapBus& bus) {
    const std::size_t x = x_of(bus);
    open(bus.finding, "bus", "network " + bus.name);
    out_ += fmt::format("<path d=\"M{} {}V{}\"/>", x, middle(bus.first_row) - 4,
                        middle(bus.rows.back()));
    for (const std::size_t row : bus.rows) {
      out_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"4\"/>", x, middle(row));
    }
    out_ += fmt::format("<text x=\"{}\" y=\"{}\">{}</text>", x + 8, middle(bus.first_row) + 2,
                        markup(label_of(bus)));
    close(bus.finding);
  }

  void draw_bracket(const MapBracket& bracket) {
    const std::size_t x = kPadding + kTrackLabel + (map_.tracks - 1 - bracket.track) * kTrack;
    const std::size_t top = middle(bracket.rows.front());
    const std::size_t bottom = middle(bracket.rows.back());
    open(bracket.finding, "bracket", "", bracket.findings);
    std::string path = fmt::format("M{} {}V{}", x, top, bottom);
    for (const std::size_t row : bracket.rows) {
      path += fmt::format("M{} {}H{}", x, middle(row), box_x_);
    }
    out_ += fmt::format("<path d=\"{}\"/>", path);
    for (const std::size_t row : bracket.rows) {
      out_ += fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"3\"/>", box_x_, middle(row));
    }
    constexpr std::size_t kLabelNeeds = 48;
    if (bottom - top >= kLabelNeeds) {
      out_ +=
          fmt::format("<text class=\"code\" transform=\"translate({} {}) rotate(-90)\">{}</text>",
                      x - 4, (top + bottom) / 2 + 20, info(bracket.finding->code).name);
    }
    close(bracket.finding);
  }

  void draw_box(const MapBox& box) {
    const std::size_t y = middle(box.row) - kBoxHeight / 2;
    const std::string group = fmt::format("box hue-{}{}", hue_of(map_.lanes[box.lane], box.lane),
                                          box.running ? "" : " stopped");
    open(box.finding, group, box.name + ": " + box.about);
    out_ += fmt::format(
        "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"4\"/><text x=\"{}\" "
        "y=\"{}\">{}</text>",
        box_x_, y, kBoxWidth, kBoxHeight, box_x_ + 9, y + 16, markup(cut(box.name, 29)));
    close(box.finding);
  }

  const MapLayout& map_;
  std::vector<std::size_t> tops_;
  std::vector<std::vector<const MapBus*>> buses_at_;
  std::size_t box_x_ = 0;
  std::size_t bus_x_ = 0;
  std::size_t width_ = 0;
  std::size_t height_ = 0;
  std::string out_;
};

}  // namespace

std::string html_map(const Report& report) {
  const MapLayout map = map_layout(report);
  if (map.boxes.empty()) return {};
  std::string out =
      "<section id=\"map\" aria-labelledby=\"map-title\">\n<h2 id=\"map-title\">Map</h2>\n"
      "<p class=\"faint\">Boxes are workloads, coloured areas environments, vertical lines "
      "networks "
      "with a dot for each member. What is red, orange or yellow leads to a finding.";
  if (map.grouped) out += " Workloads are drawn in groups, because there are many.";
  if (map.findings_undrawn > 0) {
    out += fmt::format(" {} more findings are not drawn.", map.findings_undrawn);
  }
  out +=
      "</p>\n<div class=\"tools js\" hidden><button type=\"button\" id=\"zoom-out\" "
      "aria-label=\"Smaller\">−</button><button type=\"button\" id=\"zoom-in\" "
      "aria-label=\"Larger\">+</button><button type=\"button\" id=\"zoom-fit\">Fit</button></div>\n"
      "<div class=\"scroll map\" id=\"map-box\" tabindex=\"0\" role=\"region\" aria-label=\"Map, "
      "scrolls\">\n";
  out += MapDrawing(map).draw();
  return out + "</div>\n</section>\n";
}

}  // namespace firebreak
