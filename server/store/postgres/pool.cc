#include "server/store/postgres/pool.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace budget {

Pool::Pool(std::string uri, SessionKind kind, int sessions_max, Epoch& epoch,
           OnConnect on_connect)
    : uri_(std::move(uri)),
      kind_(kind),
      sessions_max_(sessions_max),
      epoch_(epoch),
      on_connect_(std::move(on_connect)) {}

Pool::Lease Pool::Acquire(absl::Duration timeout) {
  Member member;
  std::vector<Member> closing;
  {
    absl::MutexLock lock(&mutex_);
    if (!mutex_.AwaitWithTimeout(absl::Condition(this, &Pool::HasRoom),
                                 timeout)) {
      throw pqxx::broken_connection("no session became free in time");
    }
    ++in_use_;
    const auto stale = std::partition(
        idle_.begin(), idle_.end(),
        [now = epoch_.now()](const Member& m) { return m.epoch == now; });
    std::move(stale, idle_.end(), std::back_inserter(closing));
    idle_.erase(stale, idle_.end());
    if (!idle_.empty()) {
      member = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  closing.clear();  // may take a while: not under the lock
  if (member.session) return Lease(*this, std::move(member));
  try {
    return Lease(*this, Connect());
  } catch (...) {
    Return({});
    throw;
  }
}

Pool::Member Pool::Connect() {
  Member member{.epoch = epoch_.now()};
  member.session = std::make_unique<Session>(uri_, kind_);
  on_connect_(*member.session, member.epoch);
  return member;
}

void Pool::Return(Member member) {
  const bool kept = member.session && !member.session->broken() &&
                    member.epoch == epoch_.now();
  if (!kept) member.session.reset();
  absl::MutexLock lock(&mutex_);
  --in_use_;
  if (kept) idle_.push_back(std::move(member));
}

}  // namespace budget
