#ifndef BUDGET_ACCESS_PEER_IDENTITY_H_
#define BUDGET_ACCESS_PEER_IDENTITY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace budget {

// The names in the certificate of a peer (subject alternative names), as the
// transport hands them over once it has verified the certificate.
struct PeerNames {
  std::vector<std::string> uris;
  std::vector<std::string> dns;
};

// The principal that the names stand for:
//   "spiffe://domain/path"  its one URI is a SPIFFE ID;
//   "dns:name"              otherwise, its one DNS name in lower case.
// With a `trust_domain`, only SPIFFE IDs of that domain count.
// PERMISSION_DENIED with the cause for anything else: several URIs, no name,
// several, wildcards.
absl::StatusOr<std::string> PrincipalOfPeer(const PeerNames& names,
                                            absl::string_view trust_domain);

// The same for a certificate in PEM, which must not be one that may sign
// others. Reads the whole certificate: once for each connection, not each call.
absl::StatusOr<std::string> PrincipalOfCertificate(
    absl::string_view pem, absl::string_view trust_domain);

// OK for a name of a SPIFFE trust domain: 1 to 255 of [a-z0-9._-].
absl::Status CheckTrustDomain(absl::string_view name);

}  // namespace budget

#endif  // BUDGET_ACCESS_PEER_IDENTITY_H_
