// A machine as a script, and one whose n-th outside call fails: for tests, as io/scripted.h.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "io/machine.h"
#include "io/scripted.h"

namespace firebreak {

// Answers by request; anything else is kUnsupported.
class ScriptedNetlink : public Netlink {
 public:
  void answer(NetlinkRequest request, Result<std::string> messages) {
    answers_.insert_or_assign(std::move(request), std::move(messages));
  }
  [[nodiscard]] Result<std::string> dump(const NetlinkRequest& request) override;

 private:
  std::map<NetlinkRequest, Result<std::string>> answers_;
};

// Has none: what sends probes has a script of its own (probe/testing.h).
class ScriptedSockets : public Sockets {
 public:
  [[nodiscard]] Result<std::unique_ptr<ProbeSockets>> probes() override;
};

struct ScriptedNamespace {
  std::uint64_t inode = 0;
  ScriptedNetlink netlink;
  ScriptedFiles files;
  ScriptedProcesses processes;
  ScriptedSockets sockets;
};

// Namespaces and links by their paths; `seen_by` does not count.
class ScriptedMachine : public Machine {
 public:
  bool root = true;
  std::map<std::string, int> listeners;  // socket path: process
  std::map<std::string, std::string> links;
  std::map<std::string, ScriptedNamespace> namespaces;

  [[nodiscard]] bool is_root() override { return root; }
  [[nodiscard]] Result<int> listener(const std::string& socket_path) override;
  [[nodiscard]] Result<std::string> link_target(const std::string& path) override;
  [[nodiscard]] Result<void> enter(const NamespacePlace& place,
                                   const std::function<void(NamespaceView&)>& visit) override;
};

// Passes every call on, those inside a namespace too, except the one that the fault strikes.
class FailingMachine : public Machine {
 public:
  FailingMachine(Machine& inner, Fault& fault) : inner_(inner), fault_(fault) {}
  [[nodiscard]] bool is_root() override { return inner_.is_root(); }
  [[nodiscard]] Result<int> listener(const std::string& socket_path) override;
  [[nodiscard]] Result<std::string> link_target(const std::string& path) override;
  [[nodiscard]] Result<void> enter(const NamespacePlace& place,
                                   const std::function<void(NamespaceView&)>& visit) override;

 private:
  Machine& inner_;
  Fault& fault_;
};

}  // namespace firebreak
