#ifndef BUDGET_ACCESS_CERTIFICATE_H_
#define BUDGET_ACCESS_CERTIFICATE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace budget {

// What an X.509 certificate says that matters here.
struct Certificate {
  std::vector<std::string> uri_sans;
  std::vector<std::string> dns_sans;
  // Its basic constraints or its key usage let it sign certificates or lists
  // of revoked ones.
  bool may_sign = false;
  absl::Time not_before;
  absl::Time not_after;
};

// Reads the first certificate of `pem`, the leaf of a chain. INVALID_ARGUMENT
// if there is none.
absl::StatusOr<Certificate> ParseCertificate(absl::string_view pem);

// When the first certificate of the PEM file `path` expires. Errors name the
// cause, not the path.
absl::StatusOr<absl::Time> CertificateExpiry(const std::string& path);

// A chain in PEM with its private key.
struct KeyPair {
  absl::string_view certificates;
  absl::string_view key;
};

// OK if every certificate can be read, the leaf is valid at `now`, and the key
// can be read without a passphrase and belongs to the leaf. INVALID_ARGUMENT
// with cause and remedy otherwise.
absl::Status CheckKeyPair(const KeyPair& pair, absl::Time now);

// OK if `pem` holds at least one certificate, and all of them can be read.
absl::Status CheckCertificates(absl::string_view pem);

}  // namespace budget

#endif  // BUDGET_ACCESS_CERTIFICATE_H_
