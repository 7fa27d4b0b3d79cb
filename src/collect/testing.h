// Engines from recordings, for tests of this folder.
#pragma once

#include <algorithm>
#include <array>
#include <memory>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "collect/engine.h"
#include "io/scripted.h"
#include "secret/key.h"
#include "snapshot/snapshot.h"

namespace firebreak {

using Recording = nlohmann::json;  // by path: "/v1.41/info"

// tests/recordings/NAME.json; tests run in the source folder.
inline Recording load_recording(const std::string& name) {
  constexpr std::size_t kLimit = std::size_t{1} << 20U;
  const auto content = real_files()->read("tests/recordings/" + name + ".json", kLimit);
  if (!content) throw std::runtime_error(content.error().text());
  return Recording::parse(*content);
}

inline ScriptedHttpClient client_of(const Recording& recording) {
  ScriptedHttpClient client;
  for (const auto& [path, body] : recording.items()) client.answer(path, body.dump());
  return client;
}

inline FingerprintKeys test_keys() {
  std::array<std::uint8_t, 32> lasting{};
  lasting.fill(1);
  std::array<std::uint8_t, 32> fleeting{};
  fleeting.fill(2);
  return {FingerprintKey(lasting), FingerprintKey(fleeting)};
}

inline CollectedHost collect_from(HttpClient& client) {
  EngineEndpoint endpoint;
  endpoint.name = "laptop";
  endpoint.url = "unix:///var/run/docker.sock";
  return collect_engine(endpoint, client, test_keys(), {});
}

inline CollectedHost collect_from(const Recording& recording) {
  ScriptedHttpClient client = client_of(recording);
  return collect_from(client);
}

inline std::vector<std::string> gap_texts(const CollectedHost& collected) {
  std::vector<std::string> texts;
  texts.reserve(collected.gaps.size());
  for (const Gap& gap : collected.gaps) texts.push_back(gap.what + ": " + gap.why);
  return texts;
}

// The path of the recorded answer that ends so; the first in order of the paths.
inline std::string path_ending(const Recording& recording, std::string_view end) {
  for (const auto& [path, body] : recording.items()) {
    if (path.ends_with(end)) return path;
  }
  throw std::runtime_error("no such answer: " + std::string(end));
}

// The recorded inspect answer of the container of that name.
inline std::string path_of_container(const Recording& recording, std::string_view name) {
  for (const auto& [path, body] : recording.items()) {
    if (path.find("/containers/") != std::string::npos && path.ends_with("/json") &&
        body.value("Name", "") == "/" + std::string(name))
      return path;
  }
  throw std::runtime_error("no such container: " + std::string(name));
}

template <class Things>
const auto& named(const Things& things, std::string_view name) {
  const auto found =
      std::ranges::find_if(things, [&](const auto& thing) { return thing.name == name; });
  if (found == things.end()) throw std::runtime_error("nothing named " + std::string(name));
  return *found;
}

}  // namespace firebreak
