#include "report/page.h"

#include <algorithm>

#include "base/columns.h"
#include "base/text.h"

namespace firebreak {
namespace {

std::string_view code_of(Ink ink) {
  switch (ink) {
    case Ink::kPlain: return "";
    case Ink::kStrong: return "1";
    case Ink::kFaint: return "2";
    case Ink::kGood: return "32";
    case Ink::kBad: return "31";
    case Ink::kWarn: return "33";
    case Ink::kUrgent: return "1;31";
  }
  return "";
}

}  // namespace

void Page::paint(std::string_view text, Ink ink) {
  const std::string_view code = style_.colour ? code_of(ink) : "";
  if (code.empty()) {
    out_ += text;
    return;
  }
  out_ += "\x1b[";
  out_ += code;
  out_ += 'm';
  out_ += text;
  out_ += "\x1b[0m";
}

// Puts the words of `runs` behind what stands on the line, `column` columns of it.
void Page::flow(const std::vector<Run>& runs, std::size_t column, std::size_t hang) {
  bool line_has_words = false;
  const auto next_line = [&] {
    out_ += '\n';
    out_.append(hang, ' ');
    column = hang;
    line_has_words = false;
  };
  for (const Run& run : runs) {
    const std::string text = printable(run.text);
    for (std::string_view word : split(text, ' ')) {
      if (word.empty()) continue;
      if (line_has_words && column + 1 + columns_of(word) > width()) next_line();
      if (line_has_words) {
        out_ += ' ';
        ++column;
      }
      while (column + columns_of(word) > width() && width() > column + 1) {
        const std::string_view head = head_of(word, width() - column);
        paint(head, run.ink);
        word.remove_prefix(head.size());
        next_line();
      }
      paint(word, run.ink);
      column += columns_of(word);
      line_has_words = true;
    }
  }
  out_ += '\n';
}

void Page::paragraph(const std::vector<Run>& runs, std::size_t indent, std::size_t hang) {
  out_.append(indent, ' ');
  flow(runs, indent, hang);
}

void Page::labelled(std::string_view label, const std::vector<Run>& runs, std::size_t indent,
                    std::size_t label_columns) {
  tagged({std::string(label), Ink::kFaint}, indent, label_columns, runs);
}

void Page::tagged(const Run& tag, std::size_t indent, std::size_t tag_columns,
                  const std::vector<Run>& runs) {
  out_.append(indent, ' ');
  if (!tag.text.empty()) paint(tag.text, tag.ink);
  const std::size_t used = columns_of(tag.text);
  out_.append(used < tag_columns ? tag_columns - used : 1, ' ');
  flow(runs, indent + std::max(tag_columns, used + 1), indent + tag_columns);
}

void Page::verbatim(std::string_view text, std::size_t indent) {
  out_.append(indent, ' ');
  out_ += printable(text);
  out_ += '\n';
}

void Page::row(const std::vector<Run>& cells, const std::vector<std::size_t>& widths,
               std::size_t indent) {
  out_.append(indent, ' ');
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const std::string text = printable(cells[i].text);
    paint(text, cells[i].ink);
    if (i + 1 == cells.size()) break;
    const std::size_t used = columns_of(text);
    out_.append((used < widths[i] ? widths[i] - used : 0) + 2, ' ');
  }
  out_ += '\n';
}

}  // namespace firebreak
