// A secret that the fuzzer moves about: every byte 1 of an input becomes a URL with a password in
// it, wherever it stands. So a target can hold the scanner to its promise whatever surrounds a URL.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "snapshot/snapshot.h"

namespace firebreak {

inline constexpr std::string_view kPlanted = "Pl4ntedPassw0rd77";
inline constexpr std::string_view kPlantedUrl = "postgres://app:Pl4ntedPassw0rd77@db:5432/app";

// Host names are kept in lower case.
inline bool shows_planted(std::string_view text) { return contains_ignoring_case(text, kPlanted); }

// Inputs that hold the word already, outside a URL, are none for a target that looks for it.
inline std::string plant(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    if (c == '\x01') {
      out += kPlantedUrl;
    } else {
      out += c;
    }
  }
  return out;
}

inline void check_silent(const std::vector<Target>& targets) {
  for (const Target& target : targets) {
    CHECK(!shows_planted(target.scheme));
    CHECK(!shows_planted(target.host));
    CHECK(!shows_planted(target.database));
    CHECK(!shows_planted(target.user));
  }
}

inline void check_silent(const std::vector<Secret>& secrets) {
  for (const Secret& secret : secrets) {
    CHECK(!shows_planted(secret.provider));
    CHECK(!shows_planted(secret.account));
  }
}

inline void check_silent(const Value& value) {
  CHECK(!shows_planted(value.text));
  check_silent(value.targets);
  check_silent(value.secrets);
}

inline void check_silent(const std::vector<CommandStep>& steps) {
  for (const CommandStep& step : steps) {
    CHECK(!shows_planted(step.program));
    check_silent(step.targets);
    check_silent(step.secrets);
  }
}

inline void check_silent(const std::vector<Label>& labels) {
  for (const Label& label : labels) check_silent(label.value);
}

inline void check_silent(const Container& container) {
  for (const EnvVar& variable : container.env) check_silent(variable.value);
  check_silent(container.labels);
  check_silent(container.command);
  for (const std::string& option : container.isolation.security_options)
    CHECK(!shows_planted(option));
}

// All that passes the scanner on its way into a snapshot. Names are the engine's own, and kept.
inline void check_silent(const Host& host) {
  for (const Container& container : host.containers) check_silent(container);
  for (const Service& service : host.swarm.services) check_silent(service.spec);
  for (const Node& node : host.swarm.nodes) check_silent(node.labels);
  for (const Network& network : host.networks) {
    check_silent(network.labels);
    for (const auto& [name, text] : network.options) CHECK(!shows_planted(text));
  }
  for (const Volume& volume : host.volumes) {
    check_silent(volume.labels);
    CHECK(!shows_planted(volume.device));
  }
  for (const std::string& warning : host.engine.warnings) CHECK(!shows_planted(warning));
}

inline void check_silent(const std::vector<Gap>& gaps) {
  for (const Gap& gap : gaps) CHECK(!shows_planted(gap.why));
}

}  // namespace firebreak
