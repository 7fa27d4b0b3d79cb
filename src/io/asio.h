// The only way to Boost.Asio (with asio_ssl.h): compiled once (asio_impl.cc), so that the files
// that use it compile fast. Included by .cc files of this folder only.
#pragma once

#define BOOST_ASIO_SEPARATE_COMPILATION
// Every io_context here is private to the thread that uses it, and ThreadSanitizer does not
// understand fences.
#define BOOST_ASIO_DISABLE_FENCED_BLOCK
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <optional>

namespace firebreak {

namespace asio = boost::asio;
using Deadline = std::chrono::steady_clock::time_point;

struct WaitOutcome {
  boost::system::error_code error;
  std::size_t bytes = 0;
};

// Starts one operation and runs `context` until it is done or the deadline has passed. Then
// `cancel` must end it (by closing its socket), and the outcome is asio::error::timed_out. When
// this returns, the operation no longer refers to anything.
template <class Start, class Cancel>
WaitOutcome await(asio::io_context& context, Deadline deadline, Start start, Cancel cancel) {
  std::optional<WaitOutcome> outcome;
  context.restart();
  start([&outcome](boost::system::error_code error, std::size_t bytes = 0) {
    outcome = WaitOutcome{error, bytes};
  });
  while (!outcome && context.run_one_until(deadline) != 0) {
  }
  if (outcome) return *outcome;
  cancel();
  while (!outcome) {
    context.restart();
    context.run_one();
  }
  return {asio::error::timed_out, 0};
}

}  // namespace firebreak
