// The audit of a snapshot against merely parsing its bytes, in one run on one machine.
//
//   audit_bench [CONTAINERS]         ratios and peak memory, for CONTAINERS (default 10000)
//   audit_bench --stages CONTAINERS  what each stage takes
//   audit_bench --once FILE [RUNS]   audits FILE, for profilers and for measuring a process
#include <simdjson.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"
#include "checks/checks.h"
#include "findings/assess.h"
#include "generate_estate.h"
#include "report/render.h"
#include "snapshot/json.h"

namespace firebreak {
namespace {

// Time of this process on all its threads: other work on the machine does not count.
struct Clock {
  using duration = std::chrono::nanoseconds;
  using time_point = std::chrono::time_point<Clock, duration>;
  static time_point now() {
    timespec time{};
    CHECK(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0);
    return time_point(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
};

constexpr double kParseTarget = 20.0;
constexpr double kGrowthTarget = 11.0;
constexpr double kMemoryTarget = 250.0;  // MB

double milliseconds(Clock::duration time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

// Median of several runs, after one that warms up.
double median_of(int runs, const std::function<void()>& work) {
  work();
  std::vector<double> times;
  for (int run = 0; run < runs; ++run) {
    const Clock::time_point start = Clock::now();
    work();
    times.push_back(milliseconds(Clock::now() - start));
  }
  std::ranges::sort(times);
  return times[times.size() / 2];
}

AssessOptions options() {
  AssessOptions made;
  made.now = Timestamp(std::chrono::seconds(1'790'000'000));
  made.version = "bench";
  return made;
}

// From bytes to bytes.
std::string audit(std::string_view json) {
  Result<Snapshot> snapshot = parse_snapshot(json, "bench");
  CHECK(snapshot.has_value());
  const Estate estate = build_estate(std::move(*snapshot), {});
  return to_json(assess(estate, run_checks(estate), options()));
}

std::string estate_json(std::size_t containers) {
  return to_json(generate_estate({.hosts = containers / 100, .containers = containers, .seed = 1}));
}

double parse_alone(std::string_view json, int runs) {
  const simdjson::padded_string padded(json);
  simdjson::dom::parser parser;
  return median_of(runs, [&] {
    simdjson::dom::element root;
    CHECK(parser.parse(padded).get(root) == simdjson::SUCCESS);
  });
}

double audit_time(std::string_view json, int runs) {
  std::size_t bytes = 0;
  const double time = median_of(runs, [&] { bytes += audit(json).size(); });
  CHECK(bytes > 0);
  return time;
}

// A file that is gone with its name.
class TemporaryFile {
 public:
  explicit TemporaryFile(std::string_view content) {
    const int descriptor = mkstemp(name_.data());
    CHECK(descriptor >= 0);
    close(descriptor);
    std::ofstream(name_, std::ios::binary) << content;
  }
  ~TemporaryFile() { unlink(name_.c_str()); }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  [[nodiscard]] const char* name() const { return name_.c_str(); }

 private:
  std::string name_ = "/tmp/firebreak-bench-XXXXXX";
};

// What a process of its own takes to read a snapshot from a file and audit it: as users run it,
// with the memory that the kernel has to hand out.
struct Spent {
  double milliseconds = 0;  // of processor time
  double megabytes = 0;     // at its peak
};

Spent spent_by_process(const char* self, const TemporaryFile& file) {
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    execl(self, self, "--once", file.name(), nullptr);
    _exit(127);
  }
  int status = 0;
  rusage usage{};
  CHECK(wait4(child, &status, 0, &usage) == child);
  CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return {.milliseconds = 1e3 * (seconds(usage.ru_utime) + seconds(usage.ru_stime)),
          .megabytes = static_cast<double>(usage.ru_maxrss) / 1024.0};
}

// The median by time of three.
Spent spent_by_processes(const char* self, std::size_t containers) {
  const TemporaryFile file(estate_json(containers));
  std::array<Spent, 3> runs;
  for (Spent& run : runs) run = spent_by_process(self, file);
  std::ranges::sort(runs, {}, &Spent::milliseconds);
  return runs[1];
}

void print_row(std::string_view what, double value, const char* unit, double target) {
  std::printf("%-58.*s %9.1f %-3s target %6.1f  %s\n", static_cast<int>(what.size()), what.data(),
              value, unit, target, value <= target ? "met" : "MISSED");
}

int compare(const char* self, std::size_t containers) {
  const Spent one = spent_by_processes(self, containers);
  const Spent ten = spent_by_processes(self, 10 * containers);
  const std::string json = estate_json(containers);
  const double parse = parse_alone(json, 15);
  const double time = audit_time(json, 15);
  std::printf("%zu containers on %zu hosts, %.1f MB: audit %.1f ms, parsing alone %.2f ms\n",
              containers, containers / 100, static_cast<double>(json.size()) / 1e6, time, parse);
  std::printf("as a process of its own: %.0f ms; with ten times the containers %.0f ms, %.0f MB\n",
              one.milliseconds, ten.milliseconds, ten.megabytes);
  print_row("audit / parsing the same bytes with simdjson", time / parse, "x", kParseTarget);
  print_row("peak memory of the audit", one.megabytes, "MB", kMemoryTarget);
  print_row("ten times the estate / one", ten.milliseconds / one.milliseconds, "x", kGrowthTarget);
  return 0;
}

int stages(std::size_t containers) {
  const std::string json = estate_json(containers);
  const double parse = parse_alone(json, 9);
  const double all = audit_time(json, 9);  // first: what stays in memory below slows it down
  const double read = median_of(9, [&] { CHECK(parse_snapshot(json, "bench").has_value()); });
  const Snapshot snapshot = *parse_snapshot(json, "bench");
  const double copy = median_of(9, [&] { CHECK(!Snapshot(snapshot).hosts.empty()); });
  const double build =
      median_of(9, [&] { CHECK(build_estate(snapshot, {}).container_count() > 0); });
  const Estate estate = build_estate(snapshot, {});
  Findings found;
  const double check = median_of(9, [&] { found = run_checks(estate); });
  const double assessing =
      median_of(9, [&] { CHECK(!assess(estate, found, options()).workloads.empty()); });
  const Report report = assess(estate, found, options());
  const double write = median_of(9, [&] { CHECK(!to_json(report).empty()); });
  std::printf("simdjson alone   %8.2f ms\n", parse);
  std::printf("parse_snapshot   %8.2f ms\n", read);
  std::printf("build_estate     %8.2f ms\n", build - copy);
  std::printf("run_checks       %8.2f ms  (%zu findings)\n", check, found.size());
  std::printf("assess           %8.2f ms\n", assessing);
  std::printf("to_json          %8.2f ms  (%.1f MB)\n", write,
              static_cast<double>(to_json(report).size()) / 1e6);
  std::printf("all              %8.2f ms\n", all);
  return 0;
}

int once(const char* file, std::size_t runs) {
  std::ifstream in(file, std::ios::binary | std::ios::ate);
  if (!in) return 4;
  std::string json(static_cast<std::size_t>(in.tellg()), '\0');
  in.seekg(0);
  in.read(json.data(), static_cast<std::streamsize>(json.size()));
  if (!in) return 4;
  for (std::size_t run = 0; run < runs; ++run) CHECK(!audit(json).empty());
  return 0;
}

std::size_t number(std::string_view text, std::size_t least) {
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return std::max(value, least);
}

}  // namespace
}  // namespace firebreak

int main(int argc, char** argv) {
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  if (arguments.size() >= 2 && arguments[0] == "--once") {
    return firebreak::once(argv[2], arguments.size() > 2 ? firebreak::number(arguments[2], 1) : 1);
  }
  if (arguments.size() == 2 && arguments[0] == "--stages") {
    return firebreak::stages(firebreak::number(arguments[1], 100));
  }
  const std::size_t containers = arguments.empty() ? 10'000 : firebreak::number(arguments[0], 100);
  return firebreak::compare(argv[0], containers);
}
