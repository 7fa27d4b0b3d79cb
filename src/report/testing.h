// Reports made by hand, for tests of the formats.
#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "findings/report.h"
#include "report/render.h"

namespace firebreak::testing {

inline constexpr TextStyle kPlain{.colour = false, .width = 100, .verbose = false};

inline constexpr Timestamp kNow{std::chrono::seconds{1795428000}};  // 2026-11-23T10:00:00Z

inline Finding finding(Code code, Severity severity, std::string title, std::string fingerprint,
                       std::vector<std::string> environments = {"development", "production"}) {
  Finding out;
  out.code = code;
  out.severity = severity;
  out.title = std::move(title);
  out.fingerprint = std::move(fingerprint);
  out.environments = std::move(environments);
  return out;
}

inline Cell cell(std::string from, std::string to, Dimension dimension, std::string level,
                 std::string required, std::vector<std::string> findings = {}) {
  Cell out;
  out.from = std::move(from);
  out.to = std::move(to);
  out.dimension = dimension;
  out.met = required == "any" || level == required;
  out.level = std::move(level);
  out.required = std::move(required);
  out.basis = "configuration";
  out.findings = std::move(findings);
  return out;
}

// One cell of each dimension, the same in both directions.
inline void add_pair(Report& report, const std::string& a, const std::string& b,
                     const std::vector<std::pair<std::string, std::string>>& levels,
                     const std::vector<std::vector<std::string>>& findings = {}) {
  for (const auto& [from, to] : {std::pair(a, b), std::pair(b, a)}) {
    for (std::size_t i = 0; i < levels.size(); ++i) {
      report.matrix.push_back(cell(from, to, kDimensions[i], levels[i].first, levels[i].second,
                                   i < findings.size() ? findings[i] : std::vector<std::string>{}));
    }
  }
}

inline ReportWorkload workload(std::string name, std::string environment,
                               std::vector<std::string> networks,
                               std::vector<std::string> reasons = {}) {
  ReportWorkload out;
  out.host = "laptop";
  out.name = std::move(name);
  out.kind = "container";
  out.environment = std::move(environment);
  out.networks = std::move(networks);
  out.reasons = std::move(reasons);
  out.running = true;
  return out;
}

// The second of the five mistakes, on one host, without a policy: one network for two environments,
// the same password in both, and one port that could not be looked at.
inline Report mistakes() {
  Report report;
  report.generated = kNow;
  report.version = "0.1.0";
  report.inferred = true;
  report.outcome = Outcome::kFindings;
  report.exit = 1;
  report.hosts = {{"laptop", "unix:///var/run/docker.sock", "docker 20.10.24+dfsg1 (API 1.41)"}};
  report.environments = {{"production", "production", 2, {"production-network"}},
                         {"development", "development", 1, {}}};
  report.workloads = {
      workload("api", "production", {"shared-net", "production-network"},
               {"variable DATABASE_URL names host prod-db"}),
      workload("db", "production", {"production-network"}, {"label env=production"}),
      workload("dev-api", "development", {"shared-net"},
               {"variable DATABASE_URL names host dev-db"}),
      workload("traefik", "", {"shared-net"})};
  report.workloads[1].replicas = 3;
  report.networks = {{"laptop", "production-network", "bridge", "production"},
                     {"laptop", "shared-net", "bridge", ""}};

  Finding net =
      finding(Code::kNet001, Severity::kHigh,
              "network shared-net has members of development and production", "3f9a1c52e07b4d68");
  net.subjects = {{"network", "laptop", "shared-net", ""},
                  {"container", "laptop", "dev-api", "development"},
                  {"container", "laptop", "api", "production"}};
  net.path = {{"development/dev-api", "attached at 172.18.0.2"},
              {"network shared-net", "bridge, 172.18.0.0/16, members may talk to each other"},
              {"production/api", "attached at 172.18.0.3"}};
  net.remedy = {{"Give each environment a network of its own, then leave the shared one",
                 {"docker network create development-network",
                  "docker network connect development-network dev-api",
                  "docker network connect production-network api",
                  "docker network disconnect shared-net dev-api",
                  "docker network disconnect shared-net api"}}};
  net.notes = {"names resolve across the environments: dev-api finds api by its name"};

  Finding secret =
      finding(Code::kCred001, Severity::kHigh,
              "DATABASE_URL of development/dev-api and of production/api hold the same "
              "password",
              "77aa1c52e07b4d01");
  secret.subjects = {{"variable", "laptop", "dev-api DATABASE_URL", "development"},
                     {"variable", "laptop", "api DATABASE_URL", "production"}};
  secret.path = {{"development/dev-api DATABASE_URL", "password, 16 to 31 bytes"},
                 {"production/api DATABASE_URL", "the same password"}};
  secret.remedy = {{"Change the password of one environment, and let each read its own", {}}};

  Finding host =
      finding(Code::kHost001, Severity::kLow,
              "development and production share the Docker host laptop", "00ff1c52e07b4d02");
  host.subjects = {{"host", "laptop", "laptop", ""}};
  host.remedy = {{"Move one environment to a host of its own", {}}};
  host.notes = {"user namespaces are not remapped: root in a container is root on the host"};

  Finding takeover = finding(Code::kHost002, Severity::kMedium,
                             "development/dev-api can take over the host of production through "
                             "the engine's socket",
                             "44dd1c52e07b4d06");
  takeover.subjects = {{"container", "laptop", "dev-api", "development"}};
  takeover.path = {{"development/dev-api", "mounts /var/run/docker.sock"},
                   {"laptop", "whoever speaks to the engine is root on the host"},
                   {"production/api", "runs on laptop"}};
  takeover.remedy = {{"Run it without the socket", {}}};

  Finding unassigned =
      finding(Code::kAud002, Severity::kInfo, "1 workload belongs to no environment: traefik",
              "11ee1c52e07b4d03", {});
  report.findings = {net, secret, takeover, host, unassigned};

  add_pair(report, "development", "production",
           {{"shared", "any"},
            {"shared", "separate"},
            {"shared-values", "separate-values"},
            {"separate", "any"},
            {"unknown", "any"}},
           {{host.fingerprint, takeover.fingerprint}, {net.fingerprint}, {secret.fingerprint}});
  report.gaps = {{"volumes", "answer cut short after 4096 bytes", "laptop", {"HOST003"}}};
  report.notes = {
      "secrets were fingerprinted with a key of this run alone: other snapshots cannot "
      "be compared with it"};
  report.not_checked = {"NET002", "NET003"};
  return report;
}

// With a policy: separated as required, one risk accepted, one finding waived.
inline Report separated() {
  Report report;
  report.generated = kNow;
  report.version = "0.1.0";
  report.policy_file = "firebreak.yaml";
  report.policy_digest = "sha256:9c1e";
  report.outcome = Outcome::kSeparated;
  report.hosts = {{"prod-1", "tcp://prod-1:2376", "docker 27.3.1 (API 1.47)"}};
  report.environments = {{"production", "production", 1, {"production-network"}},
                         {"staging", "staging", 1, {"staging-network"}}};
  report.workloads = {workload("api", "production", {"production-network"}),
                      workload("prometheus", "staging", {"staging-network"})};
  report.networks = {{"prod-1", "production-network", "bridge", "production"},
                     {"prod-1", "staging-network", "bridge", "staging"}};
  for (ReportWorkload& each : report.workloads) each.host = "prod-1";
  Finding host = finding(Code::kHost001, Severity::kInfo,
                         "staging and production share the Docker host prod-1", "00ff1c52e07b4d02",
                         {"staging", "production"});
  host.accepted = true;
  host.subjects = {{"host", "prod-1", "prod-1", ""}};
  host.notes = {"what shares a kernel shares its faults",
                "better: user namespaces are remapped on this host"};
  Finding waived = finding(Code::kNet004, Severity::kMedium,
                           "staging/prometheus stands in networks of staging and production",
                           "22dd1c52e07b4d04", {"staging", "production"});
  waived.status = Finding::Status::kWaived;
  waived.waiver = "scrape of public metrics, approved by security@example.com, until 2027-03-31";
  waived.subjects = {{"container", "prod-1", "prometheus", "staging"}};
  report.findings = {host, waived};
  add_pair(report, "production", "staging",
           {{"shared", "any"},
            {"separate", "separate"},
            {"separate-values", "separate-values"},
            {"separate-namespaces", "separate-namespaces"},
            {"unknown", "any"}},
           {{host.fingerprint}});
  return report;
}

// One environment only.
inline Report nothing() {
  Report report;
  report.generated = kNow;
  report.version = "0.1.0";
  report.inferred = true;
  report.hosts = {{"laptop", "unix:///var/run/docker.sock", "docker 20.10.24+dfsg1 (API 1.41)"}};
  report.environments = {{"production", "production", 1, {}}};
  report.workloads = {workload("api", "production", {"bridge"}, {"label env=production"})};
  return report;
}

// A required check that could not be made.
inline Report incomplete() {
  Report report = separated();
  report.outcome = Outcome::kIncomplete;
  report.exit = 3;
  Finding gap =
      finding(Code::kAud006, Severity::kHigh, "the host old could not be seen: connection refused",
              "33cc1c52e07b4d05", {});
  gap.subjects = {{"host", "old", "old", ""}};
  gap.path = {{"the host on old", "connection refused"}};
  gap.notes = {"needed by HOST001, NET001"};
  gap.remedy = {{"Remove the cause and audit again.", {}}};
  gap.place = "firebreak.yaml:6:3";
  report.findings.push_back(gap);
  report.gaps = {{"the host", "connection refused", "old", {"HOST001", "NET001"}}};
  return report;
}

// Names that try to leave the format they are printed in.
inline Report hostile() {
  Report report = mistakes();
  const std::string name = "x</script><script>alert(1)</script>";
  report.workloads[0].name = name;
  report.workloads[2].name = "tab\there \x1b[31mred \"quoted\" | pipe `code` *star* & ü→ \xff";
  report.networks[1].name = "<img src=x onerror=alert(2)>]]>";
  report.workloads[0].networks[0] = report.networks[1].name;
  report.findings[0].title = "network <b>" + report.networks[1].name + "</b> | has " + name;
  report.findings[0].path[0].at = "]]>" + name;
  report.findings[0].remedy[0].commands[0] = "docker network rm '<i>' && echo \"</pre>\" ```";
  report.findings[0].notes.emplace_back("line one\nline two\r\x07");
  report.environments[0].name = "prod'\"<u>";
  report.gaps[0].why = "javascript:alert(3) ]]> <a href=//example.com>";
  return report;
}

// `workloads` containers on hosts of a hundred, three environments, a finding for every fiftieth.
inline Report large(std::size_t workloads) {
  Report report = mistakes();
  report.environments = {{"production", "production", 0, {}},
                         {"staging", "staging", 0, {}},
                         {"development", "development", 0, {}}};
  report.hosts.clear();
  report.workloads.clear();
  report.networks.clear();
  report.findings.clear();
  report.matrix.clear();
  for (std::size_t i = 0; i < workloads; ++i) {
    ReportEnvironment& environment = report.environments[i % 3];
    const std::string host = fmt::format("host-{}", i / 100);
    const std::string network = fmt::format("{}-net-{}", environment.name, i % 7);
    if (i % 100 == 0) {
      report.hosts.push_back({host, "tcp://" + host + ":2376", "docker 27.3.1 (API 1.47)"});
    }
    if (i % 100 < 21) report.networks.push_back({host, network, "bridge", environment.name});
    ReportWorkload each = workload(fmt::format("service-{}", i), environment.name, {network},
                                   {"label com.example.environment=" + environment.name});
    each.host = host;
    report.workloads.push_back(each);
    ++environment.workloads;
    if (i % 50 == 49) {
      Finding open = finding(Code::kNet001, Severity::kHigh,
                             fmt::format("network net-{} has members of both", i),
                             fmt::format("{:016x}", i), {"development", "production"});
      open.subjects = {{"container", host, each.name, environment.name}};
      open.path = {{each.name, "attached"}, {network, "bridge"}, {"other", "attached"}};
      open.remedy = {{"Leave it", {"docker network disconnect " + network + " " + each.name}}};
      report.findings.push_back(open);
    }
  }
  for (const auto& [a, b] :
       {std::pair("production", "staging"), std::pair("production", "development"),
        std::pair("staging", "development")}) {
    add_pair(report, a, b,
             {{"separate", "any"},
              {"shared", "separate"},
              {"separate-values", "separate-values"},
              {"separate", "any"},
              {"unknown", "any"}});
  }
  return report;
}

}  // namespace firebreak::testing
