#include "cli/sources.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "collect/engine_url.h"

namespace firebreak {
namespace {

Result<std::size_t> number(std::string_view option, const std::string& text, std::size_t least,
                           std::size_t most, std::size_t by_default) {
  if (text.empty()) return by_default;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < least || value > most) {
    return fail(ErrorKind::kUsage, fmt::format("{} takes a whole number from {} to {}, not '{}'",
                                               option, least, most, printable(text)));
  }
  return value;
}

bool is_location(std::string_view text) {
  return text.find("://") != std::string_view::npos || text.starts_with("context:");
}

// A URL that no engine can have is a mistake of the command line, not a host that cannot be seen.
Result<void> check_url(const std::string& location) {
  if (location.starts_with("context:")) return {};
  auto url = parse_engine_url(location, "2375", "--host");
  if (url) return {};
  url.error().kind = ErrorKind::kUsage;
  return std::unexpected(url.error());
}

// "NAME=URL", "URL", or the name of a host of the policy.
Result<HostSource> parse_host(const std::string& text, const Policy& policy) {
  const std::size_t equals = text.find('=');
  const bool named =
      equals != std::string::npos && !is_location(std::string_view(text).substr(0, equals));
  HostSource host;
  if (named || is_location(text)) {
    host.name = named ? text.substr(0, equals) : std::string();
    host.location = named ? text.substr(equals + 1) : text;
    if (!is_location(host.location) || (named && host.name.empty())) {
      return fail(ErrorKind::kUsage,
                  "--host takes NAME=URL with a URL such as unix:///var/run/docker.sock", "",
                  "for a Docker context: --host NAME=context:CONTEXT");
    }
    TRY(check_url(host.location));
    return host;
  }
  std::vector<std::string_view> names;
  for (const HostSource& known : policy.hosts) {
    if (known.name == text) return known;
    names.push_back(known.name);
  }
  const auto best = nearest(text, names);
  return fail(
      ErrorKind::kUsage,
      fmt::format("'{}' is neither NAME=URL nor a host of the policy", printable(text)), "",
      best ? fmt::format("did you mean '{}'?", *best) : "for example --host prod=ssh://ops@prod-1");
}

// Hosts that were given without a name are called after where they are; equal names are numbered.
std::string name_from(const std::string& location) {
  if (location.empty() || location.starts_with("unix:")) return "local";
  if (location.starts_with("context:")) return location.substr(8);
  std::string_view rest = std::string_view(location).substr(location.find("://") + 3);
  rest = rest.substr(0, rest.find('/'));
  if (const std::size_t at = rest.rfind('@'); at != std::string_view::npos)
    rest.remove_prefix(at + 1);
  if (!rest.starts_with('[')) rest = rest.substr(0, rest.find(':'));
  return rest.empty() ? "host" : std::string(rest);
}

void name_all(std::vector<HostSource>& hosts) {
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    if (!hosts[i].name.empty()) continue;
    const std::string base = name_from(hosts[i].location);
    std::string name = base;
    const auto taken = [&](const HostSource& other) { return other.name == name; };
    for (int n = 2; std::ranges::any_of(hosts, taken); ++n) name = fmt::format("{}-{}", base, n);
    hosts[i].name = name;
  }
}

Result<void> add_hosts(const std::vector<HostSource>& hosts, const Policy& policy, Sources& out) {
  const std::size_t slash = policy.file.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : policy.file.substr(0, slash + 1);
  for (const HostSource& host : hosts) {
    if (host.kind == HostSource::Kind::kDocker) {
      const auto same = [&](const HostSource& other) {
        return other.name == host.name && !host.name.empty();
      };
      if (std::ranges::any_of(out.plan.hosts, same)) {
        return fail(ErrorKind::kUsage,
                    fmt::format("two hosts are called '{}'", printable(host.name)));
      }
      out.plan.hosts.push_back(host);
    } else {
      const bool absolute = host.location.starts_with('/');
      out.snapshots.push_back({absolute ? host.location : folder + host.location, host.name});
    }
  }
  return {};
}

}  // namespace

Result<Sources> choose_sources(const Arguments& arguments, const Policy& policy) {
  Sources out;
  out.plan.limits.timeout =
      std::chrono::seconds(TRY(number("--timeout", arguments.timeout, 1, 3600, 30)));
  out.plan.at_once = TRY(number("--jobs", arguments.jobs, 1, 256, 8));
  std::vector<HostSource> hosts;
  hosts.reserve(arguments.hosts.size());
  for (const std::string& text : arguments.hosts) hosts.push_back(TRY(parse_host(text, policy)));
  const bool named = !hosts.empty() || !arguments.snapshots.empty() || !arguments.compose.empty();
  if (!named) hosts = policy.hosts;
  if (!named && hosts.empty())
    hosts.push_back(HostSource{{}, "local", HostSource::Kind::kDocker, "", ""});
  name_all(hosts);
  TRY(add_hosts(hosts, policy, out));
  for (const std::string& file : arguments.snapshots) out.snapshots.push_back({file, ""});
  for (const std::string& project : arguments.compose) {
    ComposeProject files;
    for (const std::string_view file : split(project, ',')) {
      if (file.empty()) {
        return fail(ErrorKind::kUsage,
                    fmt::format("--compose {} has an empty file name in it", printable(project)));
      }
      files.files.emplace_back(file);
    }
    out.plan.compose.push_back(std::move(files));
  }
  return out;
}

void name_host(Snapshot& snapshot, const std::string& name) {
  if (name.empty() || snapshot.hosts.size() != 1) return;
  const std::string before = snapshot.hosts.front().name;
  snapshot.hosts.front().name = name;
  for (Gap& gap : snapshot.gaps) {
    if (gap.host == before) gap.host = name;
  }
}

}  // namespace firebreak
