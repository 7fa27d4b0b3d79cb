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

Codes codes_for(GapSubject subject) {
  switch (subject) {
    case GapSubject::kInfo: return kInfo;
    case GapSubject::kNetworks: return kNetworks;
    case GapSubject::kVolumes: return kVolumes;
    case GapSubject::kImages:
    case GapSubject::kComposeValues: return kImages;  // a value may be a secret, a host, a tag
    case GapSubject::kImageGone:
    case GapSubject::kTasks: return kNote;
    case GapSubject::kNodes: return kNodes;
    case GapSubject::kSecretNames: return kSecretNames;
    case GapSubject::kHost:
    case GapSubject::kContainers:
    case GapSubject::kContainer:
    case GapSubject::kServices:
    case GapSubject::kCompose: break;
  }
  return kAll;
}

std::string_view plural(GapSubject subject) {
  switch (subject) {
    case GapSubject::kContainer: return "containers";
    case GapSubject::kNetworks: return "networks";
    case GapSubject::kImages:
    case GapSubject::kImageGone: return "images";
    default: return "answers";
  }
}

}  // namespace

std::vector<std::string> needed_by(GapSubject subject) {
  const Codes codes = codes_for(subject);
  return {codes.begin(), codes.end()};
}

Gap make_gap(GapSubject subject, std::string what, std::string why, std::string host) {
  return {std::move(what), std::move(why), std::move(host), needed_by(subject)};
}

std::string why_of(const Error& error) {
  return error.remedy.empty() ? error.what : error.what + " (" + error.remedy + ")";
}

void GapList::add(GapSubject subject, std::string what, std::string why) {
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
