// What the wires over Asio sockets have in common. Included by .cc files of this folder only.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "io/asio.h"
#include "io/resolve.h"
#include "io/wire.h"

namespace firebreak {

// What went wrong on an open connection, in words; the kind is kUnreachable.
[[nodiscard]] Error connection_error(const boost::system::error_code& error,
                                     const std::string& where);

// Nothing to read on this socket and not at its end.
[[nodiscard]] bool is_quiet(int socket);

// Writing all of `bytes` to, and reading some from, an Asio stream under a deadline. `cancel`
// closes its socket.
template <class Stream, class Cancel>
WaitOutcome write_stream(asio::io_context& context, Stream& stream, std::string_view bytes,
                         Deadline deadline, Cancel cancel) {
  return await(
      context, deadline,
      [&](auto done) { asio::async_write(stream, asio::buffer(bytes), std::move(done)); }, cancel);
}

template <class Stream, class Cancel>
WaitOutcome read_stream(asio::io_context& context, Stream& stream, std::span<char> into,
                        Deadline deadline, Cancel cancel) {
  return await(
      context, deadline,
      [&](auto done) {
        stream.async_read_some(asio::buffer(into.data(), into.size()), std::move(done));
      },
      cancel);
}

// The wire over a plain socket, except for opening it.
template <class Protocol>
class SocketWire : public Wire {
 public:
  explicit SocketWire(std::string where) : where_(std::move(where)) {}

  Result<void> write(std::string_view bytes, Deadline deadline) override {
    const WaitOutcome outcome =
        write_stream(context_, socket_, bytes, deadline, [this] { close_socket(); });
    if (outcome.error) return std::unexpected(connection_error(outcome.error, where_));
    return {};
  }
  Result<std::size_t> read(std::span<char> into, Deadline deadline) override {
    const WaitOutcome outcome =
        read_stream(context_, socket_, into, deadline, [this] { close_socket(); });
    if (outcome.error == asio::error::eof) return std::size_t{0};
    if (outcome.error) return std::unexpected(connection_error(outcome.error, where_));
    return outcome.bytes;
  }
  bool quiet() override { return is_quiet(socket_.native_handle()); }
  void close() override { close_socket(); }

 protected:
  void close_socket() {
    boost::system::error_code ignored;
    socket_.close(ignored);
  }

  std::string where_;
  asio::io_context context_{1};
  typename Protocol::socket socket_{context_};
};

// Connects `socket` to the first address that answers; each has an equal share of the time that is
// left, so that one that swallows packets does not take it all.
[[nodiscard]] Result<void> connect_tcp(asio::io_context& context, asio::ip::tcp::socket& socket,
                                       const std::string& host, const std::string& port,
                                       Deadline deadline, const std::string& where);

}  // namespace firebreak
