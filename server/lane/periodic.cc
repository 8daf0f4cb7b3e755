#include "server/lane/periodic.h"

#include <utility>

namespace budget {

Periodic::Periodic(absl::Duration pause, std::function<void()> task)
    : thread_([this, pause, task = std::move(task)] { Loop(pause, task); }) {}

Periodic::~Periodic() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  thread_.join();
}

void Periodic::Loop(absl::Duration pause, const std::function<void()>& task) {
  while (true) {
    {
      absl::MutexLock lock(&mutex_);
      if (mutex_.AwaitWithTimeout(absl::Condition(&stopping_), pause)) return;
    }
    task();
  }
}

}  // namespace budget
