// Certificates made on the spot, and a TLS end for the scripted servers.
#pragma once

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <signal.h>

#include <functional>
#include <memory>
#include <string>

#include "base/check.h"
#include "io/testing.h"

namespace firebreak::testing_io {

template <auto kFree>
struct Free {
  template <class T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Free<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Free<X509_free>>;

struct Identity {
  Key key;
  Certificate certificate;
};

struct CertificatePlan {
  std::string common_name;
  std::string alternative_names;  // "DNS:localhost,IP:127.0.0.1"
  bool authority = false;
  long from_days = -1;  // relative to now
  long until_days = 10;
};

inline void add_extension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  CHECK(extension != nullptr);
  CHECK(X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// Signed by `issuer`, or by itself.
inline Identity make_identity(const CertificatePlan& plan, const Identity* issuer = nullptr) {
  static std::atomic<long> serial = 1000;
  Identity made{Key(EVP_EC_gen("P-256")), Certificate(X509_new())};
  X509* certificate = made.certificate.get();
  CHECK(X509_set_version(certificate, 2) == 1);
  CHECK(ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial) == 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), plan.from_days * 86'400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), plan.until_days * 86'400);
  X509_NAME* name = X509_get_subject_name(certificate);
  CHECK(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                   reinterpret_cast<const unsigned char*>(plan.common_name.c_str()),
                                   -1, -1, 0) == 1);
  const X509* parent = issuer != nullptr ? issuer->certificate.get() : certificate;
  CHECK(X509_set_issuer_name(certificate, X509_get_subject_name(parent)) == 1);
  CHECK(X509_set_pubkey(certificate, made.key.get()) == 1);
  add_extension(certificate, NID_basic_constraints,
                plan.authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!plan.alternative_names.empty()) {
    add_extension(certificate, NID_subject_alt_name, plan.alternative_names);
  }
  EVP_PKEY* signer = issuer != nullptr ? issuer->key.get() : made.key.get();
  CHECK(X509_sign(certificate, signer, EVP_sha256()) > 0);
  return made;
}

inline void write_certificate(const Identity& identity, const std::string& path) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  CHECK(file != nullptr);
  CHECK(PEM_write_X509(file, identity.certificate.get()) == 1);
  std::fclose(file);
}

// Encrypted if there is a passphrase.
inline void write_key(const Identity& identity, const std::string& path,
                      std::string passphrase = {}) {
  std::FILE* file = std::fopen(path.c_str(), "w");
  CHECK(file != nullptr);
  CHECK(PEM_write_PKCS8PrivateKey(
            file, identity.key.get(), passphrase.empty() ? nullptr : EVP_aes_128_cbc(),
            passphrase.data(), static_cast<int>(passphrase.size()), nullptr, nullptr) == 1);
  std::fclose(file);
}

struct TlsServerPlan {
  const Identity* identity = nullptr;
  const Identity* client_authority = nullptr;  // client certificates are required
  int max_version = TLS1_3_VERSION;
};

// Answers requests over TLS with `answer`; sees the server name that the client asks for.
inline Server::Script tls_answering(TlsServerPlan plan, std::string answer,
                                    std::string* asked_name = nullptr, bool say_goodbye = true) {
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  CHECK(SSL_CTX_use_certificate(context.get(), plan.identity->certificate.get()) == 1);
  CHECK(SSL_CTX_use_PrivateKey(context.get(), plan.identity->key.get()) == 1);
  CHECK(SSL_CTX_set_max_proto_version(context.get(), plan.max_version) == 1);
  if (plan.client_authority != nullptr) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()),
                        plan.client_authority->certificate.get());
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  }
  return [context, answer = std::move(answer), asked_name, say_goodbye](Conversation& client) {
    ::signal(SIGPIPE, SIG_IGN);  // OpenSSL's sockets raise it
    const std::unique_ptr<SSL, Free<SSL_free>> ssl(SSL_new(context.get()));
    SSL_set_fd(ssl.get(), client.fd());
    const bool shaken = SSL_accept(ssl.get()) == 1;
    if (const char* name = SSL_get_servername(ssl.get(), TLSEXT_NAMETYPE_host_name);
        asked_name != nullptr) {
      *asked_name = name != nullptr ? name : "";
    }
    std::string pending;
    char buffer[4096];
    while (shaken) {
      const int got = SSL_read(ssl.get(), buffer, sizeof buffer);
      if (got <= 0) break;
      pending.append(buffer, static_cast<std::size_t>(got));
      if (!pending.ends_with("\r\n\r\n")) continue;
      pending.clear();
      SSL_write(ssl.get(), answer.data(), static_cast<int>(answer.size()));
      if (!answer.contains("Content-Length")) break;
    }
    if (say_goodbye) SSL_shutdown(ssl.get());
    ERR_clear_error();
  };
}

}  // namespace firebreak::testing_io
