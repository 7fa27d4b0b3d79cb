#include "probe/budget.h"

#include <algorithm>
#include <charconv>
#include <string>

namespace firebreak {

bool EntryBudget::room(Time now) {
  while (!silent_.empty() && silent_.front() <= now) silent_.pop_front();
  return held() < limit_;
}

std::optional<EntryBudget::Time> EntryBudget::room_at() const {
  if (silent_.empty()) return std::nullopt;
  return silent_.front();
}

void EntryBudget::ended(bool answered, Time sent_at) {
  --under_way_;
  if (!answered) silent_.push_back(sent_at + kHeld);
}

std::optional<std::size_t> careful_limit(Files& files) {
  constexpr std::size_t kLongest = 64;
  constexpr std::size_t kShare = 10;
  const auto text = files.read("/proc/sys/net/netfilter/nf_conntrack_max", kLongest);
  if (!text) return std::nullopt;
  std::size_t entries = 0;
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), entries);
  if (parsed.ec != std::errc()) return std::nullopt;
  return std::max<std::size_t>(entries / kShare, 1);
}

}  // namespace firebreak
