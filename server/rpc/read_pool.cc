#include "server/rpc/read_pool.h"

#include <utility>

namespace budget {

ReadPool::ReadPool(const ReadPoolOptions& options)
    : short_{.tasks_max = static_cast<size_t>(options.queue_max)},
      long_{.tasks_max = static_cast<size_t>(options.long_queue_max)} {
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
  Queue& queue = length == ReadLength::kLong ? long_ : short_;
  if (stopping_ || !queue.tasks.shares().HasRoom(caller, queue.tasks_max)) {
    return false;
  }
  queue.tasks.Push(caller, 1, std::move(task));
  return true;
}

// Long ones first: they take one thread, and short ones may never end.
ReadPool::Queue* ReadPool::Next() {
  if (!long_runs_ && !long_.tasks.empty()) return &long_;
  return short_.tasks.empty() ? nullptr : &short_;
}

void ReadPool::Loop() {
  const auto ready = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    return Next() != nullptr || (stopping_ && long_.tasks.empty());
  };
  while (true) {
    Task task;
    bool is_long = false;
    {
      absl::MutexLock lock(&mutex_, absl::Condition(&ready));
      Queue* const queue = Next();
      if (queue == nullptr) return;
      is_long = queue == &long_;
      if (is_long) long_runs_ = true;
      task = queue->tasks.Pop();
    }
    task();
    if (!is_long) continue;
    absl::MutexLock lock(&mutex_);
    long_runs_ = false;
  }
}

}  // namespace budget
