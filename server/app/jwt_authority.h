#ifndef BUDGET_APP_JWT_AUTHORITY_H_
#define BUDGET_APP_JWT_AUTHORITY_H_

#include <memory>
#include <utility>

#include "absl/status/statusor.h"
#include "server/access/jwt.h"
#include "server/app/config.h"
#include "server/base/clock.h"
#include "server/lane/periodic.h"

namespace budget {

// Verifies the bearer tokens that --jwt-keys is for, with keys that are read
// again within a second when the file changes; what cannot be used is left
// alone, with a warning. Thread-safe.
class JwtAuthority {
 public:
  // Reads the keys of `config`, which names some. FAILED_PRECONDITION that
  // names flag, cause and remedy. `clock` must outlive it.
  static absl::StatusOr<std::unique_ptr<JwtAuthority>> Open(
      const Config& config, const Clock& clock);

  JwtVerifier& verifier() { return *verifier_; }

 private:
  explicit JwtAuthority(std::unique_ptr<JwtVerifier> verifier);

  void ReloadAndLog();

  const std::unique_ptr<JwtVerifier> verifier_;
  Periodic periodic_;
};

}  // namespace budget

#endif  // BUDGET_APP_JWT_AUTHORITY_H_
