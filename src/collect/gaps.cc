#include "collect/gaps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace firebreak {

namespace {

using Codes = std::span<const std::string_view>;

// All codes that a snapshot alone decides, sorted.
constexpr std::array<std::string_view, 18> kAll = {
    "AUD002",  "CRED001", "CRED005", "CRED006", "DATA006", "DATA007",
    "HOST001", "HOST002", "HOST003", "HOST004", "HOST005", "NET001",
    "NET004",  "NET005",  "NET006",  "NET007",  "REG002",  "REG004"};
// User namespaces, rootless, authorization plugins, br_netfilter, the Swarm.
constexpr std::array<std::string_view, 4> kInfo = {"HOST001", "HOST002", "HOST005", "NET006"};
constexpr std::array<std::string_view, 4> kNetworks = {"NET001", "NET004", "NET006", "NET007"};
constexpr std::array<std::string_view, 1> kVolumes = {"HOST003"};
// Without the image's own variables a shared value may be the image's.
constexpr std::array<std::string_view, 6> kImages = {"CRED001", "CRED005", "CRED006",
                                                     "DATA006", "REG002",  "REG004"};
// Too many findings are possible, none is hidden: a note, not a hole.
constexpr std::array<std::string_view, 1> kNote = {"AUD002"};
constexpr std::array<std::string_view, 1> kNodes = {"HOST001"};
constexpr std::array<std::string_view, 1> kSecretNames = {"CRED001"};

Codes codes_for(Subject subject) {
  switch (subject) {
    case Subject::kInfo: return kInfo;
    case Subject::kNetworks: return kNetworks;
    case Subject::kVolumes: return kVolumes;
    case Subject::kImages: return kImages;
    case Subject::kImageGone:
    case Subject::kTasks: return kNote;
    case Subject::kNodes: return kNodes;
    case Subject::kSecretNames: return kSecretNames;
    case Subject::kHost:
    case Subject::kContainers:
    case Subject::kContainer:
    case Subject::kServices:
    case Subject::kCompose: break;
  }
  return kAll;
}

std::string_view plural(Subject subject) {
  switch (subject) {
    case Subject::kContainer: return "containers";
    case Subject::kNetworks: return "networks";
    case Subject::kImages:
    case Subject::kImageGone: return "images";
    default: return "answers";
  }
}

}  // namespace

std::vector<std::string> needed_by(Subject subject) {
  const Codes codes = codes_for(subject);
  return {codes.begin(), codes.end()};
}

Gap make_gap(Subject subject, std::string what, std::string why, std::string host) {
  return {std::move(what), std::move(why), std::move(host), needed_by(subject)};
}

std::string why_of(const Error& error) {
  return error.remedy.empty() ? error.what : error.what + " (" + error.remedy + ")";
}

void GapList::add(Subject subject, std::string what, std::string why) {
  constexpr std::size_t kListed = 20;
  if (++seen_[subject] <= kListed) {
    gaps_.push_back(make_gap(subject, std::move(what), std::move(why), host_));
    return;
  }
  Overflow& overflow = overflow_[subject];
  if (overflow.count++ == 0) overflow.why = std::move(why);
}

std::vector<Gap> GapList::take() {
  for (const auto& [subject, overflow] : overflow_) {
    gaps_.push_back(make_gap(subject,
                             fmt::format("inspect of {} more {}", overflow.count, plural(subject)),
                             overflow.why, host_));
  }
  overflow_.clear();
  seen_.clear();
  std::ranges::sort(gaps_);
  const auto repeated = std::ranges::unique(gaps_);
  gaps_.erase(repeated.begin(), repeated.end());
  return std::exchange(gaps_, {});
}

}  // namespace firebreak
