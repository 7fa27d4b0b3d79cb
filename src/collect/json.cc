#include "collect/json.h"

#include <simdjson.h>

#include <bit>
#include <utility>

#include "base/text.h"

namespace firebreak {

namespace {

using Element = simdjson::dom::element;
using Words = std::array<std::uintptr_t, 2>;
static_assert(sizeof(Element) == sizeof(Words));

Words pack(Element element) { return std::bit_cast<Words>(element); }
Element unpack(Words words) { return std::bit_cast<Element>(words); }

std::string problem_of(simdjson::error_code code) {
  switch (code) {
    case simdjson::EMPTY: return "the answer is empty";
    case simdjson::CAPACITY:
    case simdjson::MEMALLOC: return "the answer is too large";
    case simdjson::DEPTH_ERROR: return "the answer is nested too deeply";
    case simdjson::UTF8_ERROR: return "the answer is not valid UTF-8";
    default: return "the answer is not valid JSON, or was cut short";
  }
}

// Field names come from the other side too.
std::string shown(std::string_view name) {
  constexpr std::size_t kLongest = 60;
  return printable(name.size() <= kLongest ? name : name.substr(0, kLongest));
}

}  // namespace

struct JsonDocument::Parser {
  simdjson::dom::parser parser;
  Element root;
};

JsonDocument::JsonDocument() : parser_(std::make_unique<Parser>()) {}
JsonDocument::~JsonDocument() = default;

Result<std::unique_ptr<JsonDocument>> JsonDocument::parse(std::string body) {
  std::unique_ptr<JsonDocument> document(new JsonDocument);
  const auto error =
      document->parser_->parser.parse(body.data(), body.size()).get(document->parser_->root);
  if (error != simdjson::SUCCESS) return fail(ErrorKind::kBadData, problem_of(error));
  return document;
}

Json JsonDocument::root() {
  if (parser_->root.is_null()) return {};
  return {this, pack(parser_->root), {}, {}, false};
}

Json Json::child(Node node, std::string_view name) const {
  if (unpack(node).is_null()) return {};
  return {document_, node, name_, name, false};
}

bool Json::is_text() const { return present() && unpack(node_).is_string(); }
bool Json::is_object() const { return present() && unpack(node_).is_object(); }
bool Json::is_list() const { return present() && unpack(node_).is_array(); }

Json Json::operator[](std::string_view name) const {
  if (!present()) return {};
  simdjson::dom::object object;
  if (unpack(node_).get(object) != simdjson::SUCCESS) {
    complain("is not an object");
    return {};
  }
  Element found;
  if (object.at_key(name).get(found) != simdjson::SUCCESS) return {};
  return child(pack(found), name);
}

bool Json::has(std::string_view name) const {
  simdjson::dom::object object;
  return present() && unpack(node_).get(object) == simdjson::SUCCESS &&
         object.at_key(name).error() == simdjson::SUCCESS;
}

void Json::miss(std::string_view name) const {
  if (!is_object() || !document_->trouble_.empty()) return;
  const std::string where = place();
  document_->trouble_ = (where.empty() ? where : where + ".") + shown(name) + " is missing";
}

Json Json::required(std::string_view name) const {
  const Json found = (*this)[name];
  if (!found.present()) miss(name);
  return found;
}

Json Json::expected(std::string_view name) const {
  if (!has(name)) miss(name);
  return (*this)[name];
}

std::string Json::text() const {
  if (!present()) return {};
  std::string_view value;
  if (unpack(node_).get(value) != simdjson::SUCCESS) complain("is not text");
  return std::string(value);
}

std::string Json::scalar() const {
  if (!present() || is_text()) return text();
  if (is_object() || is_list()) {
    complain("is not a single value");
    return {};
  }
  return simdjson::minify(unpack(node_));
}

bool Json::flag() const {
  bool value = false;
  if (present() && unpack(node_).get(value) != simdjson::SUCCESS) complain("is not true or false");
  return value;
}

std::uint64_t Json::count() const {
  std::uint64_t value = 0;
  if (present() && unpack(node_).get(value) != simdjson::SUCCESS) complain("is not a count");
  return value;
}

std::vector<std::string> Json::texts() const {
  std::vector<std::string> found;
  each([&found](const Json& element) { found.push_back(element.text()); });
  return found;
}

void Json::each(const std::function<void(const Json&)>& visit) const {
  if (!present()) return;
  simdjson::dom::array list;
  if (unpack(node_).get(list) != simdjson::SUCCESS) {
    complain("is not a list");
    return;
  }
  for (const Element element : list) {
    const Json value(document_, pack(element), outer_, name_, true);
    if (element.is_null()) {
      value.complain("is null");
    } else {
      visit(value);
    }
  }
}

void Json::members(const std::function<void(std::string_view, const Json&)>& visit) const {
  if (!present()) return;
  simdjson::dom::object object;
  if (unpack(node_).get(object) != simdjson::SUCCESS) {
    complain("is not an object");
    return;
  }
  for (const auto field : object) visit(field.key, child(pack(field.value), field.key));
}

std::string Json::place() const {
  std::string where = shown(name_);
  if (!outer_.empty()) where = shown(outer_) + "." + where;
  return element_ ? where + "[]" : where;
}

void Json::complain(std::string_view problem) const {
  if (!present() || !document_->trouble_.empty()) return;
  const std::string where = place();
  document_->trouble_ = (where.empty() ? std::string("the answer") : where) + " ";
  document_->trouble_ += problem;
}

}  // namespace firebreak
