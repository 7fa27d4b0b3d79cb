// Unix and TCP sockets.
#include "io/socket_wire.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "base/text.h"
#include "io/os_error.h"
#include "io/transport.h"

namespace firebreak {
namespace {

using asio::ip::tcp;
using asio::local::stream_protocol;

class UnixWire : public SocketWire<stream_protocol> {
 public:
  UnixWire(std::string path, std::string where)
      : SocketWire(std::move(where)), path_(std::move(path)) {}

  Result<void> open(Deadline deadline) override {
    if (path_.empty() || path_.size() >= sizeof(sockaddr_un::sun_path)) {
      return fail(ErrorKind::kUsage, "a socket's path must have 1 to 107 bytes", where_,
                  "reach it through a shorter link");
    }
    const WaitOutcome outcome = await(
        context_, deadline,
        [&](auto done) {
          socket_.async_connect(stream_protocol::endpoint(path_), std::move(done));
        },
        [&] { close(); });
    if (!outcome.error) return {};
    close();
    return std::unexpected(explain(outcome.error));
  }

 private:
  [[nodiscard]] Error explain(const boost::system::error_code& error) const {
    switch (error.value()) {
      case ENOENT:
      case ENOTDIR:
        return {
            ErrorKind::kUnreachable, "no such socket", where_,
            "is Docker running? if its socket is elsewhere, name it with --host or DOCKER_HOST"};
      case ECONNREFUSED:
      case ENOTSOCK:
        return {ErrorKind::kUnreachable, "nobody listens on the socket", where_,
                "is Docker running?"};
      case EACCES:
      case EPERM:
        return {ErrorKind::kDenied, "permission denied on the socket", where_,
                "run as root, or as a member of the group that owns it (usually docker)"};
      default: return connection_error(error, where_);
    }
  }

  std::string path_;
};

class TcpWire : public SocketWire<tcp> {
 public:
  TcpWire(std::string host, std::string port, std::string where)
      : SocketWire(std::move(where)), host_(std::move(host)), port_(std::move(port)) {}

  Result<void> open(Deadline deadline) override {
    return connect_tcp(context_, socket_, host_, port_, deadline, where_);
  }

 private:
  std::string host_;
  std::string port_;
};

Error connect_error(const boost::system::error_code& error, const std::string& where) {
  switch (error.value()) {
    case ECONNREFUSED:
      return {ErrorKind::kUnreachable, "connection refused", where,
              "does the engine listen on this address and port?"};
    case EHOSTUNREACH:
    case ENETUNREACH:
      return {ErrorKind::kUnreachable, os_words(error.value()), where,
              "check the address, the routes and the firewalls between"};
    case ETIMEDOUT:
      return {ErrorKind::kUnreachable, "no connection: nobody answered in time", where,
              "check the address, and the firewalls between"};
    default: return connection_error(error, where);
  }
}

}  // namespace

Error connection_error(const boost::system::error_code& error, const std::string& where) {
  const std::string words = error.category() == boost::system::system_category()
                                ? os_words(error.value())
                                : error.message();
  return {ErrorKind::kUnreachable, "the connection was lost: " + words, where, {}};
}

bool is_quiet(int socket) {
  char byte = 0;
  return ::recv(socket, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
         (errno == EAGAIN || errno == EWOULDBLOCK);
}

Result<void> connect_tcp(asio::io_context& context, tcp::socket& socket, const std::string& host,
                         const std::string& port, Deadline deadline, const std::string& where) {
  const auto endpoints = TRY(resolve(host, port, deadline, where));
  Error last;
  for (std::size_t i = 0; i < endpoints.size(); ++i) {
    const auto now = std::chrono::steady_clock::now();
    const auto share = (deadline - now) / static_cast<int>(endpoints.size() - i);
    const WaitOutcome outcome = await(
        context, now + share,
        [&](auto done) { socket.async_connect(endpoints[i], std::move(done)); },
        [&] {
          boost::system::error_code ignored;
          socket.close(ignored);
        });
    if (!outcome.error) {
      boost::system::error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      return {};
    }
    boost::system::error_code ignored;
    socket.close(ignored);
    last = connect_error(outcome.error, where);
  }
  return std::unexpected(last);
}

std::unique_ptr<HttpClient> unix_client(std::string socket_path, HttpLimits limits) {
  const std::string where = "unix://" + printable(socket_path);
  return http_over(std::make_unique<UnixWire>(std::move(socket_path), where), where, "docker",
                   limits);
}

std::unique_ptr<HttpClient> tcp_client(std::string host, std::string port, HttpLimits limits) {
  const std::string authority = authority_of(host, port);
  const std::string where = "tcp://" + printable(authority);
  return http_over(std::make_unique<TcpWire>(std::move(host), std::move(port), where), where,
                   authority, limits);
}

}  // namespace firebreak
