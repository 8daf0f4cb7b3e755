#include "server/rpc/read_pool.h"

#include <utility>

namespace budget {

ReadPool::ReadPool(const ReadPoolOptions& options)
    : short_(static_cast<size_t>(options.queue_max)),
      long_(static_cast<size_t>(options.long_queue_max)) {
  for (int i = 0; i < options.threads; ++i) {
    threads_.emplace_back([this] { Loop(); });
  }
}

ReadPool::~ReadPool() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) thread.join();
}

bool ReadPool::Submit(ReadLength length, CallerId caller, Task task) {
  absl::MutexLock lock(&mutex_);
  FairQueue& queue = length == ReadLength::kLong ? long_ : short_;
  return !stopping_ && queue.Push(caller, std::move(task));
}

// Long ones first: they take one thread, and short ones may never end.
FairQueue* ReadPool::Next() {
  if (!long_runs_ && !long_.empty()) return &long_;
  return short_.empty() ? nullptr : &short_;
}

void ReadPool::Loop() {
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return Next() != nullptr || (stopping_ && long_.empty());
  };
  while (true) {
    Task task;
    bool is_long = false;
    {
      absl::MutexLock lock(&mutex_, absl::Condition(&ready));
      FairQueue* const queue = Next();
      if (queue == nullptr) return;
      is_long = queue == &long_;
      if (is_long) long_runs_ = true;
      task = queue->Pop();
    }
    task();
    if (!is_long) continue;
    absl::MutexLock lock(&mutex_);
    long_runs_ = false;
  }
}

}  // namespace budget
