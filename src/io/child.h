// A program that we started, as the leader of a process group of its own. No shell is involved.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace firebreak {

// Owns the process: the destructor kills the whole group and reaps it, so nothing is left behind.
class Child {
 public:
  // Starts argv[0] (looked up in PATH) with these descriptors as 0, 1 and 2; the caller still owns
  // and closes them. No other descriptor is passed on, provided that all are close-on-exec.
  // kUnsupported if there is no such program.
  [[nodiscard]] static Result<Child> start(const std::vector<std::string>& argv, int in, int out,
                                           int err);

  Child(Child&& other) noexcept;
  Child& operator=(Child&& other) noexcept;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() { kill(); }

  // The exit code (128 + N for a signal) once it has ended; never waits. What it left running in
  // its group is killed then.
  [[nodiscard]] std::optional<int> ended();
  // Kills the group and waits for the leader. Does nothing the second time.
  void kill();

 private:
  explicit Child(pid_t pid) : pid_(pid) {}
  int reap();

  pid_t pid_ = -1;  // -1: reaped or moved from
  std::optional<int> code_;
};

}  // namespace firebreak
