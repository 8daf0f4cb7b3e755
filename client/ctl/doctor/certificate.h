#ifndef BUDGET_CTL_DOCTOR_CERTIFICATE_H_
#define BUDGET_CTL_DOCTOR_CERTIFICATE_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "client/ctl/doctor/diagnosis.h"

namespace budget {

struct Certificate {
  std::string subject;  // "CN=budget.internal"
  absl::Time not_before;
  absl::Time not_after;
};

// The one that the server at `endpoint`, "host:port", shows; it is not
// trusted or refused here. nullopt if the server does not speak TLS.
// UNAVAILABLE if it cannot be reached within `timeout`.
absl::StatusOr<std::optional<Certificate>> CertificateOf(
    const std::string& endpoint, absl::Duration timeout);

// The first certificate of a PEM file. NOT_FOUND or INVALID_ARGUMENT names the
// file.
absl::StatusOr<Certificate> ReadCertificate(const std::string& file);

// Says how long it is still good.
void JudgeCertificate(const std::string& subject,
                      const Certificate& certificate, absl::Time now,
                      Diagnosis& diagnosis);

// Says whether plain text is fine at `endpoint`.
void JudgePlainText(const std::string& endpoint, Diagnosis& diagnosis);

}  // namespace budget

#endif  // BUDGET_CTL_DOCTOR_CERTIFICATE_H_
