#include "boxes.h"

#include <algorithm>
#include <optional>

namespace firebreak {
namespace {

std::optional<Box> meet(const Box& left, const Box& right) {
  Box both;
  for (std::size_t field = 0; field < Box::kFields; ++field) {
    both.first[field] = std::max(left.first[field], right.first[field]);
    both.last[field] = std::min(left.last[field], right.last[field]);
    if (both.first[field] > both.last[field]) return std::nullopt;
  }
  return both;
}

// What of `box` is outside of `hole`, as at most two boxes for each field.
void subtract(Box box, const Box& hole, std::vector<Box>& out) {
  if (!meet(box, hole)) {
    out.push_back(box);
    return;
  }
  for (std::size_t field = 0; field < Box::kFields; ++field) {
    if (box.first[field] < hole.first[field]) {
      out.push_back(box);
      out.back().last[field] = hole.first[field] - 1;
      box.first[field] = hole.first[field];
    }
    if (box.last[field] > hole.last[field]) {
      out.push_back(box);
      out.back().first[field] = hole.last[field] + 1;
      box.last[field] = hole.last[field];
    }
  }
}

}  // namespace

void Boxes::subtract(const Box& box) {
  std::vector<Box> left;
  for (const Box& part : boxes_) firebreak::subtract(part, box, left);
  boxes_ = std::move(left);
}

void Boxes::add(const Boxes& other) {
  for (const Box& box : other.boxes_) {
    Boxes fresh(box);
    for (const Box& known : boxes_) fresh.subtract(known);
    boxes_.insert(boxes_.end(), fresh.boxes_.begin(), fresh.boxes_.end());
  }
}

void Boxes::append(const Boxes& other) {
  boxes_.insert(boxes_.end(), other.boxes_.begin(), other.boxes_.end());
}

Boxes Boxes::meet(const Boxes& other) const {
  Boxes both;
  for (const Box& left : boxes_) {
    for (const Box& right : other.boxes_) {
      if (const auto box = firebreak::meet(left, right)) both.boxes_.push_back(*box);
    }
  }
  return both;
}

double Boxes::count() const {
  double count = 0;
  for (const Box& box : boxes_) {
    double packets = 1;
    for (std::size_t field = 0; field < Box::kFields; ++field) {
      packets *= static_cast<double>(box.last[field] - box.first[field]) + 1;
    }
    count += packets;
  }
  return count;
}

}  // namespace firebreak
