#ifndef BUDGET_STORE_POSTGRES_POOL_H_
#define BUDGET_STORE_POSTGRES_POOL_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/store/postgres/epoch.h"
#include "server/store/postgres/session.h"

namespace budget {

// Up to a fixed number of sessions, opened when needed and kept for the epoch
// that they were opened in. Thread-safe.
class Pool {
 public:
  // Called with each new session before its first use. What it throws fails
  // the connection.
  using OnConnect = std::function<void(Session& session, int64_t epoch)>;

  // `epoch` is shared with other pools on the same database and outlives this.
  Pool(std::string uri, SessionKind kind, int sessions_max, Epoch& epoch,
       OnConnect on_connect);

  // A session with the epoch it was opened in.
  struct Member {
    std::unique_ptr<Session> session;
    int64_t epoch = 0;
  };

  // A session for the time it lives. One that is broken, or of an earlier
  // epoch, is closed then, not kept.
  class Lease {
   public:
    Lease(Pool& pool, Member member)
        : pool_(pool), member_(std::move(member)) {}
    ~Lease() { pool_.Return(std::move(member_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Session& operator*() { return *member_.session; }
    Session* operator->() { return member_.session.get(); }

    // The connection is lost, or is to a server that takes no writes any more.
    void Lose() {
      member_.session->MarkBroken();
      pool_.epoch_.End(member_.epoch);
    }

   private:
    Pool& pool_;
    Member member_;
  };

  // Waits for a free session up to `timeout`. Throws what connecting throws,
  // and pqxx::broken_connection where none became free.
  Lease Acquire(absl::Duration timeout);

 private:
  void Return(Member member);
  Member Connect();
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return in_use_ < sessions_max_;
  }

  const std::string uri_;
  const SessionKind kind_;
  const int sessions_max_;
  Epoch& epoch_;
  const OnConnect on_connect_;
  absl::Mutex mutex_;
  int in_use_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Member> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_POOL_H_
