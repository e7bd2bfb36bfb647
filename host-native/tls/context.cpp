#include "tls/context.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ssl/context.hpp>
#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <ctime>
#include <string_view>

namespace downbeat::host {
namespace {

namespace ssl = boost::asio::ssl;
using part = unusable_certificate::part;

// Only what encrypts and authenticates in one, with a key that is made for the connection alone:
// who gets hold of the certificate's key cannot read what was recorded before.
constexpr const char* ciphers_of_tls_1_2 = "ECDHE+AESGCM:ECDHE+CHACHA20";

// As in the list that ALPN sends: each name with its length in front.
constexpr std::string_view http_1_1 = "\x08http/1.1";

struct free_key {
  void operator()(EVP_PKEY* one) const { EVP_PKEY_free(one); }
};
struct free_bio {
  void operator()(BIO* one) const { BIO_free(one); }
};
using key_pointer = std::unique_ptr<EVP_PKEY, free_key>;

std::string reason_of_openssl() {
  const char* const text = ERR_reason_error_string(ERR_peek_last_error());
  return text != nullptr ? text : "it cannot be read";
}

// A client that offers other protocols only would not understand the answers.
int choose_protocol(SSL* /*session*/, const unsigned char** chosen, unsigned char* size,
                    const unsigned char* offered, unsigned offered_size, void* /*unused*/) {
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, size, reinterpret_cast<const unsigned char*>(http_1_1.data()),
                            static_cast<unsigned>(http_1_1.size()), offered, offered_size);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  *chosen = found;
  return SSL_TLSEXT_ERR_OK;
}

// Without this, OpenSSL would ask for the password at the terminal.
int note_password_wanted(char* /*into*/, int /*size*/, int /*rwflag*/, void* is_wanted) {
  *static_cast<bool*>(is_wanted) = true;
  return -1;
}

key_pointer read_key(const std::string& pem) {
  const std::unique_ptr<BIO, free_bio> from(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  bool is_encrypted = false;
  key_pointer key(
      PEM_read_bio_PrivateKey(from.get(), nullptr, note_password_wanted, &is_encrypted));
  if (is_encrypted) {
    throw unusable_certificate(part::key, "is encrypted, and nobody can be asked for its password");
  }
  if (!key) throw unusable_certificate(part::key, "has no private key in PEM");
  return key;
}

std::int64_t seconds_of(const ASN1_TIME* time) {
  std::tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return 0;
  return timegm(&parts);
}

}  // namespace

struct tls_context::state {
  ssl::context context{ssl::context::tls_server};
};

tls_context::tls_context(const std::string& certificate, const std::string& key)
    : state_(std::make_unique<state>()) {
  ERR_clear_error();
  SSL_CTX* const context = native();
  state_->context.set_options(ssl::context::default_workarounds | ssl::context::no_compression);
  // A client whose TCP connection ends without the end of TLS is treated as one that has shut down
  // sending, as without TLS: HTTP and WebSockets say themselves where their messages end.
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(context, ciphers_of_tls_1_2);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  // One system call gets a whole record; without it, OpenSSL asks for its head first.
  SSL_CTX_set_read_ahead(context, 1);
  // What resumes is the client's ticket. The server keeps no sessions.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, choose_protocol, nullptr);

  boost::system::error_code error;
  state_->context.use_certificate_chain(boost::asio::buffer(certificate), error);
  const X509* const own = SSL_CTX_get0_certificate(context);
  if (error || own == nullptr) {
    const bool is_none = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    throw unusable_certificate(part::certificate, is_none
                                                      ? "has no certificate in PEM"
                                                      : "cannot be used: " + reason_of_openssl());
  }
  expiry_s_ = seconds_of(X509_get0_notAfter(own));
  const key_pointer private_key = read_key(key);
  if (X509_check_private_key(own, private_key.get()) != 1) {
    throw unusable_certificate(part::key, "does not belong to the certificate");
  }
  if (SSL_CTX_use_PrivateKey(context, private_key.get()) != 1) {
    throw unusable_certificate(part::key, "cannot be used: " + reason_of_openssl());
  }
}

tls_context::~tls_context() = default;

ssl_ctx_st* tls_context::native() const {
  return state_->context.native_handle();
}

}  // namespace downbeat::host
