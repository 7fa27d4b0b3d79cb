// Packets that may end in one way only surely end like that, however many rules on the way were not
// known to apply.
#include "filter/outcome.h"

#include <algorithm>
#include <functional>

#include "filter/unions.h"

namespace firebreak {
namespace {

// The part of the parcel that was `before`.
Parcel part_of(const Written& written, const Parcel& parcel, PacketSet before) {
  if (before.empty()) return {};
  if (before == parcel.before) return parcel;
  PacketSet now = before;
  for (const PacketField field : written.fields()) now = now.forget(field);
  return {.before = std::move(before), .now = now & parcel.now};
}

// One field that something was written into: the packets that had it before, if it is one value,
// and how to say that nothing was written.
struct WrittenField {
  std::function<PacketSet(const Written&)> had;
  std::function<void(Written&)> forget;
};

template <class Range>
bool is_single(const std::optional<Range>& range) {
  return range && range->first == range->last;
}

const std::vector<WrittenField>& written_fields() {
  using enum PacketField;
  const auto flag = [](bool Written::* member, PacketField field) {
    return WrittenField{[=](const Written& written) {
                          return written.*member ? PacketSet::flag(field, true) : PacketSet::none();
                        },
                        [=](Written& written) { written.*member = false; }};
  };
  const auto value = [](auto Written::* member, auto set, auto one) {
    return WrittenField{[=](const Written& written) {
                          return one(written.*member) ? set(*(written.*member)) : PacketSet::none();
                        },
                        [=](Written& written) { (written.*member).reset(); }};
  };
  const auto one_address = [](const auto& range) { return is_single(range); };
  const auto any_mark = [](const auto& mark) { return mark.has_value(); };
  static const std::vector<WrittenField> kFields = {
      value(
          &Written::source, [](const AddressRange& to) { return PacketSet::source(to); },
          one_address),
      value(
          &Written::destination, [](const AddressRange& to) { return PacketSet::destination(to); },
          one_address),
      value(
          &Written::source_port, [](const PortRange& to) { return PacketSet::source_port(to); },
          one_address),
      value(
          &Written::destination_port,
          [](const PortRange& to) { return PacketSet::destination_port(to); }, one_address),
      value(
          &Written::mark, [](std::uint32_t to) { return PacketSet::mark(to); }, any_mark),
      value(
          &Written::connection_mark,
          [](std::uint32_t to) { return PacketSet::connection_mark(to); }, any_mark),
      flag(&Written::destination_rewritten, kDestinationRewritten),
      flag(&Written::source_rewritten, kSourceRewritten),
      flag(&Written::untracked, kUntracked),
  };
  return kFields;
}

// Where what was written stood there before, nothing was written: so that packets that took two
// ways to the same end are seen to have one end.
Parcels without_idle_writes(const Parcels& parcels) {
  Parcels out = parcels;
  for (const WrittenField& field : written_fields()) {
    Parcels next;
    for (const auto& [written, parcel] : out.all()) {
      const PacketSet had = parcel.before & field.had(written);
      Written less = written;
      field.forget(less);
      if (!had.empty()) next.add(less, part_of(written, parcel, had));
      next.add(written, part_of(written, parcel, parcel.before - had));
    }
    out = std::move(next);
  }
  return out;
}

// Packets that may be dropped or lost too, or leave in more than one of the parcels.
PacketSet with_several_ends(const Parcels& parcels, const Passage& end) {
  std::vector<PacketSet> ends = {end.dropped, end.lost};
  for (const auto& [written, parcel] : parcels.all()) ends.push_back(parcel.before);
  return in_several(ends);
}

// Takes the packets that were in `before` out of the parcels.
Parcels taken_from(Parcels& parcels, const PacketSet& before) {
  Parcels rest;
  Parcels taken;
  for (const auto& [written, parcel] : parcels.all()) {
    rest.add(written, part_of(written, parcel, parcel.before - before));
    taken.add(written, part_of(written, parcel, parcel.before & before));
  }
  parcels = std::move(rest);
  return taken;
}

void add_branch(HookResult& result, const Written& written, const Parcel& parcel, bool sure) {
  result.accepted.push_back({.before = parcel.before,
                             .after = parcel.now,
                             .rewritten = written.fields(),
                             .to = written.destination,
                             .sure = sure});
}

}  // namespace

HookResult result_of(const Passage& end) {
  HookResult result{.accepted = {}, .dropped = end.dropped, .lost = end.lost, .unknown = {}};
  Parcels parcels;
  for (const auto& [with_nat, parcel] : end.accepted.all()) {
    Written written = with_nat;
    written.by_nat = false;
    parcels.add(written, parcel);
  }
  Parcels unsure;
  PacketSet several;
  if (!end.doubts.empty()) {
    several = with_several_ends(parcels, end);
    unsure = without_idle_writes(taken_from(parcels, several));
    several = several & with_several_ends(unsure, end);
    const Parcels sure_after_all = taken_from(unsure, ~several);
    for (const auto& [written, parcel] : sure_after_all.all()) parcels.add(written, parcel);
  }
  for (const auto& [written, parcel] : parcels.all()) add_branch(result, written, parcel, true);
  for (const auto& [written, parcel] : unsure.all()) add_branch(result, written, parcel, false);
  result.dropped -= several;
  const PacketSet not_sure = several | end.lost;
  for (const auto& [step, before] : end.doubts.all()) {
    if (before.overlaps(not_sure)) result.unknown.push_back({step.first, step.second});
  }
  return result;
}

}  // namespace firebreak
