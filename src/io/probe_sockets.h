// Single packets that ask whether a way is open, sent from a network namespace, and what came of
// them. Only sending and telling: how many, how fast and how often is decided in probe/probe.h.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/ip.h"

namespace firebreak {

enum class ProbeProtocol : std::uint8_t { kTcp, kUdp, kEcho };  // kEcho: ICMP and ICMPv6

struct ProbeTarget {
  ProbeProtocol protocol = ProbeProtocol::kTcp;
  std::optional<IpAddress> source = {};  // nullopt: the kernel chooses. Of the destination's family
  IpAddress destination = {};
  Port port = {};  // means nothing for kEcho
  friend auto operator<=>(const ProbeTarget&, const ProbeTarget&) = default;
};

enum class ProbeOutcome : std::uint8_t {
  kAnswered,  // TCP: connected, and a word came if one was asked for; UDP, echo: an answer came
  kMute,      // TCP: connected, but the word that was asked for did not come in time
  kClosed,    // TCP: connected, and closed by the other side before a word came
  kReset,     // TCP: a reset came: whoever sent it was reached, and nothing listens (or it rejects)
  kProhibited,   // ICMP says that a rule forbids it
  kUnreachable,  // ICMP says something else: no such port, host, network; too many hops
  kSilence,      // nothing came: dropped, or nobody is there, or UDP that is never answered
  kNoRoute,      // not sent: this namespace has no route to the destination
  kNoSource,     // not sent: the source is no address of this namespace
  kLocalError,   // not sent: refused by this machine for another reason, as `error` says
};

struct IcmpError {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  IpAddress from = {};  // who says so
  friend auto operator<=>(const IcmpError&, const IcmpError&) = default;
};

struct ProbeResult {
  ProbeOutcome outcome = ProbeOutcome::kSilence;
  std::optional<IcmpError> icmp = {};  // with kProhibited and kUnreachable
  std::string word = {};               // what came, at most 512 bytes: foreign bytes
  int error = 0;                       // an errno, with kLocalError
  friend auto operator<=>(const ProbeResult&, const ProbeResult&) = default;
};

struct ProbeEvent {
  std::uint32_t id = 0;
  ProbeResult result;
};

// All probes that are under way in one namespace. Belongs to one thread.
class ProbeSockets {
 public:
  using Time = std::chrono::steady_clock::time_point;

  virtual ~ProbeSockets() = default;
  // Sends. What becomes of it, failures too, is told by `wait`. `id`: not under way already.
  // `payload`: what UDP and echo carry, 1 to 512 bytes. `word`: TCP waits for the other side to
  // speak first. A TCP connection ends with a reset, so that nothing is kept of it.
  virtual void start(std::uint32_t id, const ProbeTarget& target, std::string_view payload,
                     bool word) = 0;
  // Ends a probe that is under way: kSilence or kMute.
  [[nodiscard]] virtual ProbeResult give_up(std::uint32_t id) = 0;
  // Waits until something came, but no longer than that, and adds it to `events`; those probes are
  // not under way any more.
  [[nodiscard]] virtual Result<void> wait(std::chrono::milliseconds longest,
                                          std::vector<ProbeEvent>& events) = 0;
  [[nodiscard]] virtual Time now() = 0;
};

// The sockets of a network namespace.
class Sockets {
 public:
  virtual ~Sockets() = default;
  // To be used by the thread that asks, while it is in the namespace. kDenied without the right to
  // raw sockets, which tell which ICMP message came from whom.
  [[nodiscard]] virtual Result<std::unique_ptr<ProbeSockets>> probes() = 0;
};

// Those of the network namespace that the calling thread is in.
[[nodiscard]] std::unique_ptr<Sockets> real_sockets();

}  // namespace firebreak
