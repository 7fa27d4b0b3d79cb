// `firebreak paths` for a person at a terminal: pairs, each with its flows; then what needs no
// packet; then ways over others; then what stops the rest; then what was not seen.
#include <fmt/format.h>

#include <algorithm>

#include "checks/flow_words.h"
#include "paths/paths.h"
#include "report/page.h"
#include "report/view.h"

namespace firebreak {
namespace {

constexpr std::size_t kPathIndent = 2;
constexpr std::size_t kVerdict = 9;  // "unknown  "

void path_heading(Page& page, std::string_view title, std::string_view aside) {
  page.blank();
  std::vector<Run> runs = {{std::string(title), Ink::kStrong}};
  if (!aside.empty()) runs.push_back({"· " + std::string(aside), Ink::kFaint});
  page.paragraph(runs, 0, 2);
}

void write_hops(Page& page, const std::vector<Hop>& hops, std::size_t indent) {
  for (std::size_t i = 0; i < hops.size(); ++i) {
    std::vector<Run> runs = {{i == 0 ? "·" : "→", Ink::kFaint}, {hops[i].at}};
    if (!hops[i].why.empty()) runs.push_back({"(" + hops[i].why + ")", Ink::kFaint});
    page.paragraph(runs, indent, indent + 2);
  }
}

std::string listening_text(const Flow& flow) {
  if (is_echo(flow.protocol)) return "echo requests";
  if (!flow.listening) return "not known whether anything listens";
  return *flow.listening ? "listening" : "nothing listens there";
}

// "also at 172.17.0.1", "also at 30 other addresses".
std::string also_at_text(const Flow& flow) {
  constexpr std::size_t kMost = 3;
  if (flow.also_at.size() > kMost) {
    return fmt::format("also at {} other addresses", flow.also_at.size());
  }
  std::vector<std::string> addresses;
  addresses.reserve(flow.also_at.size());
  for (const AddressRange& range : flow.also_at) addresses.push_back(range_text(range));
  return fmt::format("also at {}", fmt::join(addresses, ", "));
}

// What a flow says, without its verdict: "tcp 172.18.0.1:5433 → 10.81.2.2:5432".
std::string flow_line(const Flow& flow) {
  std::string out = destination_text(flow);
  const bool same = flow.address == flow.delivered && flow.ports == flow.delivered_ports;
  if (!same) out += " → " + delivered_text(flow);
  return out;
}

void write_flow(Page& page, const PathFlow& path, bool verbose) {
  const Flow& flow = path.flow;
  const Run verdict = flow.open ? Run{"open", Ink::kBad} : Run{"unknown", Ink::kWarn};
  std::string about = std::string(phrase_of(flow.via)) + ", " + listening_text(flow);
  if (!flow.also_at.empty()) about += ", " + also_at_text(flow);
  if (flow.derived) about += ", by derived rules";
  page.tagged(verdict, kPathIndent, kVerdict,
              {{flow_line(flow)}, {"(" + about + ")", Ink::kFaint}});
  if (verbose && !flow.sources.empty()) {
    std::vector<std::string> sources;
    sources.reserve(flow.sources.size());
    for (const AddressRange& range : flow.sources) sources.push_back(range_text(range));
    page.paragraph({{"sent from", Ink::kFaint}, {fmt::format("{}", fmt::join(sources, ", "))}},
                   kPathIndent + kVerdict, kPathIndent + kVerdict + 2);
  }
  write_hops(page, path.hops, kPathIndent + kVerdict);
}

// What is open although nothing takes connections there: shown in one line, unless asked for.
bool is_idle(const PathFlow& path) {
  return path.flow.open && !is_echo(path.flow.protocol) && !may_be_answered(path.flow);
}

void write_idle(Page& page, const std::vector<const PathFlow*>& idle) {
  if (idle.empty()) return;
  std::vector<std::string> texts;
  constexpr std::size_t kShown = 3;
  for (std::size_t i = 0; i < idle.size() && i < kShown; ++i) {
    texts.push_back(flow_line(idle[i]->flow));
  }
  std::string text = fmt::format("{}", fmt::join(texts, "; "));
  if (idle.size() > kShown) text += fmt::format(" and {} more", idle.size() - kShown);
  page.tagged({"idle", Ink::kFaint}, kPathIndent, kVerdict,
              {{text, Ink::kFaint}, {"(open, but nothing is known to listen there)", Ink::kFaint}});
}

std::string where(const PathReport& report, const PathFlow& path) {
  const bool one_host = std::ranges::all_of(report.flows, [&](const PathFlow& other) {
    return other.from.host == path.from.host && other.to.host == path.from.host;
  });
  if (one_host) return {};
  return path.from.host == path.to.host ? "on " + path.from.host
                                        : path.from.host + " to " + path.to.host;
}

void write_flows(Page& page, const PathReport& report, const TextStyle& style) {
  if (report.flows.empty()) return;
  path_heading(page, "Flows", "packets that can open a connection, and whose answers return");
  for (std::size_t i = 0; i < report.flows.size();) {
    const PathFlow& first = report.flows[i];
    page.blank();
    std::vector<Run> runs = {{first.from.name, Ink::kStrong}, {"→"}, {first.to.name, Ink::kStrong}};
    if (const std::string on = where(report, first); !on.empty()) runs.push_back({on, Ink::kFaint});
    page.paragraph(runs, 0, 2);
    std::vector<const PathFlow*> idle;
    for (; i < report.flows.size(); ++i) {
      const PathFlow& path = report.flows[i];
      if (path.from != first.from || path.to != first.to) break;
      if (is_idle(path) && !style.verbose && path.hops.empty()) {
        idle.push_back(&path);
      } else {
        write_flow(page, path, style.verbose);
      }
    }
    write_idle(page, idle);
  }
}

void write_influences(Page& page, const PathReport& report) {
  if (report.influences.empty()) return;
  path_heading(page, "Influences", "ways to act on the other side that need no packet");
  for (const PathInfluence& influence : report.influences) {
    page.blank();
    page.paragraph(
        {{std::string(info(influence.code).name), Ink::kBad}, {influence.title, Ink::kStrong}}, 0,
        2);
    write_hops(page, influence.path, kPathIndent);
  }
}

void write_chains(Page& page, const PathReport& report) {
  if (report.chains.empty()) return;
  path_heading(page, "Over others", "ways over things that are on neither side, shortest first");
  for (const PathChain& chain : report.chains) {
    page.blank();
    std::vector<Run> runs;
    for (const Hop& step : chain.steps) {
      runs.push_back({step.at, Ink::kStrong});
      runs.push_back({"→"});
    }
    runs.push_back({chain.to, Ink::kStrong});
    page.paragraph(runs, 0, 2);
    write_hops(page, chain.steps, kPathIndent);
  }
  if (report.chains_left_out > 0) {
    page.blank();
    page.paragraph({{fmt::format("and {} more", report.chains_left_out), Ink::kFaint}}, 0, 2);
  }
}

std::string outcome_text(std::string_view outcome) {
  if (outcome == "no-answer") return "arrives, but its answer does not return";
  if (outcome == "left") return "leaves what is in sight";
  if (outcome == "unknown") return "not known what becomes of it";
  return std::string(outcome);
}

void write_refusals(Page& page, const PathReport& report) {
  if (report.refusals.empty()) return;
  path_heading(page, "Where no flow leads", "packets followed to where they end");
  for (const PathRefusal& refusal : report.refusals) {
    page.blank();
    page.paragraph(
        {{refusal.from, Ink::kStrong},
         {"→"},
         {refusal.to, Ink::kStrong},
         {refusal.packet},
         {outcome_text(refusal.outcome), refusal.outcome == "stopped" ? Ink::kGood : Ink::kWarn}},
        0, 2);
    write_hops(page, refusal.hops, kPathIndent);
  }
}

void write_path_gaps(Page& page, const PathReport& report) {
  if (report.gaps.empty()) return;
  path_heading(page, "Not seen", "what could not be looked at is not known to be separated");
  for (const Gap& gap : report.gaps) {
    std::vector<Run> runs;
    if (!gap.host.empty()) runs.push_back({gap.host + ":"});
    runs.push_back({gap.what + ": " + gap.why});
    page.paragraph(runs, kPathIndent, kPathIndent + 2);
  }
}

std::string result_line(const PathReport& report) {
  const auto open = static_cast<std::size_t>(
      std::ranges::count_if(report.flows, [](const PathFlow& one) { return one.flow.open; }));
  std::vector<std::string> parts;
  if (open > 0) parts.push_back(counted(open, "open flow"));
  if (open < report.flows.size()) {
    parts.push_back(counted(report.flows.size() - open, "unknown flow"));
  }
  if (!report.influences.empty()) parts.push_back(counted(report.influences.size(), "influence"));
  const std::size_t chains = report.chains.size() + report.chains_left_out;
  if (chains > 0) parts.push_back(counted(chains, "way") + " over others");
  if (!parts.empty()) return fmt::format("{}", fmt::join(parts, ", "));
  return report.gaps.empty() ? "no path" : "no path found, but not everything could be decided";
}

}  // namespace

std::string to_text(const PathReport& report, const TextStyle& style) {
  Page page(style);
  const auto side = [](const std::string& text) { return text.empty() ? "anything" : text; };
  page.paragraph({{"Paths from " + side(report.from) + " to " + side(report.to), Ink::kStrong}}, 0,
                 2);
  write_flows(page, report, style);
  write_influences(page, report);
  write_chains(page, report);
  write_refusals(page, report);
  write_path_gaps(page, report);
  page.blank();
  const int exit = report.exit();
  const Ink ink = exit == 0 ? Ink::kGood : exit == 1 ? Ink::kUrgent : Ink::kWarn;
  page.paragraph({{result_line(report), ink}, {fmt::format("· exit {}", exit), Ink::kFaint}}, 0, 2);
  return page.finish();
}

}  // namespace firebreak
