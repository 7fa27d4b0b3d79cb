// What is thrown when packet sets outgrow their space.
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "base/error.h"

namespace firebreak {

// Thrown when an operation needs more nodes than the space may have, or a list has more parts than
// it may list. An exception, because an operator has no other way out, and an empty set in its
// place would say "no packet". `within_space` (packet/space.h) makes a Result of it. All sets made
// before it was thrown keep their meaning, and the space can be used on.
class PacketSpaceFull : public std::exception {
 public:
  explicit PacketSpaceFull(Error error) : error_(std::move(error)), text_(error_.text()) {}
  [[nodiscard]] const Error& error() const { return error_; }
  [[nodiscard]] const char* what() const noexcept override { return text_.c_str(); }

 private:
  Error error_;
  std::string text_;
};

}  // namespace firebreak
