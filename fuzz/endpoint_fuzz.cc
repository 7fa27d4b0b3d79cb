// resolve_endpoint with any location, environment and context files. The input's lines are: the
// location, DOCKER_HOST, DOCKER_CONTEXT, config.json; all that follows is the meta.json of the
// context "prod". No password in a URL shows in an endpoint or an error.
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "collect/endpoint.h"
#include "io/scripted.h"
#include "planted.h"

namespace {

using namespace firebreak;

std::string next_line(std::string_view& rest) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  std::string line(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return line;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (shows_planted(input)) return -1;
  const std::string text = plant(input);
  std::string_view rest = text;
  const std::string location = next_line(rest);
  const GetEnv env = scripted_environment(
      {{"HOME", "/h"}, {"DOCKER_HOST", next_line(rest)}, {"DOCKER_CONTEXT", next_line(rest)}});
  ScriptedFiles files;
  files.put("/h/.docker/config.json", next_line(rest));
  // The SHA-256 of "prod".
  files.put(
      "/h/.docker/contexts/meta/"
      "6754af9632a2745e85c293e5aac0863370d9bd3330b9938c00cadfd215227d77/meta.json",
      std::string(rest));

  const auto endpoint = resolve_endpoint("", location, "", files, env);
  if (!endpoint) {
    CHECK(!endpoint.error().what.empty());
    CHECK(!shows_planted(endpoint.error().text()));
    return 0;
  }
  CHECK(!shows_planted(endpoint->name));
  CHECK(!shows_planted(endpoint->url));
  const std::string& url = endpoint->url;
  CHECK(url.starts_with("unix://") || url.starts_with("tcp://") || url.starts_with("ssh://"));
  CHECK(!url.starts_with("tcp://") || !url.contains('@'));
  CHECK(connect(*endpoint, {}).has_value());
  // What was resolved is read back as the same place.
  ScriptedFiles none;
  const auto again = resolve_endpoint("x", url, "", none, scripted_environment({}));
  CHECK(again.has_value() && again->url == url);
  return 0;
}
