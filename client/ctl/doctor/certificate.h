#ifndef BUDGET_CTL_DOCTOR_CERTIFICATE_H_
#define BUDGET_CTL_DOCTOR_CERTIFICATE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "budget/security.h"
#include "client/ctl/doctor/diagnosis.h"

namespace budget {

struct Certificate {
  std::string subject;  // "CN=budget.internal"
  absl::Time not_before;
  absl::Time not_after;
};

// What a server and a client have to say of each other.
struct Handshake {
  Certificate certificate;  // the server's
  std::string distrust;     // why the client does not trust it; empty: it does
  std::string refusal;  // why the server refuses the client; empty: it does not
};

// Whether a client can use the files for TLS that `security` names.
// FAILED_PRECONDITION names the flag and the file.
absl::Status CheckFiles(const Security& security);

// Shakes hands with the server at `endpoint`, "host:port", as a client of
// `security` does, but does not end it where the client would. nullopt if the
// server does not speak TLS. UNAVAILABLE if it cannot be reached within
// `timeout`, or has no host and port; errors of CheckFiles.
absl::StatusOr<std::optional<Handshake>> ShakeHands(
    const std::string& endpoint, const Security& security,
    absl::Duration timeout);

// The first certificate of a PEM file. NOT_FOUND or INVALID_ARGUMENT names the
// file.
absl::StatusOr<Certificate> ReadCertificate(const std::string& file);

// Says how long it is still good.
void JudgeCertificate(const std::string& subject,
                      const Certificate& certificate, absl::Time now,
                      Diagnosis& diagnosis);

// Says that, and whether a client of `security` gets on with the server.
void JudgeHandshake(const std::string& endpoint, const Handshake& handshake,
                    const Security& security, absl::Time now,
                    Diagnosis& diagnosis);

// Says whether plain text is fine at `endpoint` for a client of `security`.
void JudgePlainText(const std::string& endpoint, const Security& security,
                    Diagnosis& diagnosis);

}  // namespace budget

#endif  // BUDGET_CTL_DOCTOR_CERTIFICATE_H_
