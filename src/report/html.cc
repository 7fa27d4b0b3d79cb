// A report as one HTML file: no request ever leaves it. A content security policy admits its own
// style sheet and script by their hashes and nothing else, so that a name that slipped through the
// escaping still could not run.
#include "report/html.h"

#include <array>

#include <fmt/format.h>
#include <sodium.h>

#include "base/check.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "report/escape.h"
#include "report/html_parts.h"
#include "report/render.h"
#include "report/view.h"

namespace firebreak {
namespace {

constexpr std::size_t kShownHosts = 12;

std::string source_hash(std::string_view content) {
  std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
  crypto_hash_sha256(hash.data(), reinterpret_cast<const unsigned char*>(content.data()),
                     content.size());
  std::array<char, sodium_base64_ENCODED_LEN(hash.size(), sodium_base64_VARIANT_ORIGINAL)> text{};
  CHECK(sodium_bin2base64(text.data(), text.size(), hash.data(), hash.size(),
                          sodium_base64_VARIANT_ORIGINAL) != nullptr);
  return std::string("'sha256-") + text.data() + "'";
}

std::string page(const std::string& title, const std::string& body) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src {}; "
      "script-src {}; base-uri 'none'; form-action 'none'\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta name=\"color-scheme\" content=\"light dark\">\n"
      "<meta name=\"referrer\" content=\"no-referrer\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n{}<script>{}</script>\n</body>\n"
      "</html>\n",
      source_hash(kHtmlStyle), source_hash(kHtmlScript), title, kHtmlStyle, body, kHtmlScript);
}

std::string_view banner_class(const Report& report) {
  switch (report.outcome) {
    case Outcome::kSeparated: return "good";
    case Outcome::kFindings: return "bad";
    case Outcome::kIncomplete: return "unsure";
    case Outcome::kNothingToCompare: return "neutral";
  }
  return "neutral";
}

std::string banner_html(const Report& report) {
  std::string line = summary_line(report);
  if (line.front() >= 'a' && line.front() <= 'z')
    line.front() = static_cast<char>(line.front() - 'a' + 'A');
  std::string out = fmt::format("<div class=\"banner {}\"><p class=\"result\">{}</p>\n",
                                banner_class(report), markup(line));
  out += "<ul class=\"counts\">";
  for (const Severity severity :
       {Severity::kCritical, Severity::kHigh, Severity::kMedium, Severity::kLow, Severity::kInfo}) {
    const std::size_t number = report.open(severity);
    if (number > 0) {
      out += fmt::format("<li><span class=\"badge s-{0}\">{1} {0}</span></li>", name_of(severity),
                         number);
    }
  }
  return out + "</ul></div>\n";
}

std::string facts_html(const Report& report) {
  std::string hosts;
  for (std::size_t i = 0; i < report.hosts.size() && i < kShownHosts; ++i) {
    const ReportHost& host = report.hosts[i];
    hosts += fmt::format("{}<b>{}</b> <span class=\"faint\">{}</span>", i == 0 ? "" : "<br>",
                         markup(host.name), markup(host.engine));
  }
  if (report.hosts.size() > kShownHosts) {
    hosts += fmt::format("<br>and {} more", report.hosts.size() - kShownHosts);
  }
  std::string policy = report.policy_file.empty() ? "none" : markup(report.policy_file);
  if (report.inferred) policy += "; environments are inferred";
  if (!report.policy_digest.empty()) {
    policy += " <code class=\"small\">" + markup(report.policy_digest) + "</code>";
  }
  return fmt::format(
      "<dl class=\"facts\"><dt>Time</dt><dd>{}</dd><dt>Policy</dt><dd>{}</dd>"
      "<dt>Hosts</dt><dd>{}</dd><dt>Fails on</dt><dd>{} and above; exit {}</dd></dl>\n",
      to_text(report.generated), policy, hosts.empty() ? "none" : hosts, name_of(report.fail_on),
      report.exit);
}

std::string environments_html(const Report& report) {
  std::string out =
      "<section id=\"environments\" aria-labelledby=\"environments-title\">\n<h2 "
      "id=\"environments-title\">Environments"
      "</h2>\n";
  if (report.environments.empty()) return out + "<p>None found.</p>\n</section>\n";
  out +=
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Environments, scrolls\">\n"
      "<table><thead><tr><th scope=\"col\">Name</th><th scope=\"col\">Tier</th><th scope=\"col\">"
      "Workloads</th><th scope=\"col\">Networks</th></tr></thead>\n<tbody>\n";
  for (const ReportEnvironment& environment : report.environments) {
    out += fmt::format("<tr><th scope=\"row\">{}</th><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                       markup(environment.name), markup(environment.tier), environment.workloads,
                       markup(join(environment.networks, ", ")));
  }
  return out + "</tbody></table>\n</div>\n</section>\n";
}

std::string gaps_html(const Report& report) {
  if (report.gaps.empty()) return {};
  std::string out =
      "<section id=\"gaps\" aria-labelledby=\"gaps-title\">\n<h2 id=\"gaps-title\">Not seen</h2>\n"
      "<p class=\"faint\">What could not be looked at is not known to be separated.</p>\n<ul>\n";
  for (const Gap& gap : report.gaps) {
    out += fmt::format("<li>{}<b>{}</b>: {}", gap.host.empty() ? "" : markup(gap.host) + ": ",
                       markup(gap.what), markup(gap.why));
    if (!gap.needed_by.empty()) {
      out += fmt::format(" <span class=\"faint\">(needed by {})</span>",
                         markup(join(gap.needed_by, ", ")));
    }
    out += "</li>\n";
  }
  return out + "</ul>\n</section>\n";
}

std::string workloads_html(const Report& report) {
  if (report.workloads.empty()) return {};
  std::string out = fmt::format(
      "<section id=\"workloads\" aria-labelledby=\"workloads-title\">\n<h2 "
      "id=\"workloads-title\">Workloads</h2>\n"
      "<details><summary>{}, and why each is where it is</summary>\n<div class=\"scroll\" "
      "tabindex=\"0\" role=\"region\" aria-label=\"Workloads, scrolls\">\n<table><thead><tr>"
      "<th scope=\"col\">Name</th><th scope=\"col\">Environment</th><th scope=\"col\">Host</th>"
      "<th scope=\"col\">Networks</th><th scope=\"col\">Because</th></tr></thead>\n<tbody>\n",
      counted(report.workloads.size(), "workload"));
  for (const ReportWorkload& workload : report.workloads) {
    out += fmt::format(
        "<tr><th scope=\"row\">{}{}</th><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
        markup(workload.name),
        workload.running ? "" : " <span class=\"faint\">(not running)</span>",
        workload.environment.empty() ? "<span class=\"faint\">none</span>"
                                     : markup(workload.environment),
        markup(workload.host), markup(join(workload.networks, ", ")),
        markup(join(workload.reasons, "; ")));
  }
  return out + "</tbody></table>\n</div>\n</details>\n</section>\n";
}

std::string notes_html(const Report& report) {
  if (report.notes.empty() && report.not_checked.empty()) return {};
  std::string out =
      "<section id=\"notes\" aria-labelledby=\"notes-title\">\n<h2 "
      "id=\"notes-title\">Notes</h2>\n<ul>\n";
  for (const std::string& note : report.notes) out += "<li>" + markup(note) + "</li>\n";
  if (!report.not_checked.empty()) {
    out += "<li>Not decided by this version: " + markup(join(report.not_checked, ", ")) + "</li>\n";
  }
  return out + "</ul>\n</section>\n";
}

std::string navigation_html(const Report& report) {
  std::string out = "<nav aria-label=\"Sections\"><ul>";
  const auto add = [&](bool there, std::string_view id, std::string_view name) {
    if (there) out += fmt::format("<li><a href=\"#{}\">{}</a></li>", id, name);
  };
  add(!report.matrix.empty(), "matrix", "Matrix");
  add(!report.workloads.empty(), "map", "Map");
  add(true, "findings", "Findings");
  add(!report.gaps.empty(), "gaps", "Not seen");
  add(true, "environments", "Environments");
  add(!report.workloads.empty(), "workloads", "Workloads");
  add(!report.notes.empty() || !report.not_checked.empty(), "notes", "Notes");
  return out + "</ul></nav>\n";
}

std::string head_html(const Report& report, std::string_view skip_to) {
  return fmt::format(
             "<a class=\"skip\" href=\"#{}\">Skip to the {}</a>\n<header>\n<h1>firebreak "
             "<span class=\"faint\">{}</span></h1>\n",
             skip_to, skip_to, markup(report.version)) +
         banner_html(report) + facts_html(report) + "</header>\n";
}

}  // namespace

std::string to_html(const Report& report) {
  std::string body = head_html(report, "findings") + navigation_html(report);
  body += "<main>\n" + html_matrix(report) + html_map(report) + html_findings(report) +
          gaps_html(report) + environments_html(report) + workloads_html(report) +
          notes_html(report) + "</main>\n";
  return page("firebreak: " + std::string(name_of(report.outcome)), body);
}

std::string matrix_html(const Report& report) {
  const std::string matrix = html_matrix(report);
  return page(
      "firebreak: matrix",
      head_html(report, "matrix") + "<main>\n" +
          (matrix.empty() ? "<p id=\"matrix\">Fewer than two environments are in sight.</p>\n"
                          : matrix) +
          environments_html(report) + "</main>\n");
}

}  // namespace firebreak
