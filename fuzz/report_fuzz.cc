// Any bytes as a report: an error or a report, never a crash; what was read is written and read
// again to the same bytes, and prints in every format.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "report/diff.h"
#include "report/parse.h"
#include "report/render.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firebreak;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto report = parse_report(bytes, "old.json");
  (void)is_report(bytes);
  if (!report) {
    CHECK(!report.error().what.empty());
    return 0;
  }
  const std::string json = to_json(*report);
  const auto again = parse_report(json, "again.json");
  CHECK(again.has_value());
  CHECK(to_json(*again) == json);
  CHECK(diff(*report, *again).empty());
  const TextStyle style{.colour = false, .width = 80, .verbose = true};
  for (const Format format :
       {Format::kText, Format::kSarif, Format::kJunit, Format::kMarkdown, Format::kHtml}) {
    const std::string out = render(*report, format, style);
    CHECK(!out.empty());
    CHECK(out.find('\x1b') == std::string::npos);
  }
  return 0;
}
