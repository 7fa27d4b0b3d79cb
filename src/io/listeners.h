// Listeners that stand in network namespaces for a while, so that a closed door can be told from a
// door behind which nobody is.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/ip.h"
#include "io/machine.h"
#include "io/probe_sockets.h"

namespace firebreak {

struct ListenAt {
  ProbeProtocol protocol = ProbeProtocol::kTcp;  // or kUdp
  std::optional<IpAddress> address = {};         // nullopt: every address of both families
  Port port = {};
  friend auto operator<=>(const ListenAt&, const ListenAt&) = default;
};

// A connection or a datagram that came in; also what was sent to whom cannot answer.
struct Reception {
  std::string listener;  // the name that its listener was given
  ProbeProtocol protocol = ProbeProtocol::kTcp;
  IpAddress address;  // where it arrived, as the receiver sees it
  Port port;
  IpAddress peer;  // from where, as the receiver sees it
  Port peer_port;
  std::string payload;  // of a datagram, at most 512 bytes: foreign bytes
  friend auto operator<=>(const Reception&, const Reception&) = default;
};

// Answers every connection and every datagram with one line, "NAME ADDRESS PORT PEER PEERPORT", as
// it sees them; a datagram's payload follows behind a blank. Answers leave from the address that
// was asked. One thread of its own serves all namespaces; the functions may be called from any
// thread. All sockets are closed by the destructor, and by the kernel if the process dies.
class TemporaryListeners {
 public:
  TemporaryListeners();
  ~TemporaryListeners();
  TemporaryListeners(const TemporaryListeners&) = delete;
  TemporaryListeners& operator=(const TemporaryListeners&) = delete;

  // Opens them in that namespace. Where somebody has a port on one address only, the port is opened
  // on the rest of `addresses`, the namespace's own. Returned: the ones that could not be opened,
  // because somebody has them or there is no such address.
  [[nodiscard]] Result<std::vector<ListenAt>> open(Machine& machine, const NamespacePlace& place,
                                                   const std::string& name,
                                                   std::span<const ListenAt> wanted,
                                                   std::span<const IpAddress> addresses);
  // What arrived since the last call, in this order; at most a million are kept.
  [[nodiscard]] std::vector<Reception> arrivals();

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

}  // namespace firebreak
