// One network namespace, read from inside.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "io/machine.h"
#include "snapshot/kernel.h"

namespace firebreak {

// What is said of everything that is not tried any more.
inline constexpr std::string_view kStopped = "the kernel stopped answering";

// How the calls into the kernel went. After two that ran into their time limit nothing more is
// tried: a machine in that state is better left alone.
class Patience {
 public:
  [[nodiscard]] bool lost() const { return timeouts_ >= 2; }
  void note(const Error& error) {
    if (error.kind == ErrorKind::kUnreachable) ++timeouts_;
  }

 private:
  int timeouts_ = 0;
};

// A namespace that is being read, from inside.
struct Reading {
  NamespaceView& view;
  Patience& patience;
  NetNamespace state;

  // Notes what could not be read.
  void miss(std::string what, const Error& error) {
    patience.note(error);
    state.unread.push_back({std::move(what), error.what});
  }
};

// What Unread calls the list without which the rest says little.
inline constexpr std::string_view kInterfaces = "interfaces";

// Everything. Never fails: what cannot be read is in `unread`.
[[nodiscard]] NetNamespace read_namespace(NamespaceView& view, Patience& patience);

// The settings that say how packets are forwarded, of the namespace as a whole and of each
// interface that is no bridge's port. One that this kernel does not have is left out.
void read_sysctls(Reading& reading);

// The rules of iptables, nftables and ipset. A tool is run only where the kernel has something for
// it to print.
void read_filters(Reading& reading);

}  // namespace firebreak
