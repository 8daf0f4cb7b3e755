#include "server/access/authenticator.h"

#include <memory>

#include "absl/strings/match.h"
#include "server/access/token.h"

namespace budget {
namespace {

constexpr absl::string_view kScheme = "Bearer ";

absl::Status NoCredentials() {
  return absl::UnauthenticatedError(
      "the call does not say who it is from; send a bearer token in the "
      "metadata key authorization, or use a client certificate");
}

}  // namespace

absl::StatusOr<Recognised> Authenticator::Authenticate(
    const Credentials& credentials) const {
  if (credentials.authorizations > 1) {
    return absl::UnauthenticatedError(
        "the metadata key authorization is given more than once; send it once");
  }
  if (credentials.authorizations == 1) {
    const absl::string_view given = credentials.authorization;
    if (!absl::StartsWithIgnoreCase(given, kScheme)) {
      return absl::UnauthenticatedError(
          "the metadata key authorization must be \"Bearer \" and a token");
    }
    return FindBearer(given.substr(kScheme.size()));
  }
  const PeerNames& peer = credentials.peer;
  if (peer.uris.empty() && peer.dns.empty()) return NoCredentials();
  const absl::StatusOr<std::string> principal =
      PrincipalOfPeer(peer, options_.trust_domain);
  if (!principal.ok()) {
    return absl::UnauthenticatedError(principal.status().message());
  }
  return Recognised{.identity = directory_.FindByPrincipal(*principal)};
}

absl::StatusOr<Recognised> Authenticator::FindBearer(
    absl::string_view token) const {
  if (options_.jwt == nullptr || absl::StartsWith(token, kTokenPrefix)) {
    return directory_.FindByToken(token);
  }
  return FindByJwt(token);
}

absl::StatusOr<Recognised> Authenticator::FindByJwt(
    absl::string_view token) const {
  const absl::StatusOr<std::string> principal = options_.jwt->Verify(token);
  if (!principal.ok()) return principal.status();
  return Recognised{.identity = directory_.FindByPrincipal(*principal),
                    .jwt = std::make_shared<const std::string>(token)};
}

absl::StatusOr<Recognised> Authenticator::Again(
    const Recognised& before) const {
  if (before.jwt != nullptr) return FindByJwt(*before.jwt);
  return directory_.FindAgain(before);
}

}  // namespace budget
