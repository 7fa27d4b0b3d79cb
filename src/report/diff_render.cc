// A difference between two reports as text, Markdown and JSON.
#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "report/diff.h"
#include "report/escape.h"
#include "report/json.h"
#include "report/json_writer.h"
#include "report/page.h"

namespace firebreak {
namespace {

// One line of the difference: a sign and what it is about.
struct Line {
  char sign = '~';  // '+' came, '-' went, '~' changed
  Direction direction = Direction::kNeither;
  std::string text;
};

struct Section {
  std::string title;
  std::vector<Line> lines;
};

std::string finding_text(const Finding& finding) {
  const std::string_view state = finding.status == Finding::Status::kWaived ? " (waived)"
                                 : finding.accepted                         ? " (accepted)"
                                                                            : "";
  return fmt::format("{} {} {}{}", name_of(finding.severity), info(finding.code).name,
                     finding.title, state);
}

bool weighs(const Finding& finding) {
  return finding.status == Finding::Status::kOpen && !finding.accepted &&
         finding.severity > Severity::kInfo;
}

std::string state_of(const Finding& finding) {
  if (finding.status == Finding::Status::kWaived) return "waived";
  return std::string(name_of(finding.severity)) + (finding.accepted ? ", accepted" : "");
}

Section findings_section(const ReportDiff& diff) {
  Section out{"Findings", {}};
  for (const Finding& each : diff.added) {
    out.lines.push_back(
        {'+', weighs(each) ? Direction::kWorse : Direction::kNeither, finding_text(each)});
  }
  for (const FindingChange& each : diff.changed) {
    out.lines.push_back(
        {'~', each.direction,
         fmt::format("{} {}: {} became {}", info(each.after.code).name, each.after.title,
                     state_of(each.before), state_of(each.after))});
  }
  for (const Finding& each : diff.removed) {
    out.lines.push_back(
        {'-', weighs(each) ? Direction::kBetter : Direction::kNeither, finding_text(each)});
  }
  return out;
}

Section matrix_section(const ReportDiff& diff) {
  Section out{"Matrix", {}};
  for (const CellChange& each : diff.cells) {
    std::string text =
        fmt::format("{} → {}, {}: ", each.after.from, each.after.to, name_of(each.after.dimension));
    if (each.before.level != each.after.level) {
      text += fmt::format("{} became {}", each.before.level, each.after.level);
    } else {
      text += each.after.level;
    }
    if (each.before.required != each.after.required) {
      text += fmt::format("; required was {}, is {}", each.before.required, each.after.required);
    } else if (each.after.required != "any") {
      text += fmt::format(" (required: {})", each.after.required);
    }
    out.lines.push_back({'~', each.direction, text});
  }
  return out;
}

std::string workload_text(const ReportWorkload& workload) {
  return fmt::format("{}{}{} on {}", workload.environment, workload.environment.empty() ? "" : "/",
                     workload.name, workload.host);
}

Section estate_section(const ReportDiff& diff) {
  Section out{"Environments and workloads", {}};
  for (const std::string& each : diff.environments_added) {
    out.lines.push_back({'+', Direction::kNeither, "environment " + each});
  }
  for (const std::string& each : diff.environments_removed) {
    out.lines.push_back({'-', Direction::kNeither, "environment " + each});
  }
  for (const WorkloadMove& each : diff.workloads_moved) {
    const auto name = [](const std::string& environment) {
      return environment.empty() ? std::string("no environment") : environment;
    };
    out.lines.push_back(
        {'~', Direction::kNeither,
         fmt::format("{} on {} moved from {} to {}", each.after.name, each.after.host,
                     name(each.before.environment), name(each.after.environment))});
  }
  for (const ReportWorkload& each : diff.workloads_added) {
    out.lines.push_back({'+', Direction::kNeither, workload_text(each)});
  }
  for (const ReportWorkload& each : diff.workloads_removed) {
    out.lines.push_back({'-', Direction::kNeither, workload_text(each)});
  }
  return out;
}

Section gaps_section(const ReportDiff& diff) {
  Section out{"Not seen", {}};
  const auto text = [](const Gap& gap) {
    return (gap.host.empty() ? "" : gap.host + ": ") + gap.what + ": " + gap.why;
  };
  for (const Gap& each : diff.gaps_added) {
    out.lines.push_back({'+', Direction::kNeither, text(each)});
  }
  for (const Gap& each : diff.gaps_removed) {
    out.lines.push_back({'-', Direction::kNeither, text(each)});
  }
  return out;
}

std::vector<Section> sections_of(const ReportDiff& diff) {
  std::vector<Section> out = {findings_section(diff), matrix_section(diff), estate_section(diff),
                              gaps_section(diff)};
  std::erase_if(out, [](const Section& section) { return section.lines.empty(); });
  return out;
}

std::string verdict_of(const ReportDiff& diff) {
  if (diff.worse) {
    return fmt::format("separation got worse: {} reason{}", diff.reasons.size(),
                       diff.reasons.size() == 1 ? "" : "s");
  }
  std::string verdict = diff.empty() ? "nothing changed" : "separation did not get worse";
  if (!diff.incomplete) return verdict;
  return verdict + ", but something that is required could not be checked";
}

std::string text_of(const ReportDiff& diff, const TextStyle& style) {
  constexpr std::size_t kMostLines = 20;  // of a section, unless verbose
  Page page(style);
  page.paragraph({{to_text(diff.older) + " → " + to_text(diff.newer), Ink::kFaint}}, 0, 0);
  for (const std::string& note : diff.notes) page.labelled("note", {{note}}, 0, 6);
  for (const Section& section : sections_of(diff)) {
    page.blank();
    page.paragraph({{section.title, Ink::kStrong}}, 0, 0);
    std::size_t shown = 0;
    for (const Line& line : section.lines) {
      if (!style.verbose && shown == kMostLines) break;
      ++shown;
      const Ink ink = line.direction == Direction::kWorse    ? Ink::kBad
                      : line.direction == Direction::kBetter ? Ink::kGood
                                                             : Ink::kPlain;
      page.tagged({std::string(1, line.sign), ink}, 2, 2, {{line.text, ink}});
    }
    if (shown < section.lines.size()) {
      page.paragraph(
          {{fmt::format("and {} more: -v shows all", section.lines.size() - shown), Ink::kFaint}},
          4, 4);
    }
  }
  page.blank();
  const Ink ink = diff.worse ? Ink::kUrgent : diff.incomplete ? Ink::kWarn : Ink::kGood;
  page.paragraph({{verdict_of(diff), ink}, {fmt::format("· exit {}", diff.exit()), Ink::kFaint}}, 0,
                 2);
  return page.finish();
}

std::string markdown_of(const ReportDiff& diff) {
  constexpr std::size_t kMostLines = 100;
  std::string out = fmt::format("## {} firebreak: {}\n\n<sub>{} → {}</sub>\n",
                                diff.worse        ? "❌"
                                : diff.incomplete ? "❔"
                                                  : "✅",
                                verdict_of(diff), to_text(diff.older), to_text(diff.newer));
  for (const Section& section : sections_of(diff)) {
    out += fmt::format("\n### {}\n\n", section.title);
    for (std::size_t i = 0; i < std::min(kMostLines, section.lines.size()); ++i) {
      const Line& line = section.lines[i];
      const std::string_view sign = line.direction == Direction::kWorse    ? "❌ "
                                    : line.direction == Direction::kBetter ? "✅ "
                                                                           : "";
      const std::string_view word = line.sign == '+' ? "new: " : line.sign == '-' ? "gone: " : "";
      out += fmt::format("- {}{}{}\n", sign, word, markdown(line.text));
    }
    if (section.lines.size() > kMostLines) {
      out += fmt::format("- and {} more\n", section.lines.size() - kMostLines);
    }
  }
  for (const std::string& note : diff.notes) out += "\nNote: " + markdown(note) + "\n";
  return out;
}

using enum JsonWriter::Shape;

void write_state(JsonWriter& json, std::string_view key, const Finding& finding) {
  json.key(key).open_object().member("severity", name_of(finding.severity));
  json.member("status", finding.status == Finding::Status::kWaived ? "waived" : "open");
  json.member("accepted", finding.accepted).close();
}

void write_findings(JsonWriter& json, const ReportDiff& diff) {
  json.key("findings").open_object(kLines);
  json.key("added").open_array(kLines);
  for (const Finding& each : diff.added) write_json(json, each);
  json.close();
  json.key("removed").open_array(kLines);
  for (const Finding& each : diff.removed) write_json(json, each);
  json.close();
  json.key("changed").open_array(kLines);
  for (const FindingChange& each : diff.changed) {
    json.open_object().member("code", info(each.after.code).name);
    json.member("fingerprint", each.after.fingerprint).member("title", each.after.title);
    write_state(json, "before", each.before);
    write_state(json, "after", each.after);
    json.member("direction", name_of(each.direction)).close();
  }
  json.close().close();
}

void write_cells(JsonWriter& json, const ReportDiff& diff) {
  json.key("matrix").open_array(kLines);
  for (const CellChange& each : diff.cells) {
    json.open_object().member("from", each.after.from).member("to", each.after.to);
    json.member("dimension", name_of(each.after.dimension));
    for (const auto& [key, cell] :
         {std::pair("before", &each.before), std::pair("after", &each.after)}) {
      json.key(key).open_object().member("level", cell->level);
      json.member("required", cell->required).member("met", cell->met).close();
    }
    json.member("direction", name_of(each.direction)).close();
  }
  json.close();
}

void write_workloads(JsonWriter& json, const ReportDiff& diff) {
  json.key("environments").open_object();
  json.member("added", diff.environments_added).member("removed", diff.environments_removed);
  json.close();
  json.key("workloads").open_object(kLines);
  json.key("added").open_array(kLines);
  for (const ReportWorkload& each : diff.workloads_added) write_json(json, each);
  json.close();
  json.key("removed").open_array(kLines);
  for (const ReportWorkload& each : diff.workloads_removed) write_json(json, each);
  json.close();
  json.key("moved").open_array(kLines);
  for (const WorkloadMove& each : diff.workloads_moved) {
    json.open_object().member("host", each.after.host).member("name", each.after.name);
    json.key("project").text_or_null(each.after.project);
    json.key("before").text_or_null(each.before.environment);
    json.key("after").text_or_null(each.after.environment).close();
  }
  json.close().close();
}

std::string json_of(const ReportDiff& diff) {
  JsonWriter json;
  json.open_object(kLines);
  json.member("schema", "firebreak/diff/1");
  json.member("older", to_text(diff.older)).member("newer", to_text(diff.newer));
  json.member("worse", diff.worse).member("incomplete", diff.incomplete);
  json.member("reasons", diff.reasons);
  write_findings(json, diff);
  write_cells(json, diff);
  write_workloads(json, diff);
  json.key("gaps").open_object(kLines);
  json.key("added").open_array(kLines);
  for (const Gap& each : diff.gaps_added) write_json(json, each);
  json.close();
  json.key("removed").open_array(kLines);
  for (const Gap& each : diff.gaps_removed) write_json(json, each);
  json.close().close();
  json.member("notes", diff.notes).close();
  return json.finish();
}

}  // namespace

std::optional<std::string> render_diff(const ReportDiff& diff, Format format,
                                       const TextStyle& style) {
  switch (format) {
    case Format::kText: return text_of(diff, style);
    case Format::kJson: return json_of(diff);
    case Format::kMarkdown: return markdown_of(diff);
    default: return std::nullopt;
  }
}

}  // namespace firebreak
