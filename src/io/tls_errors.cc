#include "io/tls_errors.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <openssl/x509v3.h>

#include <memory>

#include "base/check.h"
#include "base/text.h"
#include "io/asio_ssl.h"

namespace firebreak {
namespace {

bool is_address(const std::string& name) {
  boost::system::error_code error;
  (void)asio::ip::make_address(name, error);
  return !error;
}

// "2026-11-23 10:00:00Z" of an ASN.1 time.
std::string time_text(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return "an unknown time";
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02} UTC", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min);
}

std::string text_of(const ASN1_STRING* string) {
  const auto* bytes = ASN1_STRING_get0_data(string);
  const auto size = static_cast<std::size_t>(ASN1_STRING_length(string));
  return printable({reinterpret_cast<const char*>(bytes), size});
}

std::string address_text(const ASN1_OCTET_STRING* octets) {
  const auto* bytes = ASN1_STRING_get0_data(octets);
  if (ASN1_STRING_length(octets) == 4) {
    return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
  }
  if (ASN1_STRING_length(octets) != 16) return {};
  asio::ip::address_v6::bytes_type raw{};
  std::copy_n(bytes, raw.size(), raw.begin());
  return asio::ip::make_address_v6(raw).to_string();
}

// The first names a certificate is good for: "docker.example.com, 10.0.0.1".
std::string names_of(const X509* certificate) {
  constexpr std::size_t kShown = 8;
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  std::vector<std::string> texts;
  const int count = names ? sk_GENERAL_NAME_num(names.get()) : 0;
  for (int i = 0; i < count && texts.size() < kShown; ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    std::string text;
    if (name->type == GEN_DNS) text = text_of(name->d.dNSName);
    if (name->type == GEN_IPADD) text = address_text(name->d.iPAddress);
    if (!text.empty()) texts.push_back(std::move(text));
  }
  if (texts.empty()) return "no name at all (a common name alone does not count)";
  return join(texts, ", ");
}

std::string detail_of(const X509* certificate, int code) {
  if (certificate == nullptr) return {};
  switch (code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return "it was valid until " + time_text(X509_get0_notAfter(certificate));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return "it is valid from " + time_text(X509_get0_notBefore(certificate));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return "it names " + names_of(certificate);
    default: return {};
  }
}

// The slot of an SSL object that is ours; Asio believes that "app data" is its own.
int story_slot() {
  static const int slot = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return slot;
}

TlsStory& story_of(const SSL* ssl) {
  auto* story = static_cast<TlsStory*>(SSL_get_ex_data(ssl, story_slot()));
  CHECK(story != nullptr);
  return *story;
}

int on_verify(int accepted, X509_STORE_CTX* context) {
  if (accepted == 1) return 1;
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(context, SSL_get_ex_data_X509_STORE_CTX_idx()));
  TlsStory& story = story_of(ssl);
  story.verify_code = X509_STORE_CTX_get_error(context);
  story.verify_detail = detail_of(X509_STORE_CTX_get_current_cert(context), story.verify_code);
  return 0;
}

// Called when the server asks for a client certificate.
int on_certificate_request(SSL* ssl, void* /*unused*/) {
  story_of(ssl).asked_for_client = true;
  return 1;
}

Error denied(std::string what, const std::string& where, std::string remedy) {
  return {ErrorKind::kDenied, std::move(what), where, std::move(remedy)};
}

Error verify_error(const TlsStory& story, const std::string& name, const std::string& where) {
  const std::string detail = story.verify_detail.empty() ? "" : ": " + story.verify_detail;
  switch (story.verify_code) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return denied("the server's certificate has expired" + detail, where, "renew it");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return denied("the server's certificate is not valid yet" + detail, where,
                    "check the clocks of both machines");
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return denied("the server's certificate is not for " + printable(name) + detail, where,
                    "use one of its names, or issue one with this name");
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return denied("the server's certificate is signed by an unknown authority", where,
                    "is ca.pem the authority that signed it?");
    default:
      return denied(std::string("the server's certificate is not acceptable: ") +
                        X509_verify_cert_error_string(story.verify_code),
                    where, "issue a new one");
  }
}

constexpr const char* kClientRemedy =
    "put cert.pem and key.pem beside ca.pem: the folder of `tls:` in the policy, or "
    "DOCKER_CERT_PATH";

Error wants_client(const std::string& where) {
  return denied("the server wants a client certificate", where, kClientRemedy);
}

// What the other side said in a TLS alert; empty: not an alert about us.
std::string_view refusal(int reason) {
  switch (reason) {
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE: return "bad certificate";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED: return "it has expired";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED: return "it was revoked";
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN: return "unknown certificate";
    case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE: return "unsupported certificate";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA: return "unknown authority";
    case SSL_R_TLSV1_ALERT_ACCESS_DENIED: return "access denied";
    case SSL_R_TLSV1_ALERT_DECRYPT_ERROR: return "its signature does not verify";
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE: return "handshake failure";
    default: return {};
  }
}

}  // namespace

void watch_handshake(SSL* ssl, const std::string& name, bool verify, TlsStory& story) {
  CHECK(SSL_set_ex_data(ssl, story_slot(), &story) == 1);
  SSL_set_cert_cb(ssl, on_certificate_request, nullptr);
  const bool address = is_address(name);
  if (!address) {
    // The macro's C cast is OpenSSL's; the name is copied.
    CHECK(SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                   const_cast<char*>(name.c_str())) == 1);
  }
  if (!verify) {
    SSL_set_verify(ssl, SSL_VERIFY_NONE, nullptr);
    return;
  }
  SSL_set_verify(ssl, SSL_VERIFY_PEER, on_verify);
  X509_VERIFY_PARAM* rules = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(
      rules, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // An intermediate authority in ca.pem is enough, as for the docker CLI.
  X509_VERIFY_PARAM_set_flags(rules, X509_V_FLAG_PARTIAL_CHAIN);
  CHECK((address ? X509_VERIFY_PARAM_set1_ip_asc(rules, name.c_str())
                 : X509_VERIFY_PARAM_set1_host(rules, name.data(), name.size())) == 1);
}

Error tls_error(const boost::system::error_code& error, const TlsStory& story,
                const std::string& name, const std::string& where) {
  if (story.verify_code != X509_V_OK) return verify_error(story, name, where);
  const bool without_client = story.asked_for_client && !story.have_client;
  if (error.category() != asio::error::get_ssl_category()) {
    if (without_client) return wants_client(where);
    const bool ended = error == asio::error::eof || error == asio::ssl::error::stream_truncated;
    Error lost{ErrorKind::kUnreachable, "the connection was closed during the TLS handshake", where,
               "does this port speak TLS?"};
    if (!ended) lost.what += ": " + error.message();
    return lost;
  }
  const int reason = ERR_GET_REASON(static_cast<unsigned>(error.value()));
  if (reason == SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED) return wants_client(where);
  if (const auto why = refusal(reason); !why.empty()) {
    if (without_client) return wants_client(where);
    if (story.have_client && story.asked_for_client) {
      return denied("the server refused our client certificate: " + std::string(why), where,
                    "is cert.pem signed by the authority that the server trusts, and still valid?");
    }
  }
  if (reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST ||
      reason == SSL_R_PACKET_LENGTH_TOO_LONG || reason == SSL_R_UNEXPECTED_MESSAGE) {
    return {ErrorKind::kBadData, "this port does not speak TLS", where,
            "use the TLS port (usually 2376), or leave `tls:` and DOCKER_TLS_VERIFY away"};
  }
  return denied("TLS failed: " + printable(error.message()), where, {});
}

}  // namespace firebreak
