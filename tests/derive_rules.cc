// Prints a snapshot with the kernel state that its engines would have set up in the place of what
// was read of their kernels: derive_rules SNAPSHOT [VERSION] [OPTION=VALUE…]. VERSION is assumed
// for all its engines; without options they are guessed from the kernel state in the snapshot, if
// any. Options are on or off: userland-proxy, ip6tables, direct-routing, forward-drop.
#include <fmt/format.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <span>
#include <string_view>

#include "derive/derive.h"
#include "snapshot/json.h"

namespace {

using namespace firebreak;

bool set_option(std::string_view word, DaemonOptions& options) {
  const std::size_t equals = word.find('=');
  const std::string_view name = word.substr(0, equals);
  const bool on = word.substr(equals + 1) == "on";
  if (name == "userland-proxy") {
    options.userland_proxy = on;
  } else if (name == "ip6tables") {
    options.ip6tables = on;
  } else if (name == "direct-routing") {
    options.direct_routing = on;
  } else if (name == "forward-drop") {
    options.forward_policy_drop = on;
  } else {
    return false;
  }
  return true;
}

Result<void> derive_host(Host& host, std::string_view version, std::span<char* const> options) {
  const EngineVersion wanted =
      TRY(version.empty() ? derivable_version(host.engine) : parse_engine_version(version));
  DaemonOptions chosen = options.empty() ? guess_daemon_options(host) : DaemonOptions{};
  for (const std::string_view word : options) {
    if (!set_option(word, chosen))
      return fail(ErrorKind::kUsage, "no such option", std::string(word));
  }
  host.kernel = derive_kernel(host, wanted, chosen);
  return {};
}

Result<void> run(std::span<char* const> words) {
  if (words.empty()) return fail(ErrorKind::kUsage, "no snapshot given");
  std::ifstream file(words[0], std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  Snapshot snapshot = TRY(parse_snapshot(text, words[0]));
  words = words.subspan(1);
  std::string_view version;
  if (!words.empty() && std::string_view(words[0]).find('=') == std::string_view::npos) {
    version = words[0];
    words = words.subspan(1);
  }
  for (Host& host : snapshot.hosts) TRY(derive_host(host, version, words));
  fmt::print("{}\n", to_json(snapshot));
  return {};
}

}  // namespace

int main(int count, char** words) {
  const auto done = run(std::span(words, static_cast<std::size_t>(count)).subspan(1));
  if (done) return 0;
  fmt::print(stderr, "{}\n", done.error().text());
  return 2;
}
