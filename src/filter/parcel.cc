#include "filter/parcel.h"

namespace firebreak {

std::vector<PacketField> Written::fields() const {
  using enum PacketField;
  std::vector<PacketField> out;
  if (source) out.push_back(kSource);
  if (destination) out.push_back(kDestination);
  if (source_port) out.push_back(kSourcePort);
  if (destination_port) out.push_back(kDestinationPort);
  if (mark) out.push_back(kMark);
  if (connection_mark) out.push_back(kConnectionMark);
  if (destination_rewritten) out.push_back(kDestinationRewritten);
  if (source_rewritten) out.push_back(kSourceRewritten);
  if (untracked) out.push_back(kUntracked);
  return out;
}

Written Written::then(const Written& later) const {
  Written out = *this;
  if (later.destination) out.destination = later.destination;
  if (later.destination_port) out.destination_port = later.destination_port;
  if (later.source) out.source = later.source;
  if (later.source_port) out.source_port = later.source_port;
  if (later.mark) out.mark = later.mark;
  if (later.connection_mark) out.connection_mark = later.connection_mark;
  out.destination_rewritten |= later.destination_rewritten;
  out.source_rewritten |= later.source_rewritten;
  out.untracked |= later.untracked;
  out.by_nat |= later.by_nat;
  return out;
}

void Parcels::add(const Written& written, const Parcel& parcel) {
  if (parcel.before.empty()) return;
  const auto [at, added] = parcels_.try_emplace(written, parcel);
  if (added) return;
  at->second.before |= parcel.before;
  at->second.now |= parcel.now;
}

void Doubts::add(const Step& step, const PacketSet& before) {
  if (!before.empty()) doubts_[{step.chain, step.rule}] |= before;
}

PullBack::PullBack(const Written& written, const Parcel& parcel)
    : parcel_(parcel), fields_(written.fields()) {}

PacketSet PullBack::operator()(const PacketSet& part) const {
  if (fields_.empty() || part.empty()) return part;
  if (part == parcel_.now) return parcel_.before;
  PacketSet any = part;
  for (const PacketField field : fields_) any = any.forget(field);
  return parcel_.before & any;
}

void Passage::add(const Written& written, const Parcel& parcel, const Passage& later) {
  const PullBack pull_back(written, parcel);
  const auto move_to = [&](const Parcels& from, Parcels& to) {
    for (const auto& [more, one] : from.all()) {
      to.add(written.then(more), {.before = pull_back(one.before), .now = one.now});
    }
  };
  move_to(later.accepted, accepted);
  move_to(later.returned, returned);
  move_to(later.going_on, going_on);
  dropped |= pull_back(later.dropped);
  lost |= pull_back(later.lost);
  for (const auto& [step, set] : later.doubts.all()) {
    doubts.add({step.first, step.second}, pull_back(set));
  }
}

}  // namespace firebreak
