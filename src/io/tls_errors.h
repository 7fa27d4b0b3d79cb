// OpenSSL's failures in words that say what to change. Included by .cc files of this folder only.
#pragma once

#include <openssl/ssl.h>

#include <boost/system/error_code.hpp>
#include <string>

#include "base/error.h"
#include "io/transport.h"

namespace firebreak {

// What a handshake noticed, for the error that may follow.
struct TlsStory {
  int verify_code = 0;            // X509_V_ERR_*, of the certificate that was not accepted
  std::string verify_detail;      // about that certificate: its names, its last day
  bool asked_for_client = false;  // the server asked for a client certificate
  bool have_client = false;       // and we have one
};

// Lets `ssl` check the server's certificate for `name` (a host name or an IP address) as Go's TLS
// and with it the docker CLI does: subject alternative names only. Records into `story`, which must
// outlive `ssl`.
void watch_handshake(SSL* ssl, const std::string& name, bool verify, TlsStory& story);

// Why the handshake, or the first read after it, failed. `name`: as above.
[[nodiscard]] Error tls_error(const boost::system::error_code& error, const TlsStory& story,
                              const std::string& name, const std::string& where);

}  // namespace firebreak
