// TCP with TLS 1.2 or newer, with a client certificate where one is given.
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pemerr.h>
#include <openssl/ssl.h>
#include <openssl/x509err.h>

#include <cerrno>

#include "base/text.h"
#include "io/asio_ssl.h"
#include "io/descriptor.h"
#include "io/os_error.h"
#include "io/socket_wire.h"
#include "io/tls_errors.h"
#include "io/transport.h"

namespace firebreak {
namespace {

namespace ssl = asio::ssl;
using boost::system::error_code;
using TlsStream = ssl::stream<asio::ip::tcp::socket>;

constexpr std::chrono::milliseconds kAlertTime{500};

Result<void> readable(const std::string& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file) return std::unexpected(file_error(errno, "read", path));
  return {};
}

Error bad_pem(const std::string& path, std::string what, std::string remedy) {
  return {ErrorKind::kBadData, std::move(what), printable(path), std::move(remedy)};
}

Error key_error(const error_code& error, const std::string& path) {
  const auto code = static_cast<unsigned>(error.value());
  if (ERR_GET_LIB(code) == ERR_LIB_X509 && ERR_GET_REASON(code) == X509_R_KEY_VALUES_MISMATCH) {
    return bad_pem(path, "the key does not belong to the certificate beside it",
                   "is cert.pem from the same pair?");
  }
  return bad_pem(path, "no private key in PEM form that can be used without a passphrase",
                 "decrypt it with: openssl pkey -in key.pem -out plain.pem");
}

Result<void> load_files(ssl::context& context, const TlsFiles& files) {
  error_code error;
  if (files.verify && !files.ca.empty()) {
    TRY(readable(files.ca));
    context.load_verify_file(files.ca, error);
    if (error) {
      return std::unexpected(
          bad_pem(files.ca, "no certificate in PEM form", "is it the authority's certificate?"));
    }
  } else if (files.verify) {
    context.set_default_verify_paths(error);
  }
  if (files.cert.empty() != files.key.empty()) {
    return fail(ErrorKind::kUsage, "a client certificate needs its key, and a key its certificate",
                printable(files.cert.empty() ? files.key : files.cert));
  }
  if (files.cert.empty()) return {};
  TRY(readable(files.cert));
  context.use_certificate_chain_file(files.cert, error);
  if (error) {
    return std::unexpected(bad_pem(files.cert, "no certificate in PEM form", "check the file"));
  }
  TRY(readable(files.key));
  context.use_private_key_file(files.key, ssl::context::pem, error);
  if (error) return std::unexpected(key_error(error, files.key));
  return {};
}

class TlsWire : public Wire {
 public:
  TlsWire(std::string host, std::string port, TlsFiles files, std::string where)
      : host_(std::move(host)),
        port_(std::move(port)),
        files_(std::move(files)),
        where_(std::move(where)) {
    if (files_.server_name.empty()) files_.server_name = host_;
  }

  Result<void> open(Deadline deadline) override {
    ssl::context context(ssl::context::tls_client);
    SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    // Without this OpenSSL asks on the terminal for the passphrase of an encrypted key.
    context.set_password_callback([](std::size_t, ssl::context::password_purpose) { return ""; });
    TRY(load_files(context, files_));
    story_ = {};
    story_.have_client = !files_.cert.empty();
    answered_ = false;
    stream_.emplace(context_, context);
    watch_handshake(stream_->native_handle(), files_.server_name, files_.verify, story_);
    TRY(connect_tcp(context_, stream_->next_layer(), host_, port_, deadline, where_));
    const WaitOutcome outcome = await(
        context_, deadline,
        [&](auto done) { stream_->async_handshake(TlsStream::client, std::move(done)); },
        [&] { close(); });
    if (!outcome.error) return {};
    close();
    if (outcome.error == asio::error::timed_out) {
      return fail(ErrorKind::kUnreachable, "no TLS handshake in time", where_,
                  "does this port speak TLS?");
    }
    return std::unexpected(tls_error(outcome.error, story_, files_.server_name, where_));
  }

  Result<void> write(std::string_view bytes, Deadline deadline) override {
    const WaitOutcome outcome =
        write_stream(context_, *stream_, bytes, deadline, [this] { close(); });
    if (!outcome.error) return {};
    return std::unexpected(explain(answered_ ? outcome.error : alert_before(outcome.error)));
  }

  Result<std::size_t> read(std::span<char> into, Deadline deadline) override {
    const WaitOutcome outcome =
        read_stream(context_, *stream_, into, deadline, [this] { close(); });
    if (outcome.error == asio::error::eof && answered_) return std::size_t{0};
    if (outcome.error) return std::unexpected(explain(outcome.error));
    answered_ = true;
    return outcome.bytes;
  }

  bool quiet() override { return stream_ && is_quiet(stream_->next_layer().native_handle()); }

  // Only the socket: saying good-bye would mean waiting for the other side.
  void close() override {
    if (!stream_) return;
    error_code ignored;
    stream_->next_layer().close(ignored);
  }

 private:
  // The write failed because the server has closed; it may have said why, and that is still there.
  error_code alert_before(const error_code& error) {
    if (!stream_->next_layer().is_open()) return error;
    char byte = 0;
    const WaitOutcome outcome =
        read_stream(context_, *stream_, {&byte, 1}, std::chrono::steady_clock::now() + kAlertTime,
                    [this] { close(); });
    return outcome.error.category() == asio::error::get_ssl_category() ? outcome.error : error;
  }

  // With TLS 1.3 a server that does not like our certificate says so after the handshake, where we
  // wait for its answer; and the reset that follows can overtake its words.
  [[nodiscard]] Error explain(const error_code& error) const {
    const bool tls = error.category() == asio::error::get_ssl_category();
    if (tls || (!answered_ && story_.asked_for_client && error != asio::error::timed_out)) {
      Error told = tls_error(error, story_, files_.server_name, where_);
      if (!tls && story_.have_client) {
        told.what = "the connection was closed after the TLS handshake";
        told.remedy = "does the server trust the authority that signed cert.pem?";
      }
      return told;
    }
    if (error == ssl::error::stream_truncated) {
      return {
          ErrorKind::kUnreachable, "the connection was closed without TLS's good-bye", where_, {}};
    }
    return connection_error(error, where_);
  }

  std::string host_;
  std::string port_;
  TlsFiles files_;
  std::string where_;
  TlsStory story_;
  bool answered_ = false;  // the server has accepted us: bytes have come back
  asio::io_context context_{1};
  std::optional<TlsStream> stream_;
};

}  // namespace

std::unique_ptr<HttpClient> tls_client(std::string host, std::string port, TlsFiles tls,
                                       HttpLimits limits) {
  const std::string authority = authority_of(host, port);
  const std::string where = "tcp://" + printable(authority);
  return http_over(
      std::make_unique<TlsWire>(std::move(host), std::move(port), std::move(tls), where), where,
      authority, limits);
}

}  // namespace firebreak
