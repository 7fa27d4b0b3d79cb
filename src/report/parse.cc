// Strict reading with simdjson's DOM. The first error sticks: after it, every read returns a
// default, so that the code reads as the document does, and the error is returned at the end.
#include "report/parse.h"

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace firebreak {
namespace {

using simdjson::dom::element;
using simdjson::dom::object;

constexpr std::size_t kLargest = 0xFFFFFFFFU - simdjson::SIMDJSON_PADDING;

enum class Need : std::uint8_t { kRequired, kOptional };
using enum Need;

// One step into the document: a key, or an index.
struct Step {
  std::string_view key;
  std::size_t index = 0;
};

class Reader {
 public:
  [[nodiscard]] bool failed() const { return !what_.empty(); }
  [[nodiscard]] Error error(std::string_view where) const {
    return {ErrorKind::kBadData, what_, std::string(where) + place_, ""};
  }

  void fail_here(std::string_view what) {
    if (failed()) return;
    what_ = what;
    place_ = ": $";
    for (const Step& step : path_) {
      place_ +=
          step.key.empty() ? "[" + std::to_string(step.index) + "]" : "." + std::string(step.key);
    }
  }

  // Calls `read` with the member's value, if it is there.
  template <class Read>
  void member(object from, std::string_view key, Need need, Read read) {
    if (failed()) return;
    element value;
    path_.push_back({key});
    if (from.at_key(key).get(value) == simdjson::SUCCESS) {
      read(value);
    } else if (need == kRequired) {
      fail_here("is missing");
    }
    path_.pop_back();
  }

  template <class Read>
  void nested(object from, std::string_view key, Need need, Read read) {
    member(from, key, need, [&](element value) { read(as_object(value)); });
  }

  template <class T, class Read>
  void list(object from, std::string_view key, Need need, std::vector<T>& out, Read read) {
    member(from, key, need, [&](element value) {
      simdjson::dom::array array;
      if (value.get(array) != simdjson::SUCCESS) return fail_here("must be a list");
      out.reserve(array.size());
      for (const element each : array) {
        if (failed()) return;
        path_.push_back({{}, out.size()});
        out.push_back(read(each));
        path_.pop_back();
      }
    });
  }

  object as_object(element value) {
    object out;
    if (value.get(out) != simdjson::SUCCESS) fail_here("must be an object");
    return out;
  }

  std::string as_text(element value) {
    std::string_view out;
    if (value.get(out) != simdjson::SUCCESS) fail_here("must be text");
    return std::string(out);
  }

  std::string text(object from, std::string_view key, Need need = kRequired) {
    std::string out;
    member(from, key, need, [&](element value) { out = as_text(value); });
    return out;
  }

  // null stands for "none".
  std::string text_or_null(object from, std::string_view key, Need need = kRequired) {
    std::string out;
    member(from, key, need, [&](element value) {
      if (!value.is_null()) out = as_text(value);
    });
    return out;
  }

  bool truth(object from, std::string_view key, Need need, bool otherwise) {
    bool out = otherwise;
    member(from, key, need, [&](element value) {
      if (value.get(out) != simdjson::SUCCESS) fail_here("must be true or false");
    });
    return out;
  }

  std::uint64_t number(object from, std::string_view key, Need need, std::uint64_t otherwise) {
    std::uint64_t out = otherwise;
    member(from, key, need, [&](element value) {
      if (value.get(out) != simdjson::SUCCESS) fail_here("must be a whole number, 0 or more");
    });
    return out;
  }

  std::vector<std::string> texts(object from, std::string_view key, Need need = kRequired) {
    std::vector<std::string> out;
    list(from, key, need, out, [&](element value) { return as_text(value); });
    return out;
  }

  // One of a set of names.
  template <class T, class Parse>
  T named(object from, std::string_view key, Need need, T otherwise, std::string_view kind,
          Parse parse) {
    T out = otherwise;
    member(from, key, need, [&](element value) {
      const std::string name = as_text(value);
      if (failed()) return;
      const auto found = parse(name);
      if (found) {
        out = *found;
      } else {
        fail_here("is no " + std::string(kind));
      }
    });
    return out;
  }

 private:
  std::vector<Step> path_;
  std::string what_;
  std::string place_;
};

std::optional<Dimension> dimension_named(std::string_view name) {
  for (const Dimension dimension : kDimensions) {
    if (name_of(dimension) == name) return dimension;
  }
  return std::nullopt;
}

std::optional<Outcome> outcome_named(std::string_view name) {
  for (const Outcome outcome : {Outcome::kSeparated, Outcome::kFindings, Outcome::kIncomplete,
                                Outcome::kNothingToCompare}) {
    if (name_of(outcome) == name) return outcome;
  }
  return std::nullopt;
}

bool is_fingerprint(std::string_view text) {
  return text.size() == 16 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

class ReportReader : private Reader {
 public:
  Result<Report> read(element root, std::string_view where) {
    Report out;
    document(as_object(root), out);
    if (failed()) return std::unexpected(error(where));
    return out;
  }

 private:
  void document(object root, Report& out) {
    member(root, "schema", kRequired, [&](element value) {
      if (as_text(value) != kReportSchema) fail_here("is not 'firebreak/report/1'");
    });
    member(root, "generated", kRequired, [&](element value) {
      const auto time = parse_timestamp(as_text(value));
      if (!time) return fail_here("is no time");
      out.generated = *time;
    });
    out.version = text(root, "version");
    nested(root, "policy", kRequired, [&](object policy) {
      out.policy_file = text_or_null(policy, "file");
      out.inferred = truth(policy, "inferred", kRequired, false);
      out.policy_digest = text_or_null(policy, "digest", kOptional);
    });
    nested(root, "summary", kRequired, [&](object each) { summary(each, out); });
    const auto items = [&](std::string_view key, Need need, auto& into, auto read_one) {
      list(root, key, need, into,
           [&](element value) { return std::invoke(read_one, this, as_object(value)); });
    };
    items("hosts", kOptional, out.hosts, &ReportReader::host);
    items("environments", kRequired, out.environments, &ReportReader::environment);
    items("workloads", kOptional, out.workloads, &ReportReader::workload);
    items("networks", kOptional, out.networks, &ReportReader::network);
    items("matrix", kRequired, out.matrix, &ReportReader::cell);
    items("findings", kRequired, out.findings, &ReportReader::finding);
    items("gaps", kRequired, out.gaps, &ReportReader::gap);
    out.notes = texts(root, "notes", kOptional);
    out.not_checked = texts(root, "not_checked", kOptional);
  }

  // The counts are not read: they follow from the findings.
  void summary(object from, Report& out) {
    out.outcome = named(from, "result", kRequired, Outcome::kSeparated, "result", outcome_named);
    const std::uint64_t exit = number(from, "exit", kRequired, 0);
    if (!failed() && exit != 0 && exit != 1 && exit != 3)
      fail_here("has an exit that is not 0, 1 or 3");
    out.exit = static_cast<int>(exit);
    out.fail_on = named(from, "fail_on", kOptional, Severity::kMedium, "severity", parse_severity);
  }

  ReportHost host(object from) {
    return {text(from, "name"), text(from, "endpoint"), text(from, "engine")};
  }

  ReportEnvironment environment(object from) {
    return {text(from, "name"), text(from, "tier"), number(from, "workloads", kRequired, 0),
            texts(from, "networks")};
  }

  ReportWorkload workload(object from) {
    ReportWorkload out;
    out.host = text(from, "host");
    out.name = text(from, "name");
    out.kind = text(from, "kind");
    out.project = text_or_null(from, "project", kOptional);
    out.environment = text_or_null(from, "environment");
    out.reasons = texts(from, "reasons", kOptional);
    out.networks = texts(from, "networks", kOptional);
    out.running = truth(from, "running", kOptional, false);
    out.replicas = number(from, "replicas", kOptional, 1);
    return out;
  }

  ReportNetwork network(object from) {
    return {text(from, "host"), text(from, "name"), text(from, "driver"),
            text_or_null(from, "environment")};
  }

  Cell cell(object from) {
    Cell out;
    out.from = text(from, "from");
    out.to = text(from, "to");
    out.dimension =
        named(from, "dimension", kRequired, Dimension::kHost, "dimension", dimension_named);
    out.level = text(from, "level");
    out.required = text(from, "required");
    out.basis = text(from, "basis", kOptional);
    out.met = truth(from, "met", kOptional, out.required == "any" || out.level == out.required);
    out.findings = texts(from, "findings");
    return out;
  }

  Subject subject(object from) {
    return {text(from, "kind"), text_or_null(from, "host"), text(from, "name"),
            text_or_null(from, "environment")};
  }
  Hop hop(object from) { return {text(from, "at"), text(from, "why")}; }
  Remedy remedy(object from) { return {text(from, "text"), texts(from, "commands")}; }

  Finding finding(object from) {
    Finding out;
    out.code = named(from, "code", kRequired, Code::kAud006, "finding code", parse_code);
    out.severity = named(from, "severity", kRequired, Severity::kInfo, "severity", parse_severity);
    out.status = named(from, "status", kRequired, Finding::Status::kOpen, "status", status_named);
    out.accepted = truth(from, "accepted", kOptional, false);
    member(from, "fingerprint", kRequired, [&](element value) {
      out.fingerprint = as_text(value);
      if (!is_fingerprint(out.fingerprint)) fail_here("must be 16 hex digits");
    });
    out.title = text(from, "title");
    out.environments = texts(from, "environments");
    const auto items = [&](std::string_view key, auto& into, auto read_one) {
      list(from, key, kRequired, into,
           [&](element value) { return std::invoke(read_one, this, as_object(value)); });
    };
    items("subjects", out.subjects, &ReportReader::subject);
    items("path", out.path, &ReportReader::hop);
    items("remedy", out.remedy, &ReportReader::remedy);
    out.notes = texts(from, "notes", kOptional);
    out.waiver = text_or_null(from, "waiver", kOptional);
    out.place = text_or_null(from, "place", kOptional);
    return out;
  }

  static std::optional<Finding::Status> status_named(std::string_view name) {
    if (name == "open") return Finding::Status::kOpen;
    if (name == "waived") return Finding::Status::kWaived;
    return std::nullopt;
  }

  Gap gap(object from) {
    return {text(from, "what"), text(from, "why"), text_or_null(from, "host"),
            texts(from, "needed_by")};
  }
};

}  // namespace

Result<Report> parse_report(std::string_view json, std::string_view where) {
  if (json.size() > kLargest) {
    return fail(ErrorKind::kBadData, "is larger than 4 GiB", std::string(where));
  }
  simdjson::dom::parser parser;
  element root;
  const simdjson::error_code code = parser.parse(json.data(), json.size()).get(root);
  if (code != simdjson::SUCCESS) {
    return fail(ErrorKind::kBadData, "is no JSON: " + std::string(simdjson::error_message(code)),
                std::string(where));
  }
  return ReportReader().read(root, where);
}

bool is_report(std::string_view json) {
  simdjson::dom::parser parser;
  std::string_view schema;
  return json.size() <= kLargest &&
         parser.parse(json.data(), json.size()).at_key("schema").get(schema) == simdjson::SUCCESS &&
         schema.starts_with("firebreak/report/");
}

}  // namespace firebreak
