#include "io/resolve.h"

#include <netdb.h>

#include <charconv>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "base/text.h"
#include "io/os_error.h"

namespace firebreak {
namespace {

using asio::ip::tcp;

// What the thread that asks and the one that waits share; the last of them frees it.
struct Question {
  std::mutex mutex;
  std::condition_variable answered;
  bool done = false;
  int code = 0;   // of getaddrinfo
  int error = 0;  // errno, when code is EAI_SYSTEM
  std::vector<asio::ip::address> addresses;
};

std::vector<asio::ip::address> addresses_of(const addrinfo* list) {
  std::vector<asio::ip::address> addresses;
  for (; list != nullptr; list = list->ai_next) {
    tcp::endpoint endpoint;
    if (list->ai_addrlen > endpoint.capacity()) continue;
    std::memcpy(endpoint.data(), list->ai_addr, list->ai_addrlen);
    endpoint.resize(list->ai_addrlen);
    addresses.push_back(endpoint.address());
  }
  return addresses;
}

void ask(const std::string& host, Question& question) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int code = ::getaddrinfo(host.c_str(), nullptr, &hints, &list);
  const int error = errno;
  auto addresses = addresses_of(list);
  if (list != nullptr) ::freeaddrinfo(list);
  const std::scoped_lock lock(question.mutex);
  question.code = code;
  question.error = error;
  question.addresses = std::move(addresses);
  question.done = true;
  question.answered.notify_one();
}

Result<std::vector<asio::ip::address>> look_up(const std::string& host, Deadline deadline,
                                               const std::string& where) {
  // getaddrinfo cannot be interrupted and may take longer than we have. So a thread of its own
  // asks, and is left alone when the deadline passes.
  const auto question = std::make_shared<Question>();
  std::thread([host, question] { ask(host, *question); }).detach();
  std::unique_lock lock(question->mutex);
  if (!question->answered.wait_until(lock, deadline, [&] { return question->done; })) {
    return fail(ErrorKind::kUnreachable, "the name was not resolved in time", where,
                "check the name servers");
  }
  if (question->code != 0 || question->addresses.empty()) {
    const std::string why = question->code == EAI_SYSTEM ? os_words(question->error)
                            : question->code == 0        ? "no address"
                                                         : ::gai_strerror(question->code);
    return fail(ErrorKind::kUnreachable, "cannot resolve the name " + printable(host) + ": " + why,
                where, "check the host name");
  }
  return std::move(question->addresses);
}

}  // namespace

Result<std::vector<tcp::endpoint>> resolve(const std::string& host, const std::string& port,
                                           Deadline deadline, const std::string& where) {
  std::uint16_t number = 0;
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), number);
  if (parsed.ec != std::errc{} || parsed.ptr != port.data() + port.size() || number == 0) {
    return fail(ErrorKind::kUsage, "not a port: " + printable(port), where);
  }
  std::vector<tcp::endpoint> endpoints;
  boost::system::error_code error;
  const auto literal = asio::ip::make_address(host, error);
  if (!error) {
    endpoints.emplace_back(literal, number);
    return endpoints;
  }
  for (const auto& address : TRY(look_up(host, deadline, where))) {
    endpoints.emplace_back(address, number);
  }
  return endpoints;
}

}  // namespace firebreak
