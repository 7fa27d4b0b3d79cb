#include <fmt/format.h>

#include <charconv>
#include <numeric>
#include <ostream>

#include "base/text.h"
#include "cli/command.h"
#include "cli/gather.h"
#include "reach/reach.h"
#include "verify/report.h"

namespace firebreak {
namespace {

using std::chrono::milliseconds;

Result<std::size_t> whole_number(std::string_view option, const std::string& text, std::size_t most,
                                 std::size_t by_default) {
  if (text.empty()) return by_default;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > most) {
    return fail(ErrorKind::kUsage, fmt::format("{} takes a whole number from 1 to {}, not '{}'",
                                               option, most, printable(text)));
  }
  return value;
}

struct VerifyNumbers {
  std::size_t rate = 200;
  std::size_t most = 16;
};

Result<VerifyNumbers> read_numbers(const Arguments& arguments) {
  VerifyNumbers out;
  out.rate = TRY(whole_number("--rate", arguments.rate, 1'000'000, out.rate));
  out.most = TRY(whole_number("--most", arguments.most, 100'000, out.most));
  return out;
}

// Packets can only be sent where the kernel was just read: snapshots tell of other days and places.
Policy without_snapshots(Policy policy, Tools& tools) {
  std::erase_if(policy.hosts, [&](const HostSource& host) {
    if (host.kind == HostSource::Kind::kDocker) return false;
    tools.err << fmt::format("firebreak: {} is a snapshot and is not asked\n",
                             printable(host.name));
    return true;
  });
  return policy;
}

std::string random_marker(Tools& tools) {
  constexpr std::size_t kBytes = 8;
  std::string out = "fb";
  const auto bytes = tools.random();
  for (std::size_t i = 0; i < kBytes; ++i) out += fmt::format("{:02x}", bytes[i]);
  return out;
}

// What disagrees is asked once more, with more patience, before it counts.
Result<Answers> ask_all(const VerifyBasis& basis, Sender& sender) {
  constexpr milliseconds kFirst{1000};
  constexpr milliseconds kAgain{3000};
  Answers answers;
  std::vector<std::size_t> all(basis.plan.probes.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  TRY(sender.ask(all, kFirst, answers));
  const std::vector<std::size_t> again = doubtful(basis, answers);
  if (!again.empty()) TRY(sender.ask(again, kAgain, answers));
  for (const std::size_t index : doubtful(basis, answers)) {
    const FlowEnd& to = basis.plan.probes[index].to;
    if (sender.there(to)) continue;
    answers.results[index].reset();  // it disagrees with a container that has ended
    answers.unasked.push_back({to, "it ended while it was asked"});
  }
  return answers;
}

}  // namespace

Result<ExitCode> run_verify(const Arguments& arguments, Tools& tools) {
  const VerifyNumbers numbers = TRY(read_numbers(arguments));
  const Policy policy = without_snapshots(TRY(read_policy(arguments, tools)), tools);
  const Estate estate = build_estate(TRY(gather(arguments, policy, tools, true)), policy);
  const Flows flows = TRY(reach(estate, {.all = true}));
  const std::vector<VerifyPlace> places = verify_places(estate);
  const ProbePlan plan =
      plan_probes(places, flows.flows, {.most = numbers.most, .listeners = arguments.listeners});
  const VerifyBasis basis{estate, plan, places, packet_flows(estate, flows)};
  VerifyReport report;
  if (arguments.dry_run) {
    report = report_plan(basis, static_cast<double>(numbers.rate));
  } else {
    Sender sender(
        plan, places, tools.machine, tools.files,
        {.per_second = static_cast<double>(numbers.rate), .marker = random_marker(tools)});
    report = report_answers(basis, TRY(ask_all(basis, sender)));
  }
  const bool json = chosen_format(arguments) == Format::kJson;
  TRY(write_result(arguments,
                   json ? to_json(report) : to_text(report, text_style(arguments, tools)), tools));
  return static_cast<ExitCode>(report.exit());
}

}  // namespace firebreak
