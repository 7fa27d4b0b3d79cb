#include "verify/send.h"

#include <algorithm>

#include "kernel/places.h"

namespace firebreak {
namespace {

constexpr std::uint8_t kTcpProbe = 6;
constexpr std::uint8_t kUdpProbe = 17;
constexpr std::size_t kUnderWay = 300;  // each needs a file descriptor

ProbeProtocol protocol_of(std::uint8_t number) {
  return number == kTcpProbe   ? ProbeProtocol::kTcp
         : number == kUdpProbe ? ProbeProtocol::kUdp
                               : ProbeProtocol::kEcho;
}

ProbeTarget target_of(const PacketHeader& packet) {
  return {.protocol = protocol_of(packet.protocol),
          .source = packet.source,
          .destination = packet.destination,
          .port = packet.destination_port};
}

std::string link_to(std::uint64_t inode) { return "net:[" + std::to_string(inode) + "]"; }

}  // namespace

Sender::Sender(const ProbePlan& plan, const std::vector<VerifyPlace>& places, Machine& machine,
               Files& files, SendOptions options)
    : plan_(plan),
      places_(places),
      machine_(machine),
      files_(files),
      options_(std::move(options)) {}

Result<void> Sender::find_doors() {
  const auto doors = TRY(namespace_places(machine_, files_));
  std::optional<std::size_t> limit;
  for (const VerifyPlace& place : places_) {
    const auto door = doors.find(place.inode);
    if (door == doors.end()) continue;
    doors_[place.end] = {door->second, place.inode};
    if (place.end.container) continue;
    TRY(machine_.enter(door->second, [&](NamespaceView& view) {
      const auto careful = careful_limit(view.files);
      if (careful) limit = std::min(limit.value_or(*careful), *careful);
    }));
  }
  if (limit) budget_.emplace(*limit);
  return {};
}

bool Sender::is_still(const Door& door) {
  const auto target = machine_.link_target(door.place.path);
  return target && *target == link_to(door.inode);
}

bool Sender::there(const FlowEnd& end) {
  const auto door = doors_.find(end);
  return door != doors_.end() && is_still(door->second);
}

void Sender::listen(Answers& answers) {
  listeners_.emplace();
  for (const auto& [end, wanted] : plan_.listeners) {
    const auto door = doors_.find(end);
    if (door == doors_.end() || !is_still(door->second)) continue;
    std::vector<ListenAt> at;
    for (const ListenHere& one : wanted) {
      at.push_back({protocol_of(one.protocol), one.address, one.port});
    }
    const std::string name = options_.marker + "." + std::to_string(names_.size());
    names_[name] = end;
    const auto taken = listeners_->open(machine_, door->second.place, name, at, {});
    if (!taken) {
      answers.unasked.push_back({end, "temporary listeners: " + taken.error().what});
      continue;
    }
    auto& there = answers.listening[end] = wanted;
    for (const ListenAt& one : *taken) {
      const std::uint8_t number = one.protocol == ProbeProtocol::kTcp ? kTcpProbe : kUdpProbe;
      there.erase({number, *one.address, one.port});
    }
  }
}

Result<void> Sender::ask(const std::vector<std::size_t>& indexes,
                         std::chrono::milliseconds patience, Answers& answers) {
  answers.results.resize(plan_.probes.size());
  answers.arrived.resize(plan_.probes.size());
  answers.answered_by.resize(plan_.probes.size());
  if (doors_.empty()) {
    TRY(find_doors());
    if (!plan_.listeners.empty()) listen(answers);
  }
  std::map<FlowEnd, Indexes> by_sender;
  for (const std::size_t index : indexes) by_sender[plan_.probes[index].from].push_back(index);
  for (const auto& [from, some] : by_sender) send_from(from, some, patience, answers);
  if (listeners_) read_arrivals(answers);
  std::ranges::sort(answers.unasked);
  const auto repeated = std::ranges::unique(answers.unasked);
  answers.unasked.erase(repeated.begin(), repeated.end());
  return {};
}

void Sender::send_from(const FlowEnd& from, const Indexes& indexes,
                       std::chrono::milliseconds patience, Answers& answers) {
  const auto door = doors_.find(from);
  if (door == doors_.end()) {
    answers.unasked.push_back({from, "it is gone"});
    return;
  }
  ProbeOptions options;
  options.per_second = options_.per_second;
  options.window = kUnderWay;
  options.patience = patience;
  options.word = listeners_.has_value();
  options.marker = options_.marker + ".run" + std::to_string(runs_++);
  options.budget = budget_ ? &*budget_ : nullptr;
  std::vector<ProbeTarget> targets;
  for (const std::size_t index : indexes) {
    payloads_[payload_of(options, targets.size())] = index;
    targets.push_back(target_of(plan_.probes[index].packet));
  }
  Result<std::vector<ProbeResult>> results = fail(ErrorKind::kIo, "it is gone");
  const auto entered = machine_.enter(door->second.place, [&](NamespaceView& view) {
    if (view.inode != door->second.inode) return;  // the process has ended, another has its number
    auto sockets = view.sockets.probes();
    results = sockets ? probe(**sockets, targets, options) : std::unexpected(sockets.error());
  });
  if (!entered || !results) {
    answers.unasked.push_back({from, entered ? results.error().what : entered.error().what});
    return;
  }
  for (std::size_t i = 0; i < indexes.size(); ++i) {
    answers.results[indexes[i]] = std::move((*results)[i]);
    read_word(indexes[i], answers);
  }
}

// Our listeners begin with their names.
void Sender::read_word(std::size_t index, Answers& answers) const {
  const std::string& word = answers.results[index]->word;
  const auto name = names_.find(word.substr(0, word.find(' ')));
  answers.answered_by[index] = name == names_.end() ? std::nullopt : std::optional(name->second);
}

void Sender::read_arrivals(Answers& answers) {
  for (const Reception& one : listeners_->arrivals()) {
    if (one.protocol != ProbeProtocol::kUdp) continue;
    const auto payload = payloads_.find(one.payload);
    if (payload != payloads_.end()) answers.arrived[payload->second] = true;
  }
}

}  // namespace firebreak
