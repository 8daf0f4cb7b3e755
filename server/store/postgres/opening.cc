#include "server/store/postgres/opening.h"

#include <iterator>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/store/postgres/postgres_store.h"
#include "server/store/postgres/session.h"

namespace budget {
namespace {

constexpr Statement kBegin = {"begin", "BEGIN ISOLATION LEVEL SERIALIZABLE"};

// How long a transaction waits for its lane where its callers will not wait for
// as long as the session does: the longest that they have time for.
constexpr struct {
  int64_t wait_ms;
  Statement statement;
} kLockTimeouts[] = {
    {2000, {"lock_timeout_2000", "SET LOCAL lock_timeout = 2000"}},
    {1000, {"lock_timeout_1000", "SET LOCAL lock_timeout = 1000"}},
    {500, {"lock_timeout_500", "SET LOCAL lock_timeout = 500"}},
    {200, {"lock_timeout_200", "SET LOCAL lock_timeout = 200"}},
    {50, {"lock_timeout_50", "SET LOCAL lock_timeout = 50"}},
    {10, {"lock_timeout_10", "SET LOCAL lock_timeout = 10"}},
};

// Null where the session's own is short enough.
const Statement* LockTimeoutFor(absl::Duration left) {
  if (left >= Session::kLockTimeout) return nullptr;
  for (const auto& [wait_ms, statement] : kLockTimeouts) {
    if (absl::Milliseconds(wait_ms) <= left) return &statement;
  }
  return &std::end(kLockTimeouts)[-1].statement;
}

Statement LockLane(int lane) {
  struct Texts {
    std::string name;
    std::string sql;
  };
  static const auto* const lanes = [] {
    auto* texts = new std::vector<Texts>;
    for (int i = 0; i < kLanes; ++i) {
      texts->push_back({absl::StrCat("lock_lane_", i),
                        absl::StrCat("LOCK TABLE budget.lane_", i,
                                     " IN EXCLUSIVE MODE")});
    }
    return texts;
  }();
  const Texts& texts = lanes->at(lane);
  return {texts.name.c_str(), texts.sql.c_str()};
}

}  // namespace

Flight BeginWriting() {
  Flight opening;
  opening.Add(kBegin);
  return opening;
}

void AllowLongPauses(Flight& opening) {
  static constexpr Statement kLongPauses = {
      "long_pauses", "SET LOCAL idle_in_transaction_session_timeout = 30000"};
  opening.Add(kLongPauses);
}

// LOCK takes no snapshot, so the snapshot sees what the previous writer of the
// lane has committed.
Flight BeginWritingIn(int lane, absl::Duration patience) {
  Flight opening = BeginWriting();
  if (const Statement* shorter = LockTimeoutFor(patience)) {
    opening.Add(*shorter);
  }
  opening.Add(LockLane(lane));
  return opening;
}

}  // namespace budget
