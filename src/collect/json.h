// Foreign JSON, read without trust: an engine's answers and the compose tool's output. Whatever is
// not as documented is remembered as the document's trouble, naming the field, and reading goes on
// with what is there. So a reader needs no error paths, and its caller makes a gap of the trouble.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace firebreak {

class JsonDocument;

// One value of a document, or an absent one: missing, null, or below something of the wrong type.
// Valid as long as its document. Fields that are absent read as empty; only `required` minds.
class Json {
 public:
  Json() = default;

  [[nodiscard]] bool present() const { return document_ != nullptr; }
  [[nodiscard]] bool is_text() const;
  [[nodiscard]] bool is_object() const;
  [[nodiscard]] bool is_list() const;

  [[nodiscard]] Json operator[](std::string_view name) const;
  // Like [], but absence is trouble; with `expected` null is fine and only a missing name is not.
  [[nodiscard]] Json required(std::string_view name) const;
  [[nodiscard]] Json expected(std::string_view name) const;

  [[nodiscard]] std::string text() const;                // a string
  [[nodiscard]] std::string scalar() const;              // a string, number or boolean, as text
  [[nodiscard]] bool flag() const;                       // a boolean
  [[nodiscard]] std::uint64_t count() const;             // a number that is not negative
  [[nodiscard]] std::vector<std::string> texts() const;  // a list of strings

  // Elements of a list; members of an object, with their names.
  void each(const std::function<void(const Json&)>& visit) const;
  void members(const std::function<void(std::string_view, const Json&)>& visit) const;

  // Remembers that this value is not what it should be: "HostConfig.Binds[] is not a mount".
  void complain(std::string_view problem) const;

 private:
  friend class JsonDocument;
  using Node = std::array<std::uintptr_t, 2>;  // simdjson's element, which stays out of this header

  Json(JsonDocument* document, Node node, std::string_view outer, std::string_view name,
       bool element)
      : document_(document), node_(node), outer_(outer), name_(name), element_(element) {}
  [[nodiscard]] Json child(Node node, std::string_view name) const;
  [[nodiscard]] bool has(std::string_view name) const;
  void miss(std::string_view name) const;
  [[nodiscard]] std::string place() const;

  JsonDocument* document_ = nullptr;
  Node node_{};
  std::string_view outer_;  // the names of the object around it and of the field
  std::string_view name_;
  bool element_ = false;  // one of the list `name_`
};

// A parsed document. It must outlive its values and stays where it is.
class JsonDocument {
 public:
  // kBadData for what is not one whole JSON value in UTF-8, or nested deeper than 1,000 levels. The
  // error says nothing of the content.
  [[nodiscard]] static Result<std::unique_ptr<JsonDocument>> parse(std::string body);

  ~JsonDocument();
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  [[nodiscard]] Json root();
  // The first thing that was not as expected; empty if all was well.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  friend class Json;
  struct Parser;
  JsonDocument();

  std::unique_ptr<Parser> parser_;
  std::string trouble_;
};

}  // namespace firebreak
