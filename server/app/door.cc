#include "server/app/door.h"

#include "server/app/exposure.h"
#include "server/app/log.h"

namespace budget {
namespace {

// How long a change of grants and tokens may go unseen, at most.
constexpr absl::Duration kAccessPause = absl::Seconds(1);

}  // namespace

Door::Door(const Config& config, AccessStore& store, JwtAuthority* jwt,
           Clock& clock)
    : required_(AuthRequired(config)),
      store_(store),
      directory_(store, clock),
      authenticator_(directory_,
                     {.jwt = jwt == nullptr ? nullptr : &jwt->verifier(),
                      .trust_domain = config.spiffe_trust_domain}) {}

absl::Status Door::Open() {
  if (!required_) return absl::OkStatus();
  const absl::Status read = directory_.Refresh();
  if (!read.ok()) return read;
  refresher_.emplace(kAccessPause, [this] {
    LogFailure("access_not_refreshed", directory_.Refresh());
  });
  return absl::OkStatus();
}

RpcAccess Door::access() {
  if (!required_) return {.store = &store_};
  return {.store = &store_,
          .directory = &directory_,
          .authenticator = &authenticator_};
}

}  // namespace budget
