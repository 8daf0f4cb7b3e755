#ifndef BUDGET_ACCESS_AUTHENTICATOR_H_
#define BUDGET_ACCESS_AUTHENTICATOR_H_

#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/access/directory.h"
#include "server/access/jwt.h"
#include "server/access/peer_identity.h"

namespace budget {

// What a call brought along to say who it is from.
struct Credentials {
  // How often the metadata key "authorization" was given, and a value of it.
  int authorizations = 0;
  absl::string_view authorization;
  // Of the client certificate, where there is no authorization.
  PeerNames peer;
};

struct AuthenticatorOptions {
  JwtVerifier* jwt = nullptr;  // null: no JWTs
  std::string trust_domain;    // of SPIFFE IDs; empty: any
};

// Says who calls. Thread-safe.
class Authenticator {
 public:
  // `directory` and the verifier must outlive it.
  explicit Authenticator(const Directory& directory,
                         AuthenticatorOptions options = {})
      : directory_(directory), options_(std::move(options)) {}

  // A bearer token goes before the certificate, and one that is not good is
  // never made up for by the certificate: UNAUTHENTICATED, with a message for
  // the caller that quotes nothing of what was given.
  absl::StatusOr<Recognised> Authenticate(const Credentials& credentials) const;

  // The same caller, looked up anew: for what outlasts a call's beginning.
  absl::StatusOr<Recognised> Again(const Recognised& before) const;

 private:
  absl::StatusOr<Recognised> FindBearer(absl::string_view token) const;
  absl::StatusOr<Recognised> FindByJwt(absl::string_view token) const;

  const Directory& directory_;
  const AuthenticatorOptions options_;
};

}  // namespace budget

#endif  // BUDGET_ACCESS_AUTHENTICATOR_H_
