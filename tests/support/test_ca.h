#ifndef BUDGET_TESTS_SUPPORT_TEST_CA_H_
#define BUDGET_TESTS_SUPPORT_TEST_CA_H_

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace budget::testing {

// A certificate chain with its key, in PEM.
struct PemPair {
  std::string certificate;
  std::string key;
};

// What a certificate is to say.
struct CertificateSpec {
  // As OpenSSL writes them: "URI:spiffe://a/b", "DNS:a.b", "IP:127.0.0.1".
  std::vector<std::string> names;
  bool is_ca = false;
  std::string key_usage;  // "critical,keyCertSign"; empty: it has none
  absl::Time not_before = absl::Now() - absl::Hours(1);
  absl::Time not_after = absl::Now() + absl::Hours(24);
};

// An authority of its own, with keys on P-256 that are made on the fly.
class TestCa {
 public:
  explicit TestCa(const std::string& name);
  ~TestCa();
  TestCa(const TestCa&) = delete;
  TestCa& operator=(const TestCa&) = delete;

  // What those who trust it hold, in PEM.
  std::string certificate() const;

  PemPair Issue(const CertificateSpec& spec) const;

  // One for servers of this machine: "localhost" and 127.0.0.1.
  PemPair IssueServer() const;

 private:
  EVP_PKEY* key_;
  X509* x509_;
};

// Puts `content` in place of the file in one step.
void ReplaceFile(const std::string& path, const std::string& content);

}  // namespace budget::testing

#endif  // BUDGET_TESTS_SUPPORT_TEST_CA_H_
