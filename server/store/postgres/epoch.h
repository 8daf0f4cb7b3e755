#ifndef BUDGET_STORE_POSTGRES_EPOCH_H_
#define BUDGET_STORE_POSTGRES_EPOCH_H_

#include <atomic>
#include <cstdint>

namespace budget {

// Numbers the times between losses of the database. What has ended one
// connection may have ended them all, and where another server has taken over,
// one that still works is to the wrong one: so a loss ends the epoch, and
// connections of earlier ones are given up. Thread-safe, without a lock.
class Epoch {
 public:
  int64_t now() const { return now_.load(); }

  // A connection that was made in `epoch` was lost. Others of that epoch may
  // say the same later, and end nothing more.
  void End(int64_t epoch) { now_.compare_exchange_strong(epoch, epoch + 1); }

 private:
  std::atomic<int64_t> now_{0};
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_EPOCH_H_
