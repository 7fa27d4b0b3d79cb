// What a compose tool prints. The first byte of the input says which tool: '1' for v1's YAML, '3'
// for one that fails and complains, anything else for v2's JSON. No password in a URL gets through.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "collect/compose.h"
#include "io/scripted.h"
#include "planted.h"
#include "secret/key.h"
#include "snapshot/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace firebreak;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (size == 0 || shows_planted(input)) return -1;
  const FingerprintKeys keys{FingerprintKey({1}), FingerprintKey({2})};
  const std::string printed = plant(input.substr(1));
  ScriptedProcesses processes;
  if (data[0] == '1') {
    processes.answer("docker-compose version --short", "1.29.2");
    processes.answer("docker-compose -f /f/x.yml config", printed);
  } else {
    processes.answer("docker compose version --short", "2.24.5");
    processes.answer(
        "docker compose -f /f/x.yml --profile * config --format json",
        data[0] == '3' ? ProcessResult{1, {}, printed} : ProcessResult{0, printed, {}});
  }
  ScriptedFiles files;
  CollectedHost collected =
      collect_compose({{{"/f/x.yml"}}}, processes, files, scripted_environment({}), keys);
  CHECK(!collected.gaps.empty() || data[0] != '3');

  check_silent(collected.host);
  check_silent(collected.gaps);
  Snapshot snapshot;
  snapshot.tool_version = "0";
  snapshot.key_id = keys.lasting.id();
  snapshot.hosts.push_back(std::move(collected.host));
  snapshot.gaps = std::move(collected.gaps);
  sort_canonically(snapshot);
  CHECK(parse_snapshot(to_json(snapshot), "fuzzed").has_value());
  return 0;
}
