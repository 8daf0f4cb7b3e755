#ifndef BUDGET_ACCESS_DIRECTORY_H_
#define BUDGET_ACCESS_DIRECTORY_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/access/access_store.h"
#include "server/access/identity.h"
#include "server/base/clock.h"

namespace budget {

// Somebody who was recognised.
struct Recognised {
  std::shared_ptr<const Identity> identity;
  // What to verify again where the call goes on; null: it was no JWT.
  std::shared_ptr<const std::string> jwt;
};

// All tokens and grants, in memory: what a call needs is looked up without the
// database. A change elsewhere is seen at the next Refresh; while the database
// is away, what was read last stays in force, and tokens still expire.
// Thread-safe; look-ups never wait for a refresh.
class Directory {
 public:
  // Knows nobody until the first Refresh. Both must outlive it.
  Directory(AccessStore& store, Clock& clock);

  // Reads what has changed. On an error everything stays as it is.
  absl::Status Refresh();

  // UNAUTHENTICATED, with a message for its bearer, where the token is not
  // good. Only who has the secret learns why.
  absl::StatusOr<Recognised> FindByToken(absl::string_view token) const;

  // Whoever was recognised by other means. One without grants may do nothing.
  std::shared_ptr<const Identity> FindByPrincipal(
      absl::string_view principal) const;

  // The same somebody by what is known now; UNAUTHENTICATED where the token was
  // revoked or has expired since.
  absl::StatusOr<Recognised> FindAgain(const Recognised& before) const;

  // The database clock: this replica's, set right by as much as it was off at
  // the latest Refresh.
  absl::Time Now() const;

 private:
  struct Token {
    TokenRecord record;
    std::shared_ptr<const Identity> identity;
  };
  struct Contents {
    int64_t version = 0;
    absl::flat_hash_map<std::string, Token> tokens;
    absl::flat_hash_map<std::string, std::shared_ptr<const Identity>>
        principals;
  };

  static std::shared_ptr<const Contents> Build(AccessRecords records);
  std::shared_ptr<const Contents> Get() const;
  void SetClock(absl::Time read_time);
  // The bearer of a token that has been found.
  absl::StatusOr<Recognised> BearerOf(const Token& token) const;

  AccessStore& store_;
  Clock& clock_;
  absl::Mutex refresh_mutex_;  // one refresh at a time, before mutex_
  // How far the database clock is ahead of ours.
  std::atomic<int64_t> ahead_micros_{0};
  mutable absl::Mutex mutex_;
  std::shared_ptr<const Contents> contents_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget

#endif  // BUDGET_ACCESS_DIRECTORY_H_
