// Answers of an engine. The input is a sequence of answers, ended by zero bytes, in the order in
// which the collector asks; the first byte of each says what kind it is. Whatever they are, the
// collection ends, what it saw can be written and read back, and no password in a URL is left in
// what should have been scanned.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "collect/engine.h"
#include "planted.h"
#include "secret/key.h"
#include "snapshot/json.h"

namespace {

using namespace firebreak;

class AnswersOf : public HttpClient {
 public:
  explicit AnswersOf(std::string_view input) : rest_(input) {}

  Result<HttpResponse> get(std::string_view) override {
    const std::string_view answer = rest_.substr(0, rest_.find('\0'));
    rest_.remove_prefix(answer.size() < rest_.size() ? answer.size() + 1 : rest_.size());
    if (answer.empty()) return HttpResponse{404, {}, {}};
    switch (answer.front()) {
      case 'u': return fail(ErrorKind::kUnreachable, "lost");
      case 'd': return fail(ErrorKind::kDenied, "denied");
      case 's': return HttpResponse{500, {}, plant(answer.substr(1))};
      default: return HttpResponse{200, {}, plant(answer.substr(1))};
    }
  }

 private:
  std::string_view rest_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  if (shows_planted(input)) return -1;
  const FingerprintKeys keys{FingerprintKey({1}), FingerprintKey({2})};
  AnswersOf client(input);
  EngineEndpoint endpoint;
  endpoint.name = "fuzzed";
  CollectedHost collected = collect_engine(endpoint, client, keys, {});

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
