#ifndef BUDGET_STORE_POSTGRES_POOL_H_
#define BUDGET_STORE_POSTGRES_POOL_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/store/postgres/session.h"

namespace budget {

// Up to a fixed number of sessions, opened when needed and kept. Thread-safe.
class Pool {
 public:
  // `on_connect` is called after each new connection, before its first use.
  Pool(std::string uri, SessionKind kind, int sessions_max,
       std::function<void()> on_connect);

  // A session for the time it lives. A broken one is closed, not kept.
  class Lease {
   public:
    Lease(Pool& pool, std::unique_ptr<Session> session)
        : pool_(pool), session_(std::move(session)) {}
    ~Lease() { pool_.Return(std::move(session_)); }
    Lease(const Lease&) = delete;
    Lease& operator=(const Lease&) = delete;

    Session& operator*() { return *session_; }
    Session* operator->() { return session_.get(); }

   private:
    Pool& pool_;
    std::unique_ptr<Session> session_;
  };

  // Waits for a free session up to `timeout`. Throws what connecting throws,
  // and pqxx::broken_connection where none became free.
  Lease Acquire(absl::Duration timeout);

  // Closes the sessions that are idle: what killed one has killed them all.
  void CloseIdle();

 private:
  void Return(std::unique_ptr<Session> session);
  std::unique_ptr<Session> Connect();
  bool HasRoom() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return in_use_ < sessions_max_;
  }

  const std::string uri_;
  const SessionKind kind_;
  const int sessions_max_;
  const std::function<void()> on_connect_;
  absl::Mutex mutex_;
  int in_use_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<Session>> idle_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_POOL_H_
