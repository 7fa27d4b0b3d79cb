// probe_estate < plan
//
// Opens listeners in network namespaces and sends probes from network namespaces, all as a JSON
// plan on standard input says, and prints what came of it as JSON. All namespaces are probed from
// at once.
//
//   {"listen": [{"name": "db", "namespace": "/proc/1/ns/net", "addresses": ["10.0.0.2"],
//                "tcp": [80], "udp": [53], "only": false}],
//    "probe":  [{"namespace": "/proc/2/ns/net",
//                "targets": [["tcp", "10.0.0.1" or null, "10.0.0.2", 80]]}],
//    "patience_ms": 700, "retries": 1, "word": true, "window": 1000, "per_second": 0,
//    "hold": false}
//
//   {"taken": {"db": [["tcp", "10.0.0.2", 80]]}, "seconds": 0.5,
//    "results": [[["answered", "db 10.0.0.2 80 10.0.0.1 40000", ICMP, errno]]],
//    "arrivals": [["db", "udp", "10.0.0.2", 53, "10.0.0.1", 40000, "marker.0-0"]]}
//
// With "only" the listeners are on these addresses alone; else on all, and on these one by one
// where somebody has the port on one of them. The marker of datagrams is "marker.N" for the N-th
// entry of "probe". With "hold" the answer is printed once the listeners are open, without probes,
// and they stay open until standard input ends.
#include <sys/resource.h>

#include <chrono>
#include <future>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "io/listeners.h"
#include "probe/probe.h"

namespace {

using namespace firebreak;
using Json = nlohmann::json;

IpAddress address(const Json& text) {
  const auto out = IpAddress::parse(text.get<std::string>());
  CHECK(out.has_value());
  return *out;
}

ProbeProtocol protocol(const std::string& name) {
  if (name == "tcp") return ProbeProtocol::kTcp;
  if (name == "udp") return ProbeProtocol::kUdp;
  CHECK(name == "echo");
  return ProbeProtocol::kEcho;
}

std::string name_of(ProbeProtocol protocol) {
  if (protocol == ProbeProtocol::kTcp) return "tcp";
  return protocol == ProbeProtocol::kUdp ? "udp" : "echo";
}

template <class Value>
Value must(Result<Value> result) {
  if (result) return *std::move(result);
  std::cerr << result.error().text() << '\n';
  std::exit(1);
}

ProbeTarget target(const Json& json) {
  ProbeTarget out;
  out.protocol = protocol(json[0]);
  if (!json[1].is_null()) out.source = address(json[1]);
  out.destination = address(json[2]);
  out.port = {json[3].get<std::uint16_t>()};
  return out;
}

Json listen(TemporaryListeners& listeners, Machine& machine, const Json& plan) {
  Json taken = Json::object();
  for (const Json& one : plan) {
    std::vector<IpAddress> addresses;
    for (const Json& text : one.value("addresses", Json::array())) {
      addresses.push_back(address(text));
    }
    const bool only = one.value("only", false);
    std::vector<ListenAt> wanted;
    for (const char* name : {"tcp", "udp"}) {
      for (const Json& port : one.value(name, Json::array())) {
        const ListenAt anywhere{protocol(name), {}, {port.get<std::uint16_t>()}};
        if (!only) wanted.push_back(anywhere);
        for (const IpAddress& own : addresses) {
          if (only) wanted.push_back({anywhere.protocol, own, anywhere.port});
        }
      }
    }
    Json& out = taken[one["name"].get<std::string>()] = Json::array();
    for (const ListenAt& at :
         must(listeners.open(machine, {one["namespace"]}, one["name"], wanted, addresses))) {
      out.push_back({name_of(at.protocol), at.address->text(), at.port.value});
    }
  }
  return taken;
}

Json answer(const ProbeResult& result) {
  Json icmp;
  if (result.icmp) icmp = {result.icmp->type, result.icmp->code, result.icmp->from.text()};
  return {name_of(result.outcome), result.word, icmp, result.error};
}

Json send(const Json& plan) {
  std::vector<std::future<Result<std::vector<ProbeResult>>>> runs;
  runs.reserve(plan["probe"].size());
  for (std::size_t i = 0; i < plan["probe"].size(); ++i) {
    runs.push_back(std::async(std::launch::async, [&plan, i] {
      std::vector<ProbeTarget> targets;
      for (const Json& one : plan["probe"][i]["targets"]) targets.push_back(target(one));
      ProbeOptions options;
      options.per_second = plan.value("per_second", 0.0);
      options.window = plan.value("window", std::size_t{1000});
      options.patience = std::chrono::milliseconds(plan.value("patience_ms", 1000));
      options.retries = plan.value("retries", 1);
      options.word = plan.value("word", true);
      options.marker = "marker." + std::to_string(i);
      return probe(*real_machine(), {plan["probe"][i]["namespace"]}, targets, options);
    }));
  }
  Json out = Json::array();
  for (auto& run : runs) {
    Json& results = out.emplace_back(Json::array());
    for (const ProbeResult& result : must(run.get())) results.push_back(answer(result));
  }
  return out;
}

Json arrivals(TemporaryListeners& listeners) {
  Json out = Json::array();
  for (const Reception& one : listeners.arrivals()) {
    out.push_back({one.listener, name_of(one.protocol), one.address.text(), one.port.value,
                   one.peer.text(), one.peer_port.value, one.payload});
  }
  return out;
}

void print(const Json& json) {
  std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n" << std::flush;
}

}  // namespace

int main() {
  rlimit files{};
  CHECK(::getrlimit(RLIMIT_NOFILE, &files) == 0);
  files.rlim_cur = files.rlim_max;
  CHECK(::setrlimit(RLIMIT_NOFILE, &files) == 0);
  std::string line;
  CHECK(static_cast<bool>(std::getline(std::cin, line)));
  const Json plan = Json::parse(line);
  const auto machine = real_machine();
  TemporaryListeners listeners;
  Json out;
  out["taken"] = listen(listeners, *machine, plan.value("listen", Json::array()));
  if (plan.value("hold", false)) {
    print(out);
    while (std::getline(std::cin, line)) {
    }
    return 0;
  }
  const auto begin = std::chrono::steady_clock::now();
  out["results"] = send(plan);
  out["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  out["arrivals"] = arrivals(listeners);
  print(out);
  return 0;
}
