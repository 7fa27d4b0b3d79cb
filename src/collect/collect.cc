#include "collect/collect.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <new>
#include <set>
#include <thread>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "collect/gaps.h"
#include "collect/kernel.h"
#include "snapshot/json.h"

namespace firebreak {

namespace {

// One engine to ask, and what became of it. Each is touched by one thread at a time.
struct Job {
  EngineEndpoint endpoint;
  std::unique_ptr<HttpClient> client;  // null: `result` already says why
  CollectedHost result;
};

// The gap names its host already.
std::string why_unasked(Error error, const std::string& name) {
  if (error.where == "host " + printable(name)) error.where.clear();
  return error.text();
}

CollectedHost unasked(const std::string& name, const std::string& url, std::string why) {
  CollectedHost result;
  result.host.name = name;
  result.host.endpoint = url;
  result.gaps.push_back(make_gap(GapSubject::kHost, "the host", std::move(why), name));
  return result;
}

// Files and the environment are read here, before there are threads.
Job prepare(const HostSource& source, const HttpLimits& limits, CollectTools& tools) {
  Job job;
  auto endpoint =
      resolve_endpoint(source.name, source.location, source.tls_directory, tools.files, tools.env);
  if (!endpoint) {
    job.result = unasked(source.name, {}, why_unasked(endpoint.error(), source.name));
    return job;
  }
  job.endpoint = std::move(*endpoint);
  auto client = tools.connect(job.endpoint, limits);
  if (!client) {
    job.result = unasked(job.endpoint.name, job.endpoint.url,
                         why_unasked(client.error(), job.endpoint.name));
    return job;
  }
  job.client = std::move(*client);
  return job;
}

class Progress {
 public:
  explicit Progress(const std::function<void(std::string_view)>& report) : report_(report) {}

  void operator()(std::string_view line) {
    if (!report_) return;
    const std::scoped_lock lock(mutex_);
    report_(line);
  }

 private:
  const std::function<void(std::string_view)>& report_;
  std::mutex mutex_;
};

void ask(Job& job, const CollectPlan& plan, const FingerprintKeys& keys, CollectTools& tools,
         Progress& progress) {
  if (!job.client) return;
  try {
    job.result = collect_engine(job.endpoint, *job.client, keys,
                                [&progress](std::string_view line) { progress(line); });
    if (plan.kernel) {
      CHECK(tools.machine != nullptr);
      progress(job.endpoint.name + ": kernel state");
      add_kernel(job.result, job.endpoint, *tools.machine, tools.files);
    }
  } catch (const std::bad_alloc&) {
    job.result = unasked(job.endpoint.name, job.endpoint.url, "its answers do not fit into memory");
  }
  job.client.reset();  // the connection is of no more use
}

void ask_all(std::vector<Job>& jobs, const CollectPlan& plan, const FingerprintKeys& keys,
             CollectTools& tools, Progress& progress) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++)
      ask(jobs[i], plan, keys, tools, progress);
  };
  std::vector<std::jthread> threads;
  const std::size_t count =
      std::clamp<std::size_t>(plan.at_once, 1, std::max<std::size_t>(jobs.size(), 1));
  threads.reserve(count - 1);
  for (std::size_t i = 1; i < count; ++i) threads.emplace_back(work);
  work();
}

void take(CollectedHost collected, Snapshot& snapshot) {
  snapshot.hosts.push_back(std::move(collected.host));
  std::ranges::move(collected.gaps, std::back_inserter(snapshot.gaps));
}

// A worker runs tasks of a Swarm whose other nodes and services only a manager tells.
void note_workers_without_manager(Snapshot& snapshot) {
  std::set<NodeKey> told;
  for (const Host& host : snapshot.hosts) {
    if (!host.swarm.manager) continue;
    told.insert(host.swarm.node);
    for (const Node& node : host.swarm.nodes) told.insert(node.id);
  }
  for (const Host& host : snapshot.hosts) {
    if (!host.swarm.active || told.contains(host.swarm.node)) continue;
    snapshot.gaps.push_back(make_gap(
        GapSubject::kServices, "services of the Swarm",
        "this node is a worker, and no manager was asked (add one with --host)", host.name));
  }
}

}  // namespace

Snapshot collect(const CollectPlan& plan, const FingerprintKeys& keys, bool key_lasting,
                 Timestamp now, CollectTools& tools) {
  Snapshot snapshot;
  snapshot.tool_version = FIREBREAK_VERSION;
  snapshot.taken = now;
  snapshot.key_id = keys.lasting.id();
  snapshot.key_lasting = key_lasting;

  std::vector<Job> jobs;
  for (const HostSource& source : plan.hosts) {
    if (source.kind == HostSource::Kind::kDocker)
      jobs.push_back(prepare(source, plan.limits, tools));
  }
  Progress progress(tools.progress);
  ask_all(jobs, plan, keys, tools, progress);
  for (Job& job : jobs) take(std::move(job.result), snapshot);
  if (!plan.compose.empty())
    take(collect_compose(plan.compose, tools.processes, tools.files, tools.env, keys), snapshot);

  note_workers_without_manager(snapshot);
  sort_canonically(snapshot);
  return snapshot;
}

}  // namespace firebreak
