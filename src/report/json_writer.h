// Writes JSON text straight into a string: no tree is built, so that a report of ten thousand
// containers costs little more than copying its bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace firebreak {

// Appends `text` as a JSON string. Total: bytes that are not UTF-8 become U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// The caller opens, fills and closes in order; commas and line breaks are set here. Objects and
// arrays that were opened with kLines put each member on a line of its own, the others stay on one.
class JsonWriter {
 public:
  enum class Shape : std::uint8_t { kInline, kLines };

  JsonWriter& open_object(Shape shape = Shape::kInline) { return open('{', shape); }
  JsonWriter& open_array(Shape shape = Shape::kInline) { return open('[', shape); }
  JsonWriter& close();                     // what was opened last
  JsonWriter& key(std::string_view name);  // names are ours: plain ASCII

  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(bool truth);
  JsonWriter& value(std::uint64_t number);
  JsonWriter& value(const std::vector<std::string>& texts);
  JsonWriter& null();
  JsonWriter& text_or_null(std::string_view text);  // null when empty

  template <class T>
  JsonWriter& member(std::string_view name, const T& content) {
    key(name);
    return value(content);
  }

  // The document with a final line break. Everything must be closed.
  [[nodiscard]] std::string finish();

 private:
  struct Level {
    char closing = '}';
    bool lines = false;
    bool empty = true;
  };

  JsonWriter& open(char bracket, Shape shape);
  void before_value();
  void separate();
  void line_break();

  std::string out_;
  std::vector<Level> levels_;
  bool after_key_ = false;
};

}  // namespace firebreak
