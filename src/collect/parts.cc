#include "collect/parts.h"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "base/text.h"
#include "secret/scan.h"

namespace firebreak {

namespace {

std::vector<PlainVariable> variables(std::span<const std::string> entries) {
  std::vector<PlainVariable> found;
  found.reserve(entries.size());
  for (const std::string& entry : entries) {
    const std::size_t equals = entry.find('=');
    if (equals == std::string::npos || equals == 0) continue;
    const std::string_view whole = entry;
    found.push_back({whole.substr(0, equals), whole.substr(equals + 1)});
  }
  return found;
}

// Whether schedulers and backup tools run this label's value: "ofelia.job-exec.dump.command",
// "deck-chores.dump.command", "docker-volume-backup.archive-pre", "cron.command".
bool names_a_job(std::string_view label) {
  const std::string name = lower(label);
  const std::string_view last = std::string_view(name).substr(name.rfind('.') + 1);
  constexpr std::array<std::string_view, 4> kPlain = {"command", "cmd", "exec", "script"};
  if (std::ranges::find(kPlain, last) != kPlain.end()) return true;
  const auto has = [&name](std::string_view part) { return name.find(part) != std::string::npos; };
  const bool scheduled = has("cron") || has("schedule") || has("backup") || has("job");
  return scheduled && (has("command") || has("cmd") || last.ends_with("-pre") ||
                       last.ends_with("-post") || last.ends_with("-exec"));
}

// Ids and hashes that engines, compose and image builders write into labels look like secrets and
// are none: two containers with one com.docker.compose.config-hash share nothing.
bool is_engine_identifier(std::string_view label, std::string_view value) {
  constexpr std::array<std::string_view, 3> kMakers = {"com.docker.swarm.", "com.docker.compose.",
                                                       "org.opencontainers.image."};
  constexpr std::size_t kLongest = 128;
  return value.size() <= kLongest &&
         std::ranges::any_of(kMakers, [label](auto maker) { return label.starts_with(maker); }) &&
         std::ranges::all_of(value, [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == ':' || c == '.' ||
                  c == '-' || c == '_';
         });
}

std::vector<std::string> health_command(const std::vector<std::string>& test) {
  if (test.size() < 2) return {};
  if (test[0] == "CMD-SHELL") return {"sh", "-c", test[1]};
  if (test[0] == "CMD") return {test.begin() + 1, test.end()};
  return {};
}

}  // namespace

std::vector<PlainPair> plain_pairs(const Json& object) {
  std::vector<PlainPair> found;
  object.members([&found](std::string_view name, const Json& value) {
    found.emplace_back(std::string(name), value.scalar());
  });
  return found;
}

std::vector<Label> redacted_labels(std::span<const PlainPair> labels, const FingerprintKeys& keys) {
  std::vector<Label> found;
  found.reserve(labels.size());
  for (const auto& [name, value] : labels) {
    Value kept;
    if (is_engine_identifier(name, value)) {
      kept.text = value;
    } else {
      kept = scan_label(name, value, keys);
    }
    found.push_back({name, std::move(kept)});
  }
  return found;
}

std::vector<PlainPair> redacted_options(std::span<const PlainPair> options,
                                        const FingerprintKeys& keys) {
  std::vector<PlainPair> found;
  found.reserve(options.size());
  for (const auto& [name, value] : options)
    found.emplace_back(name, scan_label(name, value, keys).text);
  std::ranges::sort(found);
  return found;
}

std::vector<EnvVar> redacted_environment(std::span<const std::string> entries,
                                         const std::set<std::string>* image,
                                         const FingerprintKeys& keys) {
  const auto plain = variables(entries);
  std::vector<EnvVar> found = scan_environment(plain, keys);
  if (image == nullptr) return found;
  std::unordered_set<std::string_view> of_image;
  for (const std::string& entry : entries) {
    if (image->contains(entry)) of_image.insert(std::string_view(entry).substr(0, entry.find('=')));
  }
  for (EnvVar& variable : found) variable.from_image = of_image.contains(variable.name);
  return found;
}

std::vector<CommandStep> redacted_commands(const PlainCommands& commands,
                                           const FingerprintKeys& keys) {
  const auto environment = variables(commands.environment);
  std::vector<CommandStep> steps;
  const auto scan = [&](const std::vector<std::string>& words) {
    if (words.empty()) return;
    std::vector<CommandStep> more = scan_command(words, environment, keys);
    std::ranges::move(more, std::back_inserter(steps));
  };
  scan(commands.argv);
  scan(health_command(commands.health));
  for (const auto& [name, value] : commands.labels) {
    if (names_a_job(name)) scan({"sh", "-c", value});
  }
  return steps;
}

std::vector<std::string> capability_names(std::vector<std::string> given) {
  for (std::string& name : given) {
    for (char& c : name) {
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    if (name.starts_with("CAP_")) name.erase(0, 4);
  }
  tidy(given);
  return given;
}

std::vector<std::string> security_options(std::vector<std::string> given) {
  for (std::string& option : given) {
    const std::size_t brace = option.find_first_of("{\n");
    if (brace == std::string::npos) {
      option = redacted(option);
    } else {
      option = option.starts_with("seccomp") ? "seccomp=custom" : "custom";
    }
  }
  tidy(given);
  return given;
}

std::optional<ExtraHost> parse_extra_host(std::string_view text) {
  const std::size_t cut = text.find_first_of(":=");
  if (cut == std::string_view::npos || cut == 0) return std::nullopt;
  std::string_view address = text.substr(cut + 1);
  if (address.starts_with('[') && address.ends_with(']'))
    address = address.substr(1, address.size() - 2);
  const auto ip = IpAddress::parse(address);
  if (!ip && address != "host-gateway") return std::nullopt;
  return ExtraHost{std::string(text.substr(0, cut)), ip ? ip->text() : std::string(address)};
}

std::optional<Mount> parse_bind(std::string_view text) {
  const auto parts = split(text, ':');
  if (parts.empty() || parts.size() > 3 || parts[0].empty()) return std::nullopt;
  Mount mount;
  if (parts.size() == 1) {
    mount.type = Mount::Type::kVolume;
    mount.destination = parts[0];
    return mount;
  }
  const bool path = parts[0].starts_with('/') || parts[0].starts_with('.') || parts[0][0] == '~';
  mount.type = path ? Mount::Type::kBind : Mount::Type::kVolume;
  (path ? mount.source : mount.volume) = parts[0];
  mount.destination = parts[1];
  if (parts.size() < 3) return mount;
  for (const std::string_view option : split(parts[2], ',')) {
    if (option == "ro" || option == "readonly") mount.read_write = false;
    if (option.ends_with("shared") || option.ends_with("slave") || option.ends_with("private"))
      mount.propagation = option;
  }
  return mount;
}

std::optional<std::pair<Port, Protocol>> parse_port_key(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto port = Port::parse(text.substr(0, slash));
  const auto protocol = slash == std::string_view::npos ? std::optional(Protocol::kTcp)
                                                        : parse_protocol(text.substr(slash + 1));
  if (!port || !protocol) return std::nullopt;
  return std::pair(*port, *protocol);
}

std::optional<IpAddress> listen_address(std::string_view text) {
  auto address = IpAddress::parse(text);
  if (address && address->is_unspecified()) address.reset();
  return address;
}

void tidy(std::vector<std::string>& names) {
  std::ranges::sort(names);
  const auto repeated = std::ranges::unique(names);
  names.erase(repeated.begin(), repeated.end());
  std::erase(names, std::string());
}

}  // namespace firebreak
