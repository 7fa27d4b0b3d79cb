// Gaps of one host: what could not be seen, in which words, and which findings need it.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "snapshot/snapshot.h"

namespace firebreak {

// What a request asks for. Each has a row in the table that says which finding codes need it.
enum class GapSubject : std::uint8_t {
  kHost,
  kInfo,
  kContainers,
  kContainer,
  kNetworks,
  kVolumes,
  kImages,
  kImageGone,
  kServices,
  kTasks,
  kNodes,
  kSecretNames,
  kCompose,
  kComposeValues,
};

[[nodiscard]] std::vector<std::string> needed_by(GapSubject subject);

// A gap on the host of that name.
[[nodiscard]] Gap make_gap(GapSubject subject, std::string what, std::string why, std::string host);

// An error in the words of a gap: what happened, and the remedy if there is one.
[[nodiscard]] std::string why_of(const Error& error);

// Collects a host's gaps. After the twentieth of a subject only their number is told.
class GapList {
 public:
  explicit GapList(std::string host) : host_(std::move(host)) {}

  void add(GapSubject subject, std::string what, std::string why);
  [[nodiscard]] bool empty() const { return gaps_.empty(); }
  // All of them, in canonical order, each once. The list is empty afterwards.
  [[nodiscard]] std::vector<Gap> take();

 private:
  struct Overflow {
    std::size_t count = 0;
    std::string why;  // of the first that was not listed
  };

  std::string host_;
  std::vector<Gap> gaps_;
  std::map<GapSubject, std::size_t> seen_;
  std::map<GapSubject, Overflow> overflow_;
};

}  // namespace firebreak
