#include "server/store/postgres/pool.h"

#include <utility>

namespace budget {

Pool::Pool(std::string uri, SessionKind kind, int sessions_max,
           std::function<void()> on_connect)
    : uri_(std::move(uri)),
      kind_(kind),
      sessions_max_(sessions_max),
      on_connect_(std::move(on_connect)) {}

Pool::Lease Pool::Acquire(absl::Duration timeout) {
  std::unique_ptr<Session> session;
  {
    absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithTimeout(absl::Condition(this, &Pool::HasRoom),
                                 timeout)) {
      throw pqxx::broken_connection("no session became free in time");
    }
    ++in_use_;
    if (!idle_.empty()) {
      session = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (session) return Lease(*this, std::move(session));
  try {
    return Lease(*this, Connect());
  } catch (...) {
    Return(nullptr);
    throw;
  }
}

std::unique_ptr<Session> Pool::Connect() {
  auto session = std::make_unique<Session>(uri_, kind_);
  on_connect_();
  return session;
}

void Pool::CloseIdle() {
  std::vector<std::unique_ptr<Session>> closing;
  absl::MutexLock lock(&mutex_);
  closing.swap(idle_);
}

void Pool::Return(std::unique_ptr<Session> session) {
  absl::MutexLock lock(&mutex_);
  --in_use_;
  if (session && !session->broken()) idle_.push_back(std::move(session));
}

}  // namespace budget
