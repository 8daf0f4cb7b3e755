#include "server/lane/later.h"

#include <utility>

namespace budget {

Later::~Later() {
  {
    const std::lock_guard lock(mutex_);
    hurrying_ = true;
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Later::After(absl::Duration wait, Task task) {
  const Clock::time_point due = Clock::now() + absl::ToChronoNanoseconds(wait);
  bool first = false;
  {
    const std::lock_guard lock(mutex_);
    const auto at = tasks_.emplace(due, std::move(task));
    first = at == tasks_.begin();
  }
  if (first) changed_.notify_one();
}

void Later::Hurry() {
  {
    const std::lock_guard lock(mutex_);
    hurrying_ = true;
  }
  changed_.notify_one();
}

void Later::Loop() {
  std::unique_lock lock(mutex_);
  while (true) {
    if (tasks_.empty()) {
      if (stopping_) return;
      changed_.wait(lock);
      continue;
    }
    const Clock::time_point due = tasks_.begin()->first;
    if (!hurrying_ && due > Clock::now()) {
      changed_.wait_until(lock, due);
      continue;
    }
    Task task = std::move(tasks_.extract(tasks_.begin()).mapped());
    lock.unlock();
    std::move(task)();
    task = nullptr;
    lock.lock();
  }
}

}  // namespace budget
