#ifndef BUDGET_ACCESS_OPENSSL_PTR_H_
#define BUDGET_ACCESS_OPENSSL_PTR_H_

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>

#include <memory>

#include "absl/strings/string_view.h"

namespace budget {

// Owners of what OpenSSL allocates.
template <auto kFree>
struct OpensslFree {
  template <typename T>
  void operator()(T* object) const {
    kFree(object);
  }
};
using BioPtr = std::unique_ptr<BIO, OpensslFree<BIO_free>>;
using BignumPtr = std::unique_ptr<BIGNUM, OpensslFree<BN_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, OpensslFree<EVP_PKEY_free>>;
using X509Ptr = std::unique_ptr<X509, OpensslFree<X509_free>>;
using NamesPtr =
    std::unique_ptr<GENERAL_NAMES, OpensslFree<GENERAL_NAMES_free>>;

// Reads from `text`, which must outlive it.
inline BioPtr BioOver(absl::string_view text) {
  return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// For PEM readers: without it OpenSSL would ask the terminal for a passphrase.
inline int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace budget

#endif  // BUDGET_ACCESS_OPENSSL_PTR_H_
