#ifndef BUDGET_ACCESS_PRINCIPAL_CACHE_H_
#define BUDGET_ACCESS_PRINCIPAL_CACHE_H_

#include <cstddef>
#include <list>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/base/sha256.h"

namespace budget {

// The SHA-256 of a token: tokens themselves are not kept.
using TokenHash = Sha256Digest;
TokenHash HashOf(absl::string_view token);

// Who a token that was verified stands for. Holds `entries_max`; the one that
// was used longest ago makes room. Thread-safe.
class PrincipalCache {
 public:
  struct Entry {
    std::string principal;
    absl::Time valid_until;
  };

  explicit PrincipalCache(size_t entries_max) : entries_max_(entries_max) {}

  // Nothing if the token is unknown, or no longer valid at `now`.
  std::optional<std::string> Find(const TokenHash& token, absl::Time now);
  void Put(const TokenHash& token, Entry entry);
  size_t size() const;

 private:
  using Order = std::list<std::pair<TokenHash, Entry>>;  // latest use first

  const size_t entries_max_;
  mutable absl::Mutex mutex_;
  Order order_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<TokenHash, Order::iterator> by_token_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget

#endif  // BUDGET_ACCESS_PRINCIPAL_CACHE_H_
