// A report for the eyes of a person at a terminal.
#include <algorithm>
#include <array>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "report/matrix_text.h"
#include "report/page.h"
#include "report/render.h"
#include "report/view.h"

namespace firebreak {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kLabel = 9;       // "because  "
constexpr std::size_t kHeadLabel = 14;  // "environments  "

Ink ink_of(Severity severity) {
  switch (severity) {
    case Severity::kCritical:
    case Severity::kHigh: return Ink::kUrgent;
    case Severity::kMedium: return Ink::kBad;
    case Severity::kLow: return Ink::kWarn;
    case Severity::kInfo: return Ink::kFaint;
  }
  return Ink::kPlain;
}

void heading(Page& page, std::string_view title, std::string_view aside = {}) {
  page.blank();
  std::vector<Run> runs = {{std::string(title), Ink::kStrong}};
  if (!aside.empty()) runs.push_back({"· " + std::string(aside), Ink::kFaint});
  page.paragraph(runs, 0, 2);
}

void write_hosts(Page& page, const Report& report, bool verbose) {
  if (report.hosts.empty()) page.labelled("hosts", {{"none"}}, 0, kHeadLabel);
  constexpr std::size_t kShown = 8;
  const std::size_t shown =
      verbose || report.hosts.size() <= kShown + 1 ? report.hosts.size() : kShown;
  for (std::size_t i = 0; i < shown; ++i) {
    const ReportHost& host = report.hosts[i];
    std::vector<Run> runs = {{host.name}};
    if (!host.engine.empty()) runs.push_back({host.engine, Ink::kFaint});
    if (verbose && !host.endpoint.empty()) runs.push_back({host.endpoint, Ink::kFaint});
    page.labelled(i == 0 ? "hosts" : "", runs, 0, kHeadLabel);
  }
  if (shown < report.hosts.size()) {
    page.labelled("", {{fmt::format("and {} more", report.hosts.size() - shown), Ink::kFaint}}, 0,
                  kHeadLabel);
  }
}

// Why the environment is there: the first reason found among its workloads, with one that has it.
std::string inference_of(const Report& report, const std::string& environment) {
  for (const ReportWorkload& workload : report.workloads) {
    if (workload.environment != environment || workload.reasons.empty()) continue;
    return workload.name + ": " + workload.reasons.front();
  }
  return {};
}

void write_environments(Page& page, const Report& report) {
  bool first = true;
  for (const ReportEnvironment& environment : report.environments) {
    std::string name = printable(environment.name);
    std::string about = counted(environment.workloads, "workload");
    if (environment.tier != environment.name) about += ", tier " + environment.tier;
    if (!environment.networks.empty()) {
      about += fmt::format(", network{} {}", environment.networks.size() == 1 ? "" : "s",
                           join(environment.networks, ", "));
    }
    const std::string why = report.inferred ? inference_of(report, environment.name) : "";
    std::vector<Run> runs = {{name + ":", Ink::kStrong}, {about}};
    if (!why.empty()) runs.push_back({"(" + why + ")", Ink::kFaint});
    page.labelled(first ? "environments" : "", runs, 0, kHeadLabel);
    first = false;
  }
  if (report.environments.empty()) {
    page.labelled("environments", {{"none found"}}, 0, kHeadLabel);
  }
}

void write_head(Page& page, const Report& report, bool verbose) {
  page.paragraph({{"firebreak " + report.version, Ink::kStrong},
                  {"· " + to_text(report.generated), Ink::kFaint}},
                 0, 2);
  page.blank();
  write_hosts(page, report, verbose);
  if (!report.policy_file.empty()) {
    page.labelled("policy", {{report.policy_file}}, 0, kHeadLabel);
  }
  if (report.inferred) {
    page.labelled(
        "policy",
        {{"none names environments: they are inferred ('firebreak init' writes them down)"}}, 0,
        kHeadLabel);
  }
  write_environments(page, report);
}

void write_workloads(Page& page, const Report& report) {
  heading(page, "Workloads");
  for (const ReportWorkload& workload : report.workloads) {
    const std::string where =
        workload.environment.empty() ? "no environment" : workload.environment;
    std::vector<Run> runs = {{workload.name, Ink::kStrong}, {where}};
    std::string about = workload.kind + " on " + workload.host;
    if (workload.replicas > 1) about += fmt::format(", {} replicas", workload.replicas);
    if (!workload.running) about += ", not running";
    runs.push_back({"(" + about + ")", Ink::kFaint});
    page.paragraph(runs, kIndent, kIndent + 2);
    for (const std::string& reason : workload.reasons) {
      page.paragraph({{"because " + reason, Ink::kFaint}}, kIndent + 2, kIndent + 4);
    }
  }
}

void write_path(Page& page, const Finding& finding, std::size_t indent) {
  for (std::size_t i = 0; i < finding.path.size(); ++i) {
    const Hop& hop = finding.path[i];
    std::vector<Run> runs;
    if (i > 0) runs.push_back({"→", Ink::kFaint});
    runs.push_back({hop.at});
    if (!hop.why.empty()) runs.push_back({"(" + hop.why + ")", Ink::kFaint});
    page.labelled(i == 0 ? "path" : "", runs, indent, kLabel);
  }
}

void write_remedy(Page& page, const Finding& finding, std::size_t indent) {
  bool first = true;
  for (const Remedy& remedy : finding.remedy) {
    page.labelled(first ? "fix" : "", {{remedy.text}}, indent, kLabel);
    first = false;
    for (const std::string& command : remedy.commands) {
      page.verbatim(command, indent + kLabel + 2);
    }
  }
}

void write_details(Page& page, const Finding& finding, std::size_t indent) {
  for (const Subject& subject : finding.subjects) {
    std::string text = subject.kind + " " + subject.name;
    if (!subject.host.empty() && subject.kind != "host") text += " on " + subject.host;
    if (!subject.environment.empty()) text += ", " + subject.environment;
    page.labelled(&subject == &finding.subjects.front() ? "about" : "", {{text}}, indent, kLabel);
  }
  std::vector<std::string> controls;
  for (const std::string_view control : info(finding.code).controls) controls.emplace_back(control);
  if (!controls.empty()) {
    page.labelled("controls", {{join(controls, ", "), Ink::kFaint}}, indent, kLabel);
  }
  page.labelled("id", {{finding.fingerprint, Ink::kFaint}}, indent, kLabel);
}

void write_finding(Page& page, const Finding& finding, bool verbose) {
  const CodeInfo& code = info(finding.code);
  constexpr std::size_t kSeverityColumns = 8;
  std::string severity(name_of(finding.severity));
  std::ranges::transform(severity, severity.begin(), [](char c) {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  });
  page.blank();
  page.tagged({severity, ink_of(finding.severity)}, kIndent, kSeverityColumns + 1,
              {{std::string(code.name), Ink::kStrong}, {finding.title, Ink::kStrong}});
  const std::size_t indent = kIndent + kSeverityColumns + 1;
  write_path(page, finding, indent);
  write_remedy(page, finding, indent);
  for (const std::string& note : finding.notes) page.labelled("note", {{note}}, indent, kLabel);
  if (!finding.place.empty()) page.labelled("at", {{finding.place}}, indent, kLabel);
  if (verbose) write_details(page, finding, indent);
}

void write_groups(Page& page, const ReportView& view, bool verbose) {
  std::size_t hidden = 0;
  for (const FindingGroup& group : view.groups) {
    std::vector<const Finding*> shown;
    for (const Finding* finding : group.findings) {
      if (verbose || finding->severity > Severity::kInfo) shown.push_back(finding);
    }
    hidden += group.findings.size() - shown.size();
    if (shown.empty()) continue;
    heading(page, pair_title(group.environments), severity_counts(shown));
    for (const Finding* finding : shown) write_finding(page, *finding, verbose);
  }
  if (hidden > 0) {
    page.blank();
    page.paragraph(
        {{counted(hidden, "info finding") + ": -v shows " + (hidden == 1 ? "it" : "them"),
          Ink::kFaint}},
        0, 2);
  }
}

void write_accepted(Page& page, const ReportView& view, bool verbose) {
  if (view.accepted.empty()) return;
  heading(page, "Residual risk", "sharing that the policy accepts");
  for (const Finding* finding : view.accepted) {
    page.paragraph({{std::string(info(finding->code).name), Ink::kStrong}, {finding->title}},
                   kIndent, kIndent + 2);
    for (const std::string& note : finding->notes) {
      page.paragraph({{note, Ink::kFaint}}, kIndent + 2, kIndent + 4);
    }
    if (verbose) write_path(page, *finding, kIndent + 2);
  }
}

void write_waived(Page& page, const ReportView& view, bool verbose) {
  if (view.waived.empty() || !verbose) return;
  heading(page, "Waived");
  for (const Finding* finding : view.waived) {
    page.paragraph({{std::string(info(finding->code).name), Ink::kStrong},
                    {finding->title},
                    {"(" + finding->waiver + ")", Ink::kFaint}},
                   kIndent, kIndent + 2);
  }
}

void write_gaps(Page& page, const ReportView& view) {
  if (view.unchecked.empty() && view.other_gaps.empty()) return;
  heading(page, "Not seen", "what could not be looked at is not known to be separated");
  for (const Finding* finding : view.unchecked) {
    std::vector<Run> runs = {{"required:", Ink::kBad}, {finding->title}};
    if (!finding->notes.empty())
      runs.push_back({"(" + join(finding->notes, "; ") + ")", Ink::kFaint});
    page.paragraph(runs, kIndent, kIndent + 2);
    for (const Remedy& remedy : finding->remedy) {
      for (const std::string& command : remedy.commands) page.verbatim(command, kIndent + 4);
    }
  }
  for (const Gap* gap : view.other_gaps) {
    std::vector<Run> runs;
    if (!gap->host.empty()) runs.push_back({gap->host + ":"});
    runs.push_back({gap->what + ": " + gap->why});
    if (!gap->needed_by.empty()) {
      runs.push_back({"(needed by " + join(gap->needed_by, ", ") + ")", Ink::kFaint});
    }
    page.paragraph(runs, kIndent, kIndent + 2);
  }
}

void write_notes(Page& page, const Report& report, bool verbose) {
  const bool unchecked_codes = verbose && !report.not_checked.empty();
  if (report.notes.empty() && !unchecked_codes) return;
  heading(page, "Notes");
  for (const std::string& note : report.notes) page.paragraph({{note}}, kIndent, kIndent + 2);
  if (unchecked_codes) {
    page.paragraph({{"Not decided by this version: " + join(report.not_checked, ", ")}}, kIndent,
                   kIndent + 2);
  }
}

}  // namespace

std::string to_text(const Report& report, const TextStyle& style) {
  Page page(style);
  const ReportView view = view_of(report);
  write_head(page, report, style.verbose);
  if (!report.matrix.empty()) {
    heading(page, "Matrix");
    write_matrix(page, report, style.verbose);
  }
  if (style.verbose && !report.workloads.empty()) write_workloads(page, report);
  write_groups(page, view, style.verbose);
  write_accepted(page, view, style.verbose);
  write_waived(page, view, style.verbose);
  write_gaps(page, view);
  write_notes(page, report, style.verbose);
  page.blank();
  if (report.outcome == Outcome::kNothingToCompare) {
    page.paragraph(
        {{"To have something to compare, label workloads with their environment (env=staging), or "
          "say in firebreak.yaml who belongs where ('firebreak init' starts one).",
          Ink::kFaint}},
        0, 0);
    page.blank();
  }
  const Ink ink = report.exit == 0 ? Ink::kGood : report.exit == 1 ? Ink::kUrgent : Ink::kWarn;
  page.paragraph(
      {{summary_line(report), ink}, {fmt::format("· exit {}", report.exit), Ink::kFaint}}, 0, 2);
  return page.finish();
}

}  // namespace firebreak
