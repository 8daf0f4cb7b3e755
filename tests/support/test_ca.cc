#include "tests/support/test_ca.h"

#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>

#include <fstream>

#include "absl/strings/str_join.h"

namespace budget::testing {
namespace {

void Require(bool done) {
  if (!done) abort();
}

// As in budgetd and budgetctl, before anything else uses it.
const int kNotTornDown =
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, nullptr);

void AddExtension(X509* x509, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, x509, x509, nullptr, nullptr, 0);
  X509_EXTENSION* extension =
      X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  Require(extension != nullptr && X509_add_ext(x509, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

// Not signed yet.
X509* Describe(const CertificateSpec& spec, EVP_PKEY* key,
               const std::string& subject) {
  X509* x509 = X509_new();
  Require(X509_set_version(x509, X509_VERSION_3) == 1);
  uint64_t serial = 0;
  Require(RAND_bytes(reinterpret_cast<unsigned char*>(&serial), 7) == 1);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(x509), serial + 1);
  ASN1_TIME_set(X509_getm_notBefore(x509), absl::ToTimeT(spec.not_before));
  ASN1_TIME_set(X509_getm_notAfter(x509), absl::ToTimeT(spec.not_after));
  X509_NAME_add_entry_by_txt(
      X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
      reinterpret_cast<const unsigned char*>(subject.c_str()), -1, -1, 0);
  Require(X509_set_pubkey(x509, key) == 1);
  AddExtension(x509, NID_basic_constraints,
               spec.is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!spec.key_usage.empty()) {
    AddExtension(x509, NID_key_usage, spec.key_usage);
  }
  if (!spec.names.empty()) {
    AddExtension(x509, NID_subject_alt_name, absl::StrJoin(spec.names, ","));
  }
  return x509;
}

std::string Content(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);  // NOLINT: OpenSSL's type
  std::string content(data, static_cast<size_t>(size));
  BIO_free(bio);
  return content;
}

std::string PemOf(X509* x509) {
  BIO* bio = BIO_new(BIO_s_mem());
  Require(PEM_write_bio_X509(bio, x509) == 1);
  return Content(bio);
}

std::string PemOf(EVP_PKEY* key) {
  BIO* bio = BIO_new(BIO_s_mem());
  Require(PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr,
                                   nullptr) == 1);
  return Content(bio);
}

}  // namespace

TestCa::TestCa(const std::string& name) : key_(EVP_EC_gen("P-256")) {
  x509_ = Describe({.is_ca = true, .key_usage = "critical,keyCertSign,cRLSign"},
                   key_, name);
  X509_set_issuer_name(x509_, X509_get_subject_name(x509_));
  Require(X509_sign(x509_, key_, EVP_sha256()) > 0);
}

TestCa::~TestCa() {
  X509_free(x509_);
  EVP_PKEY_free(key_);
}

std::string TestCa::certificate() const { return PemOf(x509_); }

PemPair TestCa::Issue(const CertificateSpec& spec) const {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* x509 = Describe(spec, key, "leaf");
  X509_set_issuer_name(x509, X509_get_subject_name(x509_));
  Require(X509_sign(x509, key_, EVP_sha256()) > 0);
  PemPair pair{PemOf(x509), PemOf(key)};
  X509_free(x509);
  EVP_PKEY_free(key);
  return pair;
}

PemPair TestCa::IssueServer() const {
  return Issue({.names = {"DNS:localhost", "IP:127.0.0.1"}});
}

void ReplaceFile(const std::string& path, const std::string& content) {
  const std::string partial = path + ".new";
  std::ofstream(partial, std::ios::binary) << content;
  Require(rename(partial.c_str(), path.c_str()) == 0);
}

}  // namespace budget::testing
