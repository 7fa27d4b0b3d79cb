#include "secret/wrappers.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "secret/chars.h"
#include "secret/host.h"

namespace firebreak {
namespace {

using Words = std::vector<std::string>;

// Programs with nothing but options (some with a value) before the command they run, and how many
// plain words stand between.
struct Wrapper {
  std::string_view name;
  std::string_view with_value;  // options that take the next word, space separated
  std::size_t skip = 0;         // words before the command: a duration, a user
};

constexpr auto kWrappers = std::to_array<Wrapper>({
    {"sudo", "-u --user -g --group -h --host -C -p -D -R -T", 0},
    {"doas", "-u -C", 0},
    {"env", "-u --unset -C --chdir -S", 0},
    {"timeout", "-s --signal -k --kill-after", 1},
    {"nice", "-n --adjustment", 0},
    {"ionice", "-c -n -p", 0},
    {"nohup", "", 0},
    {"exec", "-a", 0},
    {"command", "", 0},
    {"eval", "", 0},
    {"time", "-f -o", 0},
    {"stdbuf", "-i -o -e", 0},
    {"xargs", "-I -n -P -L -d -a -s", 0},
    {"tini", "-p -e", 0},
    {"dumb-init", "-r", 0},
    {"catatonit", "", 0},
    {"gosu", "", 1},
    {"su-exec", "", 1},
    {"setpriv", "", 0},
    {"runuser", "-u", 0},
    {"chronic", "", 0},
    {"flock", "-w -E", 1},
    {"watch", "-n", 0},
});

constexpr auto kShells =
    std::to_array<std::string_view>({"sh", "bash", "ash", "dash", "zsh", "ksh", "busybox"});

bool lists(std::string_view list, std::string_view option) {
  std::size_t at = 0;
  while ((at = list.find(option, at)) != std::string_view::npos) {
    const std::size_t end = at + option.size();
    if ((at == 0 || list[at - 1] == ' ') && (end == list.size() || list[end] == ' ')) return true;
    at = end;
  }
  return false;
}

// The index behind the options from `at` on.
std::size_t skip_options(const Words& words, std::size_t at, std::string_view with_value) {
  while (at < words.size() && words[at].starts_with('-') && words[at].size() > 1) {
    if (words[at] == "--") return at + 1;
    at += lists(with_value, words[at]) ? 2 : 1;
  }
  return at;
}

Words rest_of(const Words& words, std::size_t from) {
  if (from >= words.size()) return {};
  return {words.begin() + static_cast<std::ptrdiff_t>(from), words.end()};
}

bool is_assignment(const std::string& word) {
  const std::size_t equals = word.find('=');
  return equals != std::string::npos && equals > 0 &&
         is_made_of_alnum_or(std::string_view(word).substr(0, equals), "_");
}

std::string joined(const Words& words, std::size_t from) {
  std::string out;
  for (std::size_t i = from; i < words.size(); ++i) out += (out.empty() ? "" : " ") + words[i];
  return out;
}

void take_assignments(Unwrapped& out) {
  std::size_t at = 0;
  while (at < out.words.size() && is_assignment(out.words[at])) {
    const std::size_t equals = out.words[at].find('=');
    out.assignments.emplace_back(out.words[at].substr(0, equals), out.words[at].substr(equals + 1));
    ++at;
  }
  out.words = rest_of(out.words, at);
}

// "sh -ec TEXT", "bash -l -c TEXT", "su -c TEXT postgres"
Unwrapped unwrap_shell(const Words& words) {
  for (std::size_t i = 1; i + 1 < words.size(); ++i) {
    const std::string& word = words[i];
    const bool option = word.size() > 1 && word[0] == '-' && word[1] != '-';
    if ((option && word.find('c') != std::string::npos) || word == "--command") {
      return {.words = {}, .shell = words[i + 1], .assignments = {}, .host = {}, .wrapped = true};
    }
  }
  return {.words = words, .shell = {}, .assignments = {}, .host = {}, .wrapped = false};
}

// The word that says where, and the command behind it: "exec [options] WHERE [--] COMMAND…".
Unwrapped run_at(const Words& words, std::size_t at, std::string_view with_value) {
  Unwrapped out;
  out.wrapped = true;
  for (; at < words.size() && words[at].starts_with('-') && words[at] != "--"; ++at) {
    const bool variable = words[at] == "-e" || words[at] == "--env";
    if (words[at].starts_with("--env=")) out.words.push_back(words[at].substr(6));
    if (!lists(with_value, words[at])) continue;
    ++at;
    if (variable && at < words.size() && is_assignment(words[at])) out.words.push_back(words[at]);
  }
  take_assignments(out);
  if (at >= words.size()) return out;
  // "pod/postgres-0", "deploy/postgres"
  const std::string_view where = std::string_view(words[at]).substr(words[at].rfind('/') + 1);
  if (auto host = parse_host_port(where)) out.host = std::move(host->host);
  ++at;
  if (at < words.size() && words[at].starts_with('-')) at = skip_options(words, at, with_value);
  out.words = rest_of(words, at);
  return out;
}

constexpr std::string_view kDockerExec =
    "-e --env --env-file -u --user -w --workdir --detach-keys --index";
constexpr std::string_view kDockerRun =
    "-e --env --env-file -u --user -w --workdir --detach-keys -v --volume --mount --network --net "
    "--name "
    "-p --publish -l --label --entrypoint -h --hostname --link --add-host --dns -m --memory --cpus "
    "--restart --platform --pull --ulimit --log-driver --log-opt --tmpfs --volumes-from --cap-add "
    "--cap-drop --security-opt --shm-size --stop-timeout --ip --network-alias --expose --device";
constexpr std::string_view kDockerGlobal =
    "-H --host -c --context --config -l --log-level -f --file -p --project-name --profile "
    "--env-file "
    "--project-directory --tlscacert --tlscert --tlskey";

// "docker exec", "docker compose exec", "docker-compose exec", "docker run", "podman exec"
Unwrapped unwrap_docker(const Words& words) {
  std::size_t at = skip_options(words, 1, kDockerGlobal);
  if (at < words.size() && (words[at] == "compose" || words[at] == "container")) {
    at = skip_options(words, at + 1, kDockerGlobal);
  }
  if (at >= words.size())
    return {.words = words, .shell = {}, .assignments = {}, .host = {}, .wrapped = false};
  if (words[at] == "exec") return run_at(words, at + 1, kDockerExec);
  if (words[at] == "run") {
    Unwrapped out = run_at(words, at + 1, kDockerRun);
    out.host.clear();  // the word there was an image
    return out;
  }
  return {.words = words, .shell = {}, .assignments = {}, .host = {}, .wrapped = false};
}

constexpr std::string_view kKubectl =
    "-n --namespace -c --container --context --kubeconfig --cluster --user";

Unwrapped unwrap_kubectl(const Words& words) {
  const std::size_t at = skip_options(words, 1, kKubectl);
  if (at < words.size() && words[at] == "exec") return run_at(words, at + 1, kKubectl);
  return {.words = words, .shell = {}, .assignments = {}, .host = {}, .wrapped = false};
}

Unwrapped unwrap_ssh(const Words& words) {
  constexpr std::string_view kOptions =
      "-i -p -o -l -F -J -L -R -D -b -c -e -m -E -S -W -w -Q -B -I";
  const std::size_t at = skip_options(words, 1, kOptions);
  Unwrapped out;
  out.wrapped = at + 1 < words.size();
  if (!out.wrapped) {
    out.words = words;
    return out;
  }
  std::string_view where = words[at];
  where = where.substr(where.rfind('@') + 1);
  if (auto host = parse_host_port(where)) out.host = std::move(host->host);
  out.shell = joined(words, at + 1);
  return out;
}

}  // namespace

std::string program_name(const std::string& word) { return word.substr(word.rfind('/') + 1); }

Unwrapped unwrap(Words words) {
  Unwrapped same{.words = words, .shell = {}, .assignments = {}, .host = {}, .wrapped = false};
  if (words.empty()) return same;
  const std::string name = program_name(words[0]);
  if (name == "su" || std::ranges::find(kShells, name) != kShells.end()) return unwrap_shell(words);
  if (name == "docker" || name == "podman" || name == "docker-compose" || name == "nerdctl")
    return unwrap_docker(words);
  if (name == "kubectl" || name == "oc") return unwrap_kubectl(words);
  if (name == "ssh") return unwrap_ssh(words);
  const auto* const wrapper = std::ranges::find(kWrappers, name, &Wrapper::name);
  if (wrapper == kWrappers.end()) return same;
  Unwrapped out;
  out.wrapped = true;
  out.words = rest_of(words, skip_options(words, 1, wrapper->with_value));
  take_assignments(out);
  out.words = rest_of(out.words, wrapper->skip);
  if (name == "eval") out.shell = joined(std::exchange(out.words, {}), 0);
  return out;
}

}  // namespace firebreak
