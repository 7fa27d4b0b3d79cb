#include "io/scripted_machine.h"

namespace firebreak {
namespace {

class FailingNetlink : public Netlink {
 public:
  FailingNetlink(Netlink& inner, Fault& fault) : inner_(inner), fault_(fault) {}
  Result<std::string> dump(const NetlinkRequest& request) override {
    if (!fault_.strikes()) return inner_.dump(request);
    if (auto error = error_of(fault_, "netlink")) return std::unexpected(*std::move(error));
    std::string messages = TRY(inner_.dump(request));
    damage(messages, fault_);
    return messages;
  }

 private:
  Netlink& inner_;
  Fault& fault_;
};

// What has no body to be damaged fails in any case.
Error any_error(const Fault& fault, const std::string& where) {
  return error_of(fault, where).value_or(Error{ErrorKind::kIo, "input/output error", where, {}});
}

}  // namespace

Result<std::string> ScriptedNetlink::dump(const NetlinkRequest& request) {
  const auto found = answers_.find(request);
  if (found == answers_.end()) return fail(ErrorKind::kUnsupported, "no such list", "netlink");
  return found->second;
}

Result<std::unique_ptr<ProbeSockets>> ScriptedSockets::probes() {
  return fail(ErrorKind::kUnsupported, "no raw sockets", "raw socket");
}

Result<int> ScriptedMachine::listener(const std::string& socket_path) {
  const auto found = listeners.find(socket_path);
  if (found == listeners.end()) return fail(ErrorKind::kUnreachable, "refused", socket_path);
  return found->second;
}

Result<std::string> ScriptedMachine::link_target(const std::string& path) {
  const auto found = links.find(path);
  if (found == links.end()) return fail(ErrorKind::kIo, "no such file or directory", path);
  return found->second;
}

Result<void> ScriptedMachine::enter(const NamespacePlace& place,
                                    const std::function<void(NamespaceView&)>& visit) {
  const auto found = namespaces.find(place.path);
  if (found == namespaces.end()) {
    return fail(ErrorKind::kIo, "no such file or directory", place.path);
  }
  ScriptedNamespace& inside = found->second;
  NamespaceView view{inside.inode, inside.netlink, inside.files, inside.processes, inside.sockets};
  visit(view);
  return {};
}

Result<int> FailingMachine::listener(const std::string& socket_path) {
  if (fault_.strikes()) return std::unexpected(any_error(fault_, socket_path));
  return inner_.listener(socket_path);
}

Result<std::string> FailingMachine::link_target(const std::string& path) {
  if (fault_.strikes()) return std::unexpected(any_error(fault_, path));
  return inner_.link_target(path);
}

Result<void> FailingMachine::enter(const NamespacePlace& place,
                                   const std::function<void(NamespaceView&)>& visit) {
  if (fault_.strikes()) return std::unexpected(any_error(fault_, place.path));
  return inner_.enter(place, [&](NamespaceView& view) {
    FailingNetlink netlink(view.netlink, fault_);
    FailingFiles files(view.files, fault_);
    FailingProcesses processes(view.processes, fault_);
    NamespaceView failing{view.inode, netlink, files, processes, view.sockets};
    visit(failing);
  });
}

}  // namespace firebreak
