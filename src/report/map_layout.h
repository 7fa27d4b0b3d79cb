// Where everything stands on the drawn map of a report. Pure geometry in rows, columns and tracks;
// report/map_svg.cc turns it into pixels.
//
// Environments are areas, one below the other. Each workload has a row of its own; each network is
// a vertical line (a bus) on the right, with a dot in the row of each member; each finding that is
// not about a network is a bracket on the left that joins the rows of its subjects. So no line ever
// crosses a box, and a network that runs through two areas is plain to see.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "findings/report.h"

namespace firebreak {

struct MapRow {
  enum class Kind : std::uint8_t { kLane, kHost, kNetwork, kBox, kMore };
  Kind kind = Kind::kBox;
  std::size_t index = 0;  // into the table of its kind; the lane for kHost and kMore
  std::string text;       // the host, or what was left out
};

// An environment; the last one, without a name, holds what belongs to none.
struct MapLane {
  std::string name;
  std::string tier;
  std::size_t workloads = 0;
  std::size_t first_row = 0;
  std::size_t last_row = 0;
};

struct MapBox {
  std::size_t lane = 0;
  std::size_t row = 0;
  std::string name;
  std::string about;          // host, kind, state
  std::size_t workloads = 1;  // more than one in a map of groups
  bool running = false;
  const Finding* finding = nullptr;  // the worst open one about this box alone
};

struct MapBus {
  std::string name;
  std::string driver;
  std::size_t column = 0;
  std::size_t first_row = 0;      // of its label, above its first member
  std::vector<std::size_t> rows;  // of its members, ascending
  std::vector<std::size_t> lanes;
  const Finding* finding = nullptr;  // the worst open one about it
};

struct MapBracket {
  const Finding* finding = nullptr;  // the worst of those about the same rows
  std::size_t findings = 1;
  std::size_t track = 0;
  std::vector<std::size_t> rows;  // ascending, at least two
};

struct MapLayout {
  std::vector<MapLane> lanes;
  std::vector<MapRow> rows;
  std::vector<MapBox> boxes;
  std::vector<MapBus> buses;
  std::vector<MapBracket> brackets;
  std::size_t columns = 0;
  std::size_t tracks = 0;
  bool grouped = false;  // boxes stand for several workloads
  std::size_t findings_undrawn = 0;
};

// Up to `most_rows` workloads are drawn one by one. Beyond, those of one project on one host become
// one box, then those with the same networks on all hosts; what is still too much is counted.
// Cost: linear in the report, but for sorting and the number of buses and brackets open at a row.
[[nodiscard]] MapLayout map_layout(const Report& report, std::size_t most_rows = 300);

}  // namespace firebreak
