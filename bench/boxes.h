// The obvious way to hold sets of packets, as the baseline of packet_bench: a list of disjoint
// boxes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/ip.h"

namespace firebreak {

// IPv4 only: source, destination, protocol, source port, destination port; both ends included.
struct Box {
  static constexpr std::size_t kFields = 5;
  std::array<std::uint32_t, kFields> first{};
  std::array<std::uint32_t, kFields> last{0xFFFFFFFF, 0xFFFFFFFF, 255, 65535, 65535};
};

class Boxes {
 public:
  Boxes() = default;
  explicit Boxes(const Box& box) : boxes_{box} {}

  void subtract(const Box& box);
  void add(const Boxes& other);
  void append(const Boxes& other);  // one that is known to be disjoint
  [[nodiscard]] Boxes meet(const Boxes& other) const;
  [[nodiscard]] std::size_t size() const { return boxes_.size(); }
  [[nodiscard]] double count() const;  // packets

 private:
  std::vector<Box> boxes_;
};

}  // namespace firebreak
