// Problem: read tens of megabytes of snapshot into values, strictly, in a small multiple of the
// time that simdjson takes to find the structure. Method: simdjson's DOM, then one pass over it.
// Each object walks its keys with a cursor into its table of fields: the writer's order makes the
// next field the likely one, so most keys cost one comparison. The place of an error is put
// together while returning from it; success pays nothing. Cost: linear; one allocation for each
// list and each string over 15 bytes. Limits: 4 GiB and 1024 levels, both simdjson's.
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <concepts>
#include <functional>
#include <ranges>
#include <span>
#include <utility>

#include "snapshot/fields.h"
#include "snapshot/json.h"
#include "snapshot/json_split.h"

namespace firebreak {
namespace {

using json::Enumeration;
using json::kFields;
using json::Object;
using simdjson::dom::element;

constexpr const char* kNotJson = "not valid JSON: ";
constexpr std::ptrdiff_t kPadding = simdjson::SIMDJSON_PADDING;
constexpr std::size_t kLargest = 0xFFFFFFFFU - simdjson::SIMDJSON_PADDING;

class Reader;

template <class T>
using ReadField = bool (*)(Reader&, element, T&);

// What the reader needs to know of a field, without its type.
template <class T>
struct Slot {
  std::string_view name;
  ReadField<T> read = nullptr;
};

class Reader {
 public:
  // `cut` are the texts of the containers that stand as null in the document to read; they stand
  // within `whole`.
  Reader(std::span<const std::string_view> cut, std::string_view whole)
      : cut_(cut), end_(whole.data() + whole.size()) {}

  Result<Snapshot> document(element root, std::string_view where) {
    Snapshot out;
    if (check_schema(root) && read(root, out)) return out;
    std::string place = "$";
    for (const std::string& step : std::views::reverse(path_)) place += step;
    return fail(ErrorKind::kBadData, place + ": " + what_, std::string(where));
  }

  template <Object T>
  bool read(element value, T& out);

  template <Enumeration E>
  bool read(element value, E& out) {
    std::string_view name;
    if (!string(value, name)) return false;
    for (const auto& entry : json::kEnumNames<E>) {
      if (entry.name == name) {
        out = entry.value;
        return true;
      }
    }
    std::string known;
    for (const auto& entry : json::kEnumNames<E>) {
      known += (known.empty() ? "" : ", ") + std::string(entry.name);
    }
    return error("expected one of " + known);
  }

  template <class T>
  bool read(element value, std::vector<T>& out) {
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) return error("expected a list");
    out.clear();
    out.reserve(array.size());
    for (const element item : array) {
      if (!read_item(item, out.emplace_back())) {
        path_.push_back("[" + std::to_string(out.size() - 1) + "]");
        return false;
      }
    }
    return true;
  }

  bool read(element value, std::vector<std::pair<std::string, std::string>>& out) {
    simdjson::dom::object object;
    if (value.get(object) != simdjson::SUCCESS) return error("expected an object");
    out.clear();
    for (const auto& [name, item] : object) {
      auto& pair = out.emplace_back(std::string(name), std::string());
      if (!read(item, pair.second)) {
        path_.push_back("." + pair.first);
        return false;
      }
    }
    return true;
  }

  template <class T>
  bool read(element value, std::optional<T>& out) {
    return read(value, out.emplace());
  }

  template <class Tag>
  bool read(element value, Key<Tag>& out) {
    return read(value, out.value);
  }

  bool read(element value, std::string& out) {
    std::string_view text;
    if (!string(value, text)) return false;
    out = std::string(text);  // cheaper than assigning: nothing to keep
    return true;
  }

  bool read(element value, bool& out) {
    return value.get(out) == simdjson::SUCCESS || error("expected true or false");
  }

  bool read(element value, std::uint64_t& out) {
    return value.get(out) == simdjson::SUCCESS || error("expected a whole number from 0");
  }

  bool read(element value, std::uint32_t& out) {
    return in_range(value, out) || error("expected a whole number, 0 to 4294967295");
  }

  bool read(element value, std::int32_t& out) {
    return in_range(value, out) || error("expected a whole number of 32 bits");
  }

  bool read(element value, Port& out) {
    std::uint64_t number = 0;
    if (value.get(number) != simdjson::SUCCESS || number > 65535) {
      return error("expected a port, 0 to 65535");
    }
    out.value = static_cast<std::uint16_t>(number);
    return true;
  }

  bool read(element value, Fingerprint& out) {
    return parsed(value, out, Fingerprint::parse, "expected 32 hex digits");
  }
  bool read(element value, IpAddress& out) {
    return parsed(value, out, IpAddress::parse, "expected an IP address");
  }
  bool read(element value, Cidr& out) {
    return parsed(value, out, Cidr::parse, "expected a subnet, as in \"10.0.0.0/8\"");
  }
  bool read(element value, LinkAddress& out) {
    Cidr cidr;
    if (!parsed(value, cidr, Cidr::parse, "expected an address, as in \"10.0.0.1/8\""))
      return false;
    out = {cidr.address, cidr.prefix};
    return true;
  }
  bool read(element value, Timestamp& out) {
    return parsed(value, out, parse_timestamp, "expected a time, as in \"2026-11-23T10:00:00Z\"");
  }

 private:
  template <class T>
  bool read_item(element value, T& out) {
    return read(value, out);
  }

  bool read_item(element value, Container& out) {
    if (cut_.empty() || !value.is_null()) return read(value, out);
    const std::string_view text = cut_.front();
    cut_ = cut_.subspan(1);
    element root;
    // The parser reads past the end of a text, which only the last ones have to be copied for.
    const bool copy = end_ - (text.data() + text.size()) < kPadding;
    const auto code = parser_.parse(text.data(), text.size(), copy).get(root);
    if (code != simdjson::SUCCESS) {
      return error(kNotJson + std::string(simdjson::error_message(code)));
    }
    return read(root, out);
  }

  bool error(std::string what) {
    what_ = std::move(what);
    return false;
  }

  bool string(element value, std::string_view& out) {
    return value.get(out) == simdjson::SUCCESS || error("expected a string");
  }

  template <std::integral T>
  static bool in_range(element value, T& out) {
    std::int64_t number = 0;
    if (value.get(number) != simdjson::SUCCESS || !std::in_range<T>(number)) return false;
    out = static_cast<T>(number);
    return true;
  }

  template <class T, class Parse>
  bool parsed(element value, T& out, Parse parse, const char* expected) {
    std::string_view text;
    if (!string(value, text)) return false;
    const auto result = parse(text);
    if (!result) return error(expected);
    out = *result;
    return true;
  }

  bool check_schema(element root) {
    std::string_view schema;
    if (!root.is_object()) return error("expected an object");
    if (root["schema"].get(schema) != simdjson::SUCCESS) {
      return error("this is no snapshot: \"schema\" is missing");
    }
    if (schema == json::kSchema) return true;
    path_.emplace_back(".schema");
    return error("expected \"" + std::string(json::kSchema) +
                 "\"; another version of firebreak wrote this, or it is something else");
  }

  std::span<const std::string_view> cut_;
  const char* end_;
  simdjson::dom::parser parser_;
  std::string what_;
  std::vector<std::string> path_;  // innermost first
};

template <class T, std::size_t I>
bool read_field(Reader& reader, element value, T& object) {
  return reader.read(value, std::invoke(std::get<I>(kFields<T>).get, object));
}

template <class T>
constexpr std::size_t kCount = std::tuple_size_v<std::remove_cv_t<decltype(kFields<T>)>>;

template <class T>
constexpr auto kSlots = []<std::size_t... I>(std::index_sequence<I...>) {
  return std::array<Slot<T>, sizeof...(I)>{
      Slot<T>{std::get<I>(kFields<T>).name, &read_field<T, I>}...};
}(std::make_index_sequence<kCount<T>>());

template <class T>
constexpr std::uint64_t kRequiredMask = []<std::size_t... I>(std::index_sequence<I...>) {
  return ((std::get<I>(kFields<T>).need == json::Need::kRequired ? std::uint64_t{1} << I : 0) |
          ...);
}(std::make_index_sequence<kCount<T>>());

// The slot of that name, looked for from `cursor` on and then from the start; npos if none.
template <class T>
std::size_t find_slot(std::string_view name, std::size_t cursor) {
  constexpr std::size_t kSize = kCount<T>;
  for (std::size_t i = cursor; i < kSize; ++i) {
    if (kSlots<T>[i].name == name) return i;
  }
  for (std::size_t i = 0; i < std::min(cursor, kSize); ++i) {
    if (kSlots<T>[i].name == name) return i;
  }
  return std::string_view::npos;
}

template <Object T>
bool Reader::read(element value, T& out) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return error("expected an object");
  std::uint64_t seen = 0;
  std::size_t cursor = 0;
  for (const auto& [name, item] : object) {
    const std::size_t slot = find_slot<T>(name, cursor);
    if (slot == std::string_view::npos) continue;  // a newer version wrote it
    if (!kSlots<T>[slot].read(*this, item, out)) {
      path_.push_back("." + std::string(kSlots<T>[slot].name));
      return false;
    }
    seen |= std::uint64_t{1} << slot;
    cursor = slot + 1;
  }
  const std::uint64_t missing = kRequiredMask<T> & ~seen;
  if (missing == 0) return true;
  const auto slot = static_cast<std::size_t>(std::countr_zero(missing));
  return error("\"" + std::string(kSlots<T>[slot].name) + "\" is missing");
}

// `cut` as for Reader.
Result<Snapshot> read_outline(std::string_view outline, std::span<const std::string_view> cut,
                              std::string_view whole, std::string_view where) {
  simdjson::dom::parser parser;
  element root;
  const auto code = parser.parse(outline.data(), outline.size()).get(root);
  if (code == simdjson::MEMALLOC) {
    return fail(ErrorKind::kIo, "not enough memory to read it", std::string(where));
  }
  if (code != simdjson::SUCCESS) {
    return fail(ErrorKind::kBadData, kNotJson + std::string(simdjson::error_message(code)),
                std::string(where));
  }
  return Reader(cut, whole).document(root, where);
}

}  // namespace

Result<Snapshot> parse_snapshot(std::string_view json, std::string_view where) {
  if (json.size() > kLargest) {
    return fail(ErrorKind::kBadData, "larger than 4 GiB", std::string(where));
  }
  if (const auto guess = json::split_containers(json, true)) {
    Result<Snapshot> read = read_outline(guess->outline, guess->containers, json, where);
    if (read) return read;
  }
  // What is wrong, if anything, is told by cuts that are no guess.
  const auto split = json::split_containers(json, false);
  if (split) return read_outline(split->outline, split->containers, json, where);
  return read_outline(json, {}, json, where);
}

}  // namespace firebreak
