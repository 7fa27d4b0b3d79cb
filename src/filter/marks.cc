#include "filter/marks.h"

#include "base/check.h"
#include "packet/rewrite.h"
#include "rules/rewrite.h"

namespace firebreak {
namespace {

constexpr int kMostValues = 64;

// Adds packets that all get this mark. Those that have it already are not written to.
void mark_all(const PacketSet& packets, std::uint32_t value, bool connection, Passage& out) {
  const PacketSet same =
      packets & (connection ? PacketSet::connection_mark(value) : PacketSet::mark(value));
  const PacketSet other = packets - same;
  out.going_on.add({}, {.before = same, .now = same});
  Written written;
  (connection ? written.connection_mark : written.mark) = value;
  PacketRewrite rewrite;
  connection ? rewrite.connection_mark(value) : rewrite.mark(value);
  out.going_on.add(written, {.before = other, .now = other.rewritten(rewrite)});
}

// The marks after the action, of packets that have the marks of `header`.
Packet after(const Action& action, const PacketHeader& header) {
  Packet packet;
  packet.mark = header.mark;
  packet.connection_mark = header.connection_mark;
  if (const auto* const set = std::get_if<SetMark>(&action)) set_mark(*set, true, packet);
  if (const auto* const copy = std::get_if<CopyMark>(&action)) copy_mark(*copy, true, packet);
  return packet;
}

bool writes_connection(const Action& action) {
  if (const auto* const set = std::get_if<SetMark>(&action)) return set->connection;
  const auto* const copy = std::get_if<CopyMark>(&action);
  CHECK(copy != nullptr);
  return copy->to_connection;
}

void untrack(const PacketSet& packets, Passage& out) {
  const PacketSet same = packets & PacketSet::flag(PacketField::kUntracked, true);
  const PacketSet other = packets - same;
  out.going_on.add({}, {.before = same, .now = same});
  Written written;
  written.untracked = true;
  out.going_on.add(written,
                   {.before = other, .now = other.with_flag(PacketField::kUntracked, true)});
}

}  // namespace

Passage written_by(const Action& action, const Step& step, const PacketSet& packets) {
  Passage out;
  if (std::holds_alternative<NoTrack>(action)) {
    untrack(packets, out);
    return out;
  }
  const bool connection = writes_connection(action);
  const auto* const set = std::get_if<SetMark>(&action);
  const auto* const copy = std::get_if<CopyMark>(&action);
  const std::uint32_t mask = set != nullptr ? set->mask : copy->mask;
  const bool whole = mask == 0xFFFFFFFF;
  PacketSet left = packets;
  for (int i = 0; i < kMostValues && !left.empty(); ++i) {
    const PacketHeader header = *left.smallest();
    PacketSet alike = left;
    const bool of_packet = copy != nullptr ? connection || !whole : !connection && !whole;
    const bool of_connection = copy != nullptr ? !connection || !whole : connection && !whole;
    if (of_packet) alike &= PacketSet::mark(header.mark);
    if (of_connection) alike &= PacketSet::connection_mark(header.connection_mark);
    const Packet changed = after(action, header);
    mark_all(alike, connection ? changed.connection_mark : changed.mark, connection, out);
    left -= alike;
  }
  out.lost = left;
  out.doubts.add(step, left);
  return out;
}

}  // namespace firebreak
