// A page of text for a terminal: words wrapped into a width, with hanging indents and colours.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "report/render.h"

namespace firebreak {

// What a text is, not which colour it has.
enum class Ink : std::uint8_t { kPlain, kStrong, kFaint, kGood, kBad, kWarn, kUrgent };

struct Run {
  std::string text;
  Ink ink = Ink::kPlain;
};

class Page {
 public:
  explicit Page(const TextStyle& style) : style_(style) {}

  // One paragraph: its first line starts at `indent`, the others at `hang`. Runs are separated by a
  // space. Foreign bytes are made printable; words that are too long for a line are broken.
  void paragraph(const std::vector<Run>& runs, std::size_t indent, std::size_t hang);
  void paragraph(std::string_view text, std::size_t indent) {
    paragraph({{std::string(text), Ink::kPlain}}, indent, indent);
  }
  // A faint label, then the text in a column of its own at `indent + label_columns`.
  void labelled(std::string_view label, const std::vector<Run>& runs, std::size_t indent,
                std::size_t label_columns);
  // The same with a label of any ink.
  void tagged(const Run& tag, std::size_t indent, std::size_t tag_columns,
              const std::vector<Run>& runs);
  // One line as it is, never wrapped: something to copy.
  void verbatim(std::string_view text, std::size_t indent);
  // Cells of one table row, already padded by the caller's column widths.
  void row(const std::vector<Run>& cells, const std::vector<std::size_t>& widths,
           std::size_t indent);
  void blank() { out_ += '\n'; }

  [[nodiscard]] std::size_t width() const { return static_cast<std::size_t>(style_.width); }
  [[nodiscard]] std::string finish() { return std::move(out_); }

 private:
  void paint(std::string_view text, Ink ink);
  void flow(const std::vector<Run>& runs, std::size_t column, std::size_t hang);

  TextStyle style_;
  std::string out_;
};

}  // namespace firebreak
