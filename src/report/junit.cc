// A report as JUnit XML: a suite for each pair of environments, a case for each code that this
// version decides. A code is a failure if an open finding reaches --fail-on, skipped if all its
// findings are waived, an error if something it needs was required and not seen.
#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "report/escape.h"
#include "report/render.h"
#include "report/view.h"

namespace firebreak {
namespace {

using Environments = std::vector<std::string>;
using ByCode = std::map<Code, std::vector<const Finding*>>;

enum class Verdict : std::uint8_t { kPassed, kFailed, kError, kSkipped };

struct Case {
  const CodeInfo* code = nullptr;
  Verdict verdict = Verdict::kPassed;
  std::string message;
  std::string details;
};

std::string details_of(const Finding& finding) {
  std::string out = fmt::format("{} [{}] {}\n", name_of(finding.severity), finding.fingerprint,
                                printable(finding.title));
  if (finding.accepted) out += "  accepted by the policy\n";
  if (!finding.waiver.empty()) out += "  waived: " + printable(finding.waiver) + "\n";
  for (const Hop& hop : finding.path) {
    out += fmt::format("  → {} ({})\n", printable(hop.at), printable(hop.why));
  }
  for (const Remedy& remedy : finding.remedy) {
    out += "  fix: " + printable(remedy.text) + "\n";
    for (const std::string& command : remedy.commands) out += "    " + printable(command) + "\n";
  }
  return out;
}

// The first gap that hides this code; one that is required comes before others.
struct Hidden {
  const Gap* gap = nullptr;
  bool required = false;
};

Hidden hidden_by(const Report& report, const ReportView& view, std::string_view code) {
  Hidden out;
  for (const Gap& gap : report.gaps) {
    if (std::ranges::find(gap.needed_by, code) == gap.needed_by.end()) continue;
    const bool required = std::ranges::find(view.other_gaps, &gap) == view.other_gaps.end();
    if (out.gap == nullptr || (required && !out.required)) out = {&gap, required};
  }
  return out;
}

Case case_of(const Report& report, const ReportView& view, const CodeInfo& code,
             const std::vector<const Finding*>& findings) {
  Case out;
  out.code = &code;
  bool all_waived = !findings.empty();
  for (const Finding* finding : findings) {
    out.details += details_of(*finding);
    if (finding->status == Finding::Status::kWaived) continue;
    all_waived = false;
    if (finding->code == Code::kAud006) {
      out.verdict = Verdict::kError;
    } else if (!finding->accepted && finding->severity >= report.fail_on) {
      out.verdict = Verdict::kFailed;
    }
    if (out.message.empty()) out.message = finding->title;
  }
  if (out.verdict != Verdict::kPassed) return out;
  if (const Hidden hidden = hidden_by(report, view, code.name); hidden.gap != nullptr) {
    out.verdict = hidden.required ? Verdict::kError : Verdict::kSkipped;
    out.message = "not seen: " + hidden.gap->what + ": " + hidden.gap->why;
  } else if (all_waived) {
    out.verdict = Verdict::kSkipped;
    out.message = "waived: " + findings.front()->waiver;
  }
  return out;
}

void write_case(std::string& out, const Case& each, std::string_view suite) {
  out += fmt::format("    <testcase classname=\"{}\" name=\"{} {}\" time=\"0\"", suite,
                     each.code->name, markup(each.code->title));
  const std::string message = markup(each.message);
  // Line breaks stay: each line was made printable before.
  std::string details;
  for (const std::string_view line : split(trim(each.details), '\n')) {
    if (!details.empty()) details += '\n';
    details += markup(line);
  }
  switch (each.verdict) {
    case Verdict::kFailed:
      out += fmt::format(">\n      <failure message=\"{}\" type=\"{}\">{}</failure>\n", message,
                         each.code->name, details);
      break;
    case Verdict::kError:
      out += fmt::format(">\n      <error message=\"{}\" type=\"{}\">{}</error>\n", message,
                         each.code->name, details);
      break;
    case Verdict::kSkipped:
      out += fmt::format(">\n      <skipped message=\"{}\"/>\n", message);
      break;
    case Verdict::kPassed:
      if (each.details.empty()) {
        out += "/>\n";
        return;
      }
      out += fmt::format(">\n      <system-out>{}</system-out>\n", details);
      break;
  }
  out += "    </testcase>\n";
}

struct Suite {
  std::string xml;
  std::size_t tests = 0;
  std::size_t failures = 0;
  std::size_t errors = 0;
  std::size_t skipped = 0;
};

Suite suite_of(const Report& report, const ReportView& view, const Environments& environments,
               const ByCode& findings) {
  Suite suite;
  const std::string title = markup(pair_title(environments));
  std::string cases;
  for (const CodeInfo& code : all_codes()) {
    const auto found = findings.find(code.code);
    // Pairs decide what has a dimension, the audit itself the rest.
    const bool looked_for = code.checked && std::ranges::find(report.not_checked, code.name) ==
                                                report.not_checked.end();
    const bool belongs = looked_for && (environments.size() == 2 ? code.dimension.has_value()
                                        : environments.empty()   ? !code.dimension.has_value()
                                                                 : false);
    if (!belongs && found == findings.end()) continue;
    const Case each =
        case_of(report, view, code,
                found == findings.end() ? std::vector<const Finding*>{} : found->second);
    ++suite.tests;
    suite.failures += each.verdict == Verdict::kFailed ? 1 : 0;
    suite.errors += each.verdict == Verdict::kError ? 1 : 0;
    suite.skipped += each.verdict == Verdict::kSkipped ? 1 : 0;
    write_case(cases, each, title);
  }
  std::string timestamp = to_text(report.generated);
  timestamp.pop_back();  // JUnit's schema has no zone; it is UTC
  suite.xml = fmt::format(
      "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
      "time=\"0\" timestamp=\"{}\">\n{}  </testsuite>\n",
      title, suite.tests, suite.failures, suite.errors, suite.skipped, timestamp, cases);
  return suite;
}

}  // namespace

std::string to_junit(const Report& report) {
  std::vector<Environments> order;
  std::map<Environments, ByCode> suites;
  const auto add = [&](const Environments& environments) -> ByCode& {
    const auto [place, added] = suites.try_emplace(environments);
    if (added) order.push_back(environments);
    return place->second;
  };
  for (const MatrixRow& row : matrix_rows(report, false)) add({row.from, row.to});
  for (const Finding& finding : report.findings) {
    add(finding.environments)[finding.code].push_back(&finding);
  }
  add({});

  const ReportView view = view_of(report);
  Suite all;
  for (const Environments& environments : order) {
    const Suite suite = suite_of(report, view, environments, suites[environments]);
    all.xml += suite.xml;
    all.tests += suite.tests;
    all.failures += suite.failures;
    all.errors += suite.errors;
    all.skipped += suite.skipped;
  }
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites name=\"firebreak\" tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" "
      "time=\"0\">\n{}</testsuites>\n",
      all.tests, all.failures, all.errors, all.skipped, all.xml);
}

}  // namespace firebreak
