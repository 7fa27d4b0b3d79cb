// One GET after another over a wire. Beast parses; the deadline, the limits, the reuse of the
// connection and the words of the errors are here.
#include "io/asio.h"
// After asio.h, which says how all of Asio is compiled.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/beast/core/buffers_range.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <utility>

#include "base/text.h"
#include "io/wire.h"

namespace firebreak {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr std::uint32_t kMaxHeaders = 64U << 10U;
constexpr std::size_t kMaxFramingLine = 64U << 10U;  // of one chunk's size and extensions
constexpr std::string_view kMagic = "HTTP/";
constexpr int kMaxInterim = 10;  // answers of status 1xx before the real one

// A body in a string that grows with what arrives, not with what Content-Length promises.
struct TextBody {
  using value_type = std::string;
  class reader {
   public:
    template <bool kRequest, class Fields>
    reader(http::header<kRequest, Fields>& /*header*/, std::string& body) : body_(body) {}
    void init(const boost::optional<std::uint64_t>& length, beast::error_code& error) {
      constexpr std::uint64_t kBelieved = 1U << 20U;
      if (length) body_.reserve(static_cast<std::size_t>(std::min(*length, kBelieved)));
      error = {};
    }
    template <class Buffers>
    std::size_t put(const Buffers& buffers, beast::error_code& error) {
      std::size_t size = 0;
      for (const auto buffer : beast::buffers_range_ref(buffers)) {
        body_.append(static_cast<const char*>(buffer.data()), buffer.size());
        size += buffer.size();
      }
      error = {};
      return size;
    }
    void finish(beast::error_code& error) { error = {}; }

   private:
    std::string& body_;
  };
};

using Parser = http::response_parser<TextBody>;

// What the first bytes of something that is not HTTP give away.
bool looks_like_tls(std::string_view bytes) {
  return bytes.size() >= 2 && (bytes[0] == '\x15' || bytes[0] == '\x16') && bytes[1] == '\x03';
}

bool is_reply_of_tls_server(const HttpResponse& response) {
  constexpr std::string_view kGo = "Client sent an HTTP request to an HTTPS server";
  constexpr std::string_view kNginx = "plain HTTP request was sent to HTTPS port";
  const std::string_view start = std::string_view(response.body).substr(0, 1000);
  return response.status == 400 && (start.contains(kGo) || start.contains(kNginx));
}

class HttpOverWire : public HttpClient {
 public:
  HttpOverWire(std::unique_ptr<Wire> wire, std::string where, std::string host, HttpLimits limits)
      : wire_(std::move(wire)), where_(std::move(where)), host_(std::move(host)), limits_(limits) {}

  Result<HttpResponse> get(std::string_view path) override {
    if (path.empty() || path.front() != '/' ||
        std::ranges::any_of(path, [](char c) { return c <= ' ' || c == '\x7f'; })) {
      return fail(ErrorKind::kBadData, "not a path that can be asked for: " + printable(path),
                  where_);
    }
    deadline_ = std::chrono::steady_clock::now() + limits_.timeout;
    if (open_ && !wire_->quiet()) close();
    const bool reused = open_;
    auto response = attempt(path);
    // The server may have closed the kept connection before it saw this request; asking once more
    // on a new one is safe because GET changes nothing.
    if (!response && reused && received_ == 0 && !late()) response = attempt(path);
    return response;
  }

 private:
  Result<HttpResponse> attempt(std::string_view path) {
    received_ = 0;
    auto response = ask(path);
    if (!response) close();
    return response;
  }

  Result<HttpResponse> ask(std::string_view path) {
    if (!open_) {
      if (auto opened = wire_->open(deadline_); !opened) return std::unexpected(opened.error());
      open_ = true;
    }
    const std::string request =
        fmt::format("GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: firebreak/" FIREBREAK_VERSION
                    "\r\nAccept: application/json\r\n\r\n",
                    path, host_);
    if (auto sent = wire_->write(request, deadline_); !sent) {
      if (late()) return timed_out("it did not take the request");
      return lost(sent.error());
    }
    for (int interim = 0; interim <= kMaxInterim; ++interim) {
      Parser parser;
      parser.eager(true);
      parser.header_limit(kMaxHeaders);
      parser.body_limit(limits_.max_body);
      if (auto whole = receive(parser); !whole) return std::unexpected(whole.error());
      const bool keep = parser.keep_alive();
      auto message = parser.release();
      const auto status = static_cast<int>(message.result_int());
      if (status < 200 && status != 101) continue;
      if (status == 101) return bad("it switched to another protocol unasked");
      if (buffer_.size() != 0) return bad("it sent more bytes than it announced");
      HttpResponse response{status, printable(beast_text(message["Api-Version"])).substr(0, 32),
                            std::move(message.body())};
      if (is_reply_of_tls_server(response)) return speaks_tls();
      if (!keep) close();
      return response;
    }
    return bad("it sends interim answers without end");
  }

  static std::string_view beast_text(beast::string_view text) { return {text.data(), text.size()}; }

  // Reads until the parser has one whole message; what follows it stays in buffer_.
  Result<void> receive(Parser& parser) {
    for (;;) {
      while (buffer_.size() != 0 && !parser.is_done()) {
        beast::error_code error;
        const std::size_t used = parser.put(buffer_.cdata(), error);
        if (error && error != http::error::need_more) return refused(parser, error);
        buffer_.consume(used);
        if (error || used == 0) break;
      }
      if (parser.is_done()) return {};
      if (buffer_.size() > kMaxHeaders + kMaxFramingLine) return bad("its answer is not HTTP");
      const auto space = buffer_.prepare(kReadSize);
      auto got = wire_->read({static_cast<char*>(space.data()), space.size()}, deadline_);
      if (!got) return broken(parser, got.error());
      if (*got == 0) return ended(parser);
      buffer_.commit(*got);
      received_ += *got;
    }
  }

  // The parser did not like what it saw.
  std::unexpected<Error> refused(const Parser& parser, const beast::error_code& error) {
    if (error == http::error::body_limit) {
      return fail(ErrorKind::kBadData,
                  fmt::format("its answer has more than {} bytes", limits_.max_body), where_);
    }
    if (error == http::error::header_limit) {
      return bad(fmt::format("its answer has more than {} bytes of headers", kMaxHeaders));
    }
    if (!parser.is_header_done()) return not_http();
    return bad("its answer is broken: " + error.message() + progress(parser));
  }

  // The other side ended its half where the answer may not end.
  Result<void> ended(Parser& parser) {
    if (received_ == 0) {
      return lost(
          {ErrorKind::kUnreachable, "it closed the connection without an answer", where_, {}});
    }
    // Too short for the parser to judge, but not for us.
    if (received_ == buffer_.size() && !kMagic.starts_with(buffered().substr(0, kMagic.size())))
      return not_http();
    beast::error_code error = http::error::partial_message;
    if (parser.got_some()) parser.put_eof(error);
    if (!error) return {};  // a body without a length, which only the end can end
    return cut_short(parser, {});
  }

  std::unexpected<Error> broken(const Parser& parser, const Error& error) {
    if (late()) {
      return timed_out(received_ == 0 ? "it did not answer"
                                      : "its answer did not come to an end" + progress(parser));
    }
    if (received_ == 0) return lost(error);
    return cut_short(parser, error.what);
  }

  std::unexpected<Error> cut_short(const Parser& parser, std::string why) {
    if (auto words = wire_->last_words(deadline_)) why = words->what;
    return bad("its answer was cut short" + progress(parser) + (why.empty() ? "" : ": " + why));
  }

  // Without a byte of an answer. The wire may know more.
  std::unexpected<Error> lost(Error error) {
    if (auto words = wire_->last_words(deadline_)) return std::unexpected(*std::move(words));
    return std::unexpected(std::move(error));
  }

  // Where in the answer we are: " after 12 of 100 bytes".
  static std::string progress(const Parser& parser) {
    if (!parser.is_header_done()) return " within its headers";
    const auto length = parser.content_length();
    const std::size_t got = parser.get().body().size();
    return length ? fmt::format(" after {} of {} bytes", got, *length)
                  : fmt::format(" after {} bytes", got);
  }

  [[nodiscard]] std::string_view buffered() const {
    const auto bytes = buffer_.cdata();
    return {static_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::unexpected<Error> not_http() {
    if (looks_like_tls(buffered())) return speaks_tls();
    return bad("it does not answer with HTTP");
  }
  std::unexpected<Error> bad(std::string what) {
    return fail(ErrorKind::kBadData, std::move(what), where_);
  }
  std::unexpected<Error> speaks_tls() {
    return fail(ErrorKind::kBadData, "this port speaks TLS, and plain HTTP was sent", where_,
                "give the certificates: `tls:` in the policy, or DOCKER_TLS_VERIFY=1 and "
                "DOCKER_CERT_PATH");
  }
  std::unexpected<Error> timed_out(std::string what) {
    what += " within " + duration_text(limits_.timeout);
    if (auto words = wire_->last_words(deadline_)) what += ": " + words->what;
    return fail(ErrorKind::kUnreachable, std::move(what), where_);
  }
  [[nodiscard]] bool late() const { return std::chrono::steady_clock::now() >= deadline_; }

  void close() {
    wire_->close();
    open_ = false;
    buffer_.clear();
  }

  static constexpr std::size_t kReadSize = 64U << 10U;

  std::unique_ptr<Wire> wire_;
  std::string where_;
  std::string host_;
  HttpLimits limits_;
  Deadline deadline_;
  bool open_ = false;
  std::size_t received_ = 0;  // bytes of the answer to the present request
  beast::flat_buffer buffer_;
};

}  // namespace

std::unique_ptr<HttpClient> http_over(std::unique_ptr<Wire> wire, std::string where,
                                      std::string host, HttpLimits limits) {
  return std::make_unique<HttpOverWire>(std::move(wire), std::move(where), std::move(host), limits);
}

std::string authority_of(const std::string& host, const std::string& port) {
  return (host.contains(':') ? "[" + host + "]" : host) + ":" + port;
}

std::string duration_text(std::chrono::milliseconds time) {
  const auto count = time.count();
  if (count < 1000) return fmt::format("{} ms", count);
  if (count == 1000) return "1 second";
  if (count % 1000 == 0) return fmt::format("{} seconds", count / 1000);
  return fmt::format("{:.1f} seconds", static_cast<double>(count) / 1000);
}

}  // namespace firebreak
