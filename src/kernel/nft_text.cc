#include <algorithm>
#include <nlohmann/json.hpp>

#include "kernel/filter_text.h"

namespace firebreak {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDeepest = 200;
constexpr int kEntry = 2;  // the document, "nftables", an entry

// {"rule": {"family": …, "table": …, …}}, or a table itself.
NftTable table_of(const Json& entry) {
  if (!entry.is_object() || entry.size() != 1) return {};
  const Json& content = entry.begin().value();
  if (!content.is_object()) return {};
  const auto text = [&content](const char* name) {
    const auto found = content.find(name);
    return found != content.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return {text("family"), text(entry.begin().key() == "table" ? "name" : "table")};
}

std::unexpected<Error> not_understood() {
  return fail(ErrorKind::kBadData, "its output is cut short or of an unknown form");
}

}  // namespace

Result<std::string> clean_nft(std::string_view printed, const std::vector<NftTable>& left_out) {
  using Event = Json::parse_event_t;
  // false: the value does not get into the document.
  const auto keep = [&left_out](int depth, Event event, Json& parsed) {
    if (event == Event::key) return parsed != "comment";
    if (event == Event::object_start || event == Event::array_start) return depth < kDeepest;
    if (event != Event::object_end) return true;
    // {"log": {"prefix": "…"}}; of an address the prefix is an object.
    const auto prefix = parsed.find("prefix");
    if (prefix != parsed.end() && prefix->is_string()) *prefix = "***";
    return depth != kEntry || std::ranges::find(left_out, table_of(parsed)) == left_out.end();
  };
  const Json document = Json::parse(printed, keep, false);
  if (document.is_discarded() || !document.is_object()) return not_understood();
  const auto list = document.find("nftables");
  if (list == document.end() || !list->is_array()) return not_understood();
  const bool any = std::ranges::any_of(
      *list, [](const Json& entry) { return entry.is_object() && entry.contains("table"); });
  if (!any) return std::string();
  return document.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace firebreak
