// `firebreak verify` for a person at a terminal.
#include <fmt/format.h>

#include "checks/flow_words.h"
#include "report/page.h"
#include "report/view.h"
#include "verify/report.h"

namespace firebreak {
namespace {

constexpr std::size_t kVerifyIndent = 2;
constexpr std::size_t kVerifyTag = 11;  // "unknown    "

void verify_heading(Page& page, std::string_view title, std::string_view aside) {
  page.blank();
  page.paragraph({{std::string(title), Ink::kStrong}, {"· " + std::string(aside), Ink::kFaint}}, 0,
                 2);
}

std::string where_to(const PacketHeader& packet) {
  const std::string address = packet.destination.is_v6() && !is_echo(packet.protocol)
                                  ? "[" + packet.destination.text() + "]"
                                  : packet.destination.text();
  std::string out = protocol_text(packet.protocol) + " " + address;
  if (!is_echo(packet.protocol)) out += fmt::format(":{}", packet.destination_port.value);
  return out;
}

void write_pair(Page& page, const AskedProbe& probe) {
  page.blank();
  page.paragraph({{probe.from.name, Ink::kStrong}, {"→"}, {probe.to.name, Ink::kStrong}}, 0, 2);
}

bool same_pair(const AskedProbe& one, const AskedProbe& other) {
  return one.from.name == other.from.name && one.from.host == other.from.host &&
         one.to.name == other.to.name && one.to.host == other.to.host;
}

Run tag_of(Prediction prediction) {
  const Ink ink = prediction == Prediction::kOpen     ? Ink::kBad
                  : prediction == Prediction::kClosed ? Ink::kGood
                                                      : Ink::kWarn;
  return {std::string(name_of(prediction)), ink};
}

void write_probe_line(Page& page, const AskedProbe& probe) {
  std::vector<Run> runs = {{where_to(probe.packet)},
                           {"from " + probe.packet.source.text(), Ink::kFaint}};
  if (!probe.happened.empty()) runs.push_back({"· " + probe.happened});
  page.tagged(tag_of(probe.prediction), kVerifyIndent, kVerifyTag, runs);
}

void write_probe_lines(Page& page, const std::vector<AskedProbe>& probes) {
  for (std::size_t i = 0; i < probes.size(); ++i) {
    if (i == 0 || !same_pair(probes[i - 1], probes[i])) write_pair(page, probes[i]);
    write_probe_line(page, probes[i]);
  }
}

void write_disagreements(Page& page, const VerifyReport& report, bool verbose) {
  if (report.disagreements.empty()) return;
  verify_heading(page, "NET009 disagreements",
                 "what was predicted, and what happened; believe the packet");
  for (std::size_t i = 0; i < report.disagreements.size(); ++i) {
    const Disagreement& one = report.disagreements[i];
    if (i == 0 || !same_pair(report.disagreements[i - 1].probe, one.probe)) {
      write_pair(page, one.probe);
    }
    write_probe_line(page, one.probe);
    if (!verbose) continue;
    for (const Hop& hop : one.finding.path) {
      page.paragraph({{"→", Ink::kFaint}, {hop.at}, {"(" + hop.why + ")", Ink::kFaint}},
                     kVerifyIndent + kVerifyTag, kVerifyIndent + kVerifyTag + 2);
    }
  }
}

void write_verify_gaps(Page& page, const VerifyReport& report) {
  if (report.gaps.empty()) return;
  verify_heading(page, "Not asked", "nothing is known of these");
  for (const Gap& gap : report.gaps) {
    page.paragraph(
        fmt::format("{}{}: {}", gap.host.empty() ? "" : gap.host + ": ", gap.what, gap.why),
        kVerifyIndent);
  }
}

std::string plan_line(const VerifyReport& report) {
  const auto count = [&](Prediction kind) {
    const auto at = report.plan.find(kind);
    return at == report.plan.end() ? std::size_t{0} : at->second;
  };
  return fmt::format("{} predicted open, {} closed, {} unknown", count(Prediction::kOpen),
                     count(Prediction::kClosed), count(Prediction::kUnknown));
}

void write_numbers(Page& page, const VerifyReport& report) {
  page.labelled("asked", {{counted(report.asked, "probe") + ": " + plan_line(report)}},
                kVerifyIndent, kVerifyTag);
  page.labelled("agreed", {{std::to_string(report.agreed), Ink::kGood}}, kVerifyIndent, kVerifyTag);
  page.labelled("disagreed",
                {{std::to_string(report.disagreements.size()),
                  report.disagreements.empty() ? Ink::kGood : Ink::kBad}},
                kVerifyIndent, kVerifyTag);
  page.labelled("not proven", {{std::to_string(report.not_proven)}}, kVerifyIndent, kVerifyTag);
  for (const auto& [why, count] : report.unproven) {
    page.paragraph({{fmt::format("{}: {}", count, why), Ink::kFaint}}, kVerifyIndent + kVerifyTag,
                   kVerifyIndent + kVerifyTag + 2);
  }
  page.labelled("unknown", {{std::to_string(report.unknown)}}, kVerifyIndent, kVerifyTag);
}

}  // namespace

std::string to_text(const VerifyReport& report, const TextStyle& style) {
  Page page(style);
  if (report.dry_run) {
    page.paragraph({{"Plan of verify: " + counted(report.planned.size(), "probe"), Ink::kStrong}},
                   0, 2);
    page.paragraph(plan_line(report), kVerifyIndent);
    page.paragraph(
        fmt::format("nothing was sent; to send them takes at least {:.0f} s", report.seconds),
        kVerifyIndent);
    if (style.verbose) write_probe_lines(page, report.planned);
    write_verify_gaps(page, report);
    return page.finish();
  }
  page.paragraph({{"Prediction and packets", Ink::kStrong}}, 0, 2);
  write_numbers(page, report);
  write_disagreements(page, report, style.verbose);
  if (!report.unknown_probes.empty() && style.verbose) {
    verify_heading(page, "Unknown", "what came where nothing was predicted");
    write_probe_lines(page, report.unknown_probes);
  }
  write_verify_gaps(page, report);
  page.blank();
  const int exit = report.exit();
  const std::string result = exit == 1   ? counted(report.disagreements.size(), "disagreement")
                             : exit == 3 ? "no disagreement, but not everything could be asked"
                                         : "packets do what was predicted";
  const Ink ink = exit == 0 ? Ink::kGood : exit == 1 ? Ink::kUrgent : Ink::kWarn;
  page.paragraph({{result, ink}, {fmt::format("· exit {}", exit), Ink::kFaint}}, 0, 2);
  return page.finish();
}

}  // namespace firebreak
