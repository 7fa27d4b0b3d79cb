// JDBC URLs: "jdbc:" in front of a URL of the driver's own making.
#include <algorithm>

#include "base/text.h"
#include "secret/encoding.h"
#include "secret/host.h"
#include "secret/settings.h"
#include "secret/uri.h"

namespace firebreak {
namespace {

// Properties after the URL proper: "?a=b&c=d" or ";a=b;c=d".
std::vector<Setting> properties_of(std::string_view text) {
  const bool query = text.starts_with('?');
  if (!text.empty()) text.remove_prefix(1);
  std::vector<Setting> out = parse_settings(text, query ? '&' : ';');
  if (query) {
    for (Setting& setting : out) setting.value = percent_decoded(setting.value);
  }
  return out;
}

// "jdbc:mysql:replication", "jdbc:aws-wrapper:postgresql", "jdbc:jtds:sqlserver": the first known.
std::string driver_of(std::string_view names) {
  for (const std::string_view name : split(names, ':')) {
    std::string scheme = usual_scheme(name);
    if (is_database_scheme(scheme)) return scheme;
  }
  return {};
}

// "oracle:thin:user/password@//host:1521/service", "…@host:1521:SID", "…@(DESCRIPTION=…)".
std::string read_oracle(std::string_view rest, Harvest& out) {
  const std::size_t at = rest.rfind('@');
  std::vector<Setting> settings;
  if (at == std::string_view::npos) return "jdbc:oracle:…";
  const std::string_view userinfo = rest.substr(0, at);
  if (const std::size_t slash = userinfo.find('/'); slash != std::string_view::npos) {
    settings.push_back({"user", std::string(userinfo.substr(0, slash))});
    settings.push_back({"password", std::string(userinfo.substr(slash + 1))});
  }
  std::string_view address = rest.substr(at + 1);
  if (address.starts_with('(')) {
    const std::string low = lower(address);
    for (const auto& [key, name] :
         {std::pair{"host", "host="}, {"port", "port="}, {"database", "service_name="}}) {
      const std::size_t found = low.find(name);
      if (found == std::string::npos) continue;
      const std::size_t from = found + std::string_view(name).size();
      const std::size_t end = address.find(')', from);
      if (end != std::string_view::npos)
        settings.push_back({key, std::string(trim(address.substr(from, end - from)))});
    }
  } else {
    for (const std::string_view prefix : {"tcps://", "tcp://", "//"}) {
      if (address.starts_with(prefix)) address.remove_prefix(prefix.size());
    }
    const std::size_t slash = address.find_first_of("/?");
    std::string_view host = address.substr(0, slash);
    if (slash != std::string_view::npos && address[slash] == '/') {
      settings.push_back({"database", std::string(address.substr(
                                          slash + 1, address.find('?', slash) - slash - 1))});
    }
    if (std::ranges::count(host, ':') == 2) {
      settings.push_back({"database", std::string(host.substr(host.rfind(':') + 1))});
      host = host.substr(0, host.rfind(':'));
    }
    settings.push_back({"host", std::string(host)});
  }
  return "jdbc:oracle:" + read_settings(settings, "oracle", out);
}

}  // namespace

std::optional<std::string> read_jdbc(std::string_view text, Harvest& out) {
  text = trim(text);
  if (lower(text.substr(0, 5)) != "jdbc:") return std::nullopt;
  text.remove_prefix(5);
  const std::size_t slashes = text.find("//");
  const std::string names = lower(text.substr(0, std::min(slashes, text.find_first_of("@/?;"))));
  if (names.starts_with("oracle:")) {
    const std::size_t second = text.find(':', 7);
    return read_oracle(
        second == std::string_view::npos ? std::string_view() : text.substr(second + 1), out);
  }
  const std::string scheme = driver_of(names);
  if (slashes == std::string_view::npos) return "jdbc:" + (scheme.empty() ? "…" : scheme + ":…");
  std::size_t end = text.find_first_of("?;", slashes);
  // DB2 puts its properties behind a colon: "//host:50000/db:user=a;password=b;"
  const std::size_t path = text.find('/', slashes + 2);
  if (path < end) {
    const std::size_t colon = text.substr(0, end).find(':', path);
    if (colon != std::string_view::npos &&
        text.substr(0, end).find('=', colon) != std::string_view::npos)
      end = colon;
  }
  std::vector<Setting> properties;
  if (end != std::string_view::npos) properties = properties_of(text.substr(end));
  // SQL Server names its instance behind a backslash.
  std::string url =
      (scheme.empty() ? std::string("jdbc") : scheme) + ":" +
      std::string(text.substr(slashes, end == std::string_view::npos ? end : end - slashes));
  if (const std::size_t instance = url.find('\\'); instance != std::string::npos) {
    const std::size_t stop = std::min(url.find_first_of(":/", instance), url.size());
    url.erase(instance, stop - instance);
  }
  Harvest url_part = out.fresh();
  auto kept = read_uri(url, url_part);
  if (!kept) return std::nullopt;
  // Properties complete what the URL says; read together they give whole targets.
  std::string user;
  std::vector<Setting> settings = properties;
  for (const Target& target : url_part.targets) {
    settings.push_back({"host", HostPort{target.host, target.port}.text()});
    if (!target.database.empty()) settings.push_back({"database", target.database});
    user = target.user;
  }
  const std::size_t before = out.targets.size();
  (void)read_settings(settings, scheme, out);
  for (std::size_t i = before; i < out.targets.size(); ++i) {
    if (out.targets[i].user.empty()) out.targets[i].user = user;
  }
  out.adopt(url_part.secrets);
  return "jdbc:" + *kept + (properties.empty() ? "" : "?…");
}

}  // namespace firebreak
