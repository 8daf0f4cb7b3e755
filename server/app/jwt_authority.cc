#include "server/app/jwt_authority.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "server/app/log.h"

namespace budget {
namespace {

constexpr absl::Duration kLookPause = absl::Seconds(1);

}  // namespace

JwtAuthority::JwtAuthority(std::unique_ptr<JwtVerifier> verifier)
    : verifier_(std::move(verifier)),
      periodic_(kLookPause, [this] { ReloadAndLog(); }) {}

absl::StatusOr<std::unique_ptr<JwtAuthority>> JwtAuthority::Open(
    const Config& config, const Clock& clock) {
  absl::StatusOr<std::unique_ptr<JwtVerifier>> verifier =
      JwtVerifier::Open({.keys_file = config.jwt_keys,
                         .issuer = config.jwt_issuer,
                         .audience = config.jwt_audience},
                        clock);
  if (!verifier.ok()) {
    return absl::FailedPreconditionError(
        absl::StrCat("--jwt-keys is \"", config.jwt_keys, "\": ",
                     verifier.status().message(),
                     "; give a JWK Set or public keys in PEM"));
  }
  return std::unique_ptr<JwtAuthority>(new JwtAuthority(*std::move(verifier)));
}

void JwtAuthority::ReloadAndLog() {
  const absl::StatusOr<bool> changed = verifier_->Reload();
  if (!changed.ok()) {
    LogRepeating("jwt_keys_not_reloaded",
                 {{"error", std::string(changed.status().message())},
                  {"in_use", "what was read before"}});
  } else if (*changed) {
    LogInfo("jwt_keys_reloaded");
  }
}

}  // namespace budget
