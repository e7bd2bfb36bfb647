#include "host/test_certificate.hpp"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <functional>
#include <stdexcept>

namespace downbeat::test {
namespace {

std::string pem_of(const std::function<int(BIO*)>& write) {
  const std::unique_ptr<BIO, int (*)(BIO*)> into(BIO_new(BIO_s_mem()), BIO_free);
  if (write(into.get()) != 1) throw std::runtime_error("OpenSSL cannot write it");
  char* bytes = nullptr;
  const long size = BIO_get_mem_data(into.get(), &bytes);
  return {bytes, static_cast<std::size_t>(size)};
}

}  // namespace

certificate_files make_certificate(int days, const std::string& password) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const std::unique_ptr<X509, void (*)(X509*)> made(X509_new(), X509_free);
  X509_set_version(made.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -2L * 86'400);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), days * 86'400L);
  X509_set_pubkey(made.get(), key.get());
  X509_NAME* const name = X509_get_subject_name(made.get());
  const auto* const text = reinterpret_cast<const unsigned char*>("localhost");
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
  X509_set_issuer_name(made.get(), name);
  if (X509_sign(made.get(), key.get(), EVP_sha256()) == 0) {
    throw std::runtime_error("OpenSSL cannot sign it");
  }
  return {pem_of([&](BIO* into) { return PEM_write_bio_X509(into, made.get()); }),
          pem_of([&](BIO* into) {
            const bool is_open = password.empty();
            return PEM_write_bio_PKCS8PrivateKey(
                into, key.get(), is_open ? nullptr : EVP_aes_128_cbc(),
                is_open ? nullptr : password.data(), static_cast<int>(password.size()), nullptr,
                nullptr);
          })};
}

std::shared_ptr<host::tls_context> test_certificate() {
  static const std::shared_ptr<host::tls_context> one = [] {
    const certificate_files files = make_certificate();
    return std::make_shared<host::tls_context>(files.certificate, files.key);
  }();
  return one;
}

}  // namespace downbeat::test
