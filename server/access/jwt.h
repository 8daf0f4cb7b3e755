#ifndef BUDGET_ACCESS_JWT_H_
#define BUDGET_ACCESS_JWT_H_

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/access/jwt_keys.h"
#include "server/access/principal_cache.h"
#include "server/base/clock.h"

namespace budget {

struct JwtOptions {
  std::string keys_file;  // a JWK Set, or public keys in PEM
  std::string issuer;     // what `iss` must be
  std::string audience;   // what `aud` must be or contain
  absl::Duration leeway = absl::Seconds(30);  // of the issuer's clock
  size_t cache_entries_max = 10'000;
};

// Verifies bearer tokens that are JWTs (RFC 7519), as RFC 8725 advises: keys
// and algorithms (RS256, ES256) are pinned, a token chooses at most among them.
// Nothing that a token points to is ever fetched. Thread-safe.
class JwtVerifier {
 public:
  // FAILED_PRECONDITION with cause and remedy, without the path, if the keys
  // cannot be read. `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<JwtVerifier>> Open(JwtOptions options,
                                                           const Clock& clock);

  // The principal of a token, "jwt:<issuer>#<subject>". UNAUTHENTICATED, with
  // the cause and nothing of the token, if it is not valid now. A token that
  // was verified costs a look-up until it expires or the keys change.
  absl::StatusOr<std::string> Verify(absl::string_view token);

  // Reads the keys again; true if they have changed. Keeps those it has if the
  // file cannot be used, and says why.
  absl::StatusOr<bool> Reload();

 private:
  // The keys of one reading with what they have verified: what a key that is
  // gone has signed does not live on.
  struct KeySet {
    KeySet(std::string text, std::vector<JwtKey> keys, size_t verified_max)
        : text(std::move(text)),
          keys(std::move(keys)),
          verified(verified_max) {}

    const std::string text;
    const std::vector<JwtKey> keys;
    PrincipalCache verified;
  };

  JwtVerifier(JwtOptions options, const Clock& clock)
      : options_(std::move(options)), clock_(clock) {}

  std::shared_ptr<KeySet> keys() const;

  const JwtOptions options_;
  const Clock& clock_;
  mutable absl::Mutex mutex_;
  std::shared_ptr<KeySet> keys_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget

#endif  // BUDGET_ACCESS_JWT_H_
