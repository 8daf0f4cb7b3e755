#include "server/rpc/fair_queue.h"

#include <utility>

namespace budget {

bool FairQueue::Push(CallerId caller, Task task) {
  if (!shares_.HasRoom(caller, tasks_max_)) return false;
  shares_.Add(caller, 1);
  std::deque<Task>& tasks = tasks_[caller];
  if (tasks.empty()) turns_.push_back(caller);
  tasks.push_back(std::move(task));
  return true;
}

FairQueue::Task FairQueue::Pop() {
  const CallerId caller = turns_.front();
  turns_.pop_front();
  shares_.Remove(caller, 1);
  const auto it = tasks_.find(caller);
  Task task = std::move(it->second.front());
  it->second.pop_front();
  if (it->second.empty()) {
    tasks_.erase(it);
  } else {
    turns_.push_back(caller);
  }
  return task;
}

}  // namespace budget
