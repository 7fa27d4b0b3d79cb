// Little servers for the tests of this folder: real sockets, scripted conversations.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>

#include "base/check.h"
#include "io/descriptor.h"
#include "io/http.h"

namespace firebreak::testing_io {

using namespace std::chrono_literals;

inline constexpr HttpLimits kLimits{5s, 1U << 20U};

// One accepted connection, seen from the server.
class Conversation {
 public:
  explicit Conversation(int fd) : fd_(fd) {}

  // The next request's head, or "" when the client has gone.
  std::string request() {
    while (!pending_.contains("\r\n\r\n")) {
      char buffer[4096];
      const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
      if (got <= 0) return {};
      pending_.append(buffer, static_cast<std::size_t>(got));
    }
    const std::size_t end = pending_.find("\r\n\r\n") + 4;
    std::string head = pending_.substr(0, end);
    pending_.erase(0, end);
    return head;
  }
  // False when the client has gone.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t put = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (put <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(put));
    }
    return true;
  }
  // Byte by byte until the client has gone.
  void drip(std::string_view bytes, std::chrono::milliseconds pause) {
    for (const char byte : bytes) {
      if (!send({&byte, 1})) return;
      std::this_thread::sleep_for(pause);
    }
  }
  void end_sending() { ::shutdown(fd_, SHUT_WR); }
  // Ends the connection with a reset.
  void reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  // Swallows what comes until the client closes.
  void wait_until_left() {
    char buffer[4096];
    while (::recv(fd_, buffer, sizeof buffer, 0) > 0) {
    }
  }
  [[nodiscard]] int fd() const { return fd_; }

 private:
  int fd_;
  std::string pending_;
};

inline std::string ok(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nApi-Version: 1.41\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + std::string(body);
}

// Listens on 127.0.0.1, or on a unix socket, and gives one connection after the other to `script`,
// which runs in a thread of its own and must end when the client goes.
class Server {
 public:
  using Script = std::function<void(Conversation&)>;

  explicit Server(Script script) : script_(std::move(script)) {
    listening_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    CHECK(::bind(listening_.get(), any, size) == 0);
    CHECK(::getsockname(listening_.get(), any, &size) == 0);
    port_ = std::to_string(ntohs(address.sin_port));
    start();
  }
  Server(const std::string& path, Script script) : script_(std::move(script)) {
    listening_.reset(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    CHECK(path.size() < sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    CHECK(::bind(listening_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    start();
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  ~Server() {
    ::shutdown(listening_.get(), SHUT_RDWR);
    thread_.join();
  }

  [[nodiscard]] const std::string& port() const { return port_; }
  [[nodiscard]] int connections() const { return connections_; }

 private:
  void start() {
    CHECK(::listen(listening_.get(), 16) == 0);
    thread_ = std::thread([this] {
      for (;;) {
        const Descriptor accepted(::accept4(listening_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        if (!accepted) return;
        ++connections_;
        Conversation conversation(accepted.get());
        script_(conversation);
      }
    });
  }

  Script script_;
  Descriptor listening_;
  std::string port_;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

// A folder that is gone at the end of the scope.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    path_ = (std::filesystem::temp_directory_path() / "firebreak-XXXXXX").string();
    CHECK(::mkdtemp(path_.data()) != nullptr);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  [[nodiscard]] std::string operator/(std::string_view name) const {
    return path_ + "/" + std::string(name);
  }
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace firebreak::testing_io
