// Any bytes as a report: an error or a report, never a crash; what was read is written and read
// again to the same bytes, and prints in every format as what that format should be: nothing of a
// report becomes JSON, XML or HTML of its own.
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "base/check.h"
#include "base/text.h"
#include "report/diff.h"
#include "report/parse.h"
#include "report/render.h"

namespace {

using namespace firebreak;

// Every "<" begins an element that JUnit has, and every "&" an entity.
void check_junit(std::string_view xml) {
  constexpr std::string_view kNames[] = {"?xml ",   "testsuites", "testsuite", "testcase",
                                         "failure", "error",      "skipped",   "system-out"};
  for (std::size_t at = 0; (at = xml.find_first_of("<&", at)) != std::string_view::npos; ++at) {
    std::string_view rest = xml.substr(at + 1);
    if (xml[at] == '&') {
      CHECK(rest.substr(0, 8).contains(';'));
      continue;
    }
    if (rest.starts_with('/')) rest.remove_prefix(1);
    bool known = false;
    for (const std::string_view name : kNames) known = known || rest.starts_with(name);
    CHECK(known);
  }
}

void check_html(std::string_view html) {
  const std::string small = lower(html);
  const std::size_t script = small.find("<script");
  CHECK(script != std::string::npos);
  CHECK(small.find("<script", script + 1) == std::string::npos);  // its own
  for (const std::string_view element : {"<img", "<iframe", "<object", "<embed"})
    CHECK(!small.contains(element));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
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
  const ReportDiff from_nothing = diff(Report{}, *report);
  const TextStyle style{.colour = false, .width = 80, .verbose = true};
  for (const Format format :
       {Format::kText, Format::kSarif, Format::kJunit, Format::kMarkdown, Format::kHtml}) {
    const std::string out = render(*report, format, style);
    CHECK(!out.empty());
    CHECK(out.find('\x1b') == std::string::npos);
    CHECK(first_invalid_utf8(out) == out.size());
    if (format == Format::kSarif) CHECK(nlohmann::json::accept(out));
    if (format == Format::kJunit) check_junit(out);
    if (format == Format::kHtml) check_html(out);
  }
  for (const Format format : {Format::kText, Format::kJson, Format::kMarkdown}) {
    const auto changes = render_diff(from_nothing, format, style);
    CHECK(changes.has_value());
    CHECK(format != Format::kJson || nlohmann::json::accept(*changes));
  }
  return 0;
}
