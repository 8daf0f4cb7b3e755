#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "budget/v1/budget_service.pb.h"
#include "tests/tsan/rig.h"

namespace budget::tsan {
namespace {

constexpr int kThreads = 4;
constexpr int kRounds = 1'000;

template <typename Body>
void RunThreads(Body body) {
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) threads.emplace_back(body);
  for (std::thread& thread : threads) thread.join();
}

// What one thread puts in, another takes out.
template <typename T>
class Queue {
 public:
  void Put(T item) {
    absl::MutexLock lock(&mutex_);
    items_.push_back(std::move(item));
  }
  T Take() {
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(
        +[](std::deque<T>* items) { return !items->empty(); }, &items_));
    T item = std::move(items_.front());
    items_.pop_front();
    return item;
  }

 private:
  absl::Mutex mutex_;
  std::deque<T> items_;
};

}  // namespace

void Race() {
  int count = 0;
  RunThreads([&count] {
    for (int i = 0; i < kRounds; ++i) ++count;
  });
}

void InvertedLocks() {
  absl::Mutex first;
  absl::Mutex second;
  std::thread([&] {
    absl::MutexLock outer(&first);
    absl::MutexLock inner(&second);
  }).join();
  std::thread([&] {
    absl::MutexLock outer(&second);
    absl::MutexLock inner(&first);
  }).join();
}

void Threads() {
  int guarded = 0;
  std::mutex mutex;
  std::string published;
  std::atomic<bool> ready = false;
  RunThreads([&] {
    for (int i = 0; i < kRounds; ++i) {
      const std::lock_guard<std::mutex> lock(mutex);
      ++guarded;
      if (guarded == kRounds) {
        published = "by whoever came to it";
        ready.store(true, std::memory_order_release);
      }
    }
    if (ready.load(std::memory_order_acquire)) (void)published.size();
  });
  ++guarded;  // all have been joined
}

void Mutex() {
  Queue<std::unique_ptr<int>> queue;
  absl::Notification done;
  int sum = 0;
  std::thread taker([&] {
    for (int i = 0; i < kRounds; ++i) sum += *queue.Take();
    done.Notify();
  });
  for (int i = 0; i < kRounds; ++i) queue.Put(std::make_unique<int>(i));
  done.WaitForNotification();
  ++sum;  // its last was before the notification
  taker.join();
}

void Messages() {
  Queue<std::unique_ptr<v1::ReserveRequest>> made;
  Queue<std::unique_ptr<v1::ReserveRequest>> encoded;
  std::thread maker([&made] {
    for (int i = 0; i < kRounds; ++i) {
      auto request = std::make_unique<v1::ReserveRequest>();
      request->add_allocations("acme/search");
      (*request->mutable_tags())["model"] = std::to_string(i);
      made.Put(std::move(request));
    }
  });
  std::thread encoder([&] {
    for (int i = 0; i < kRounds; ++i) {
      auto request = made.Take();
      v1::ReserveRequest copy;
      copy.ParseFromString(request->SerializeAsString());
      (*request->mutable_tags())["agent"] = copy.tags().at("model");
      encoded.Put(std::move(request));
    }
  });
  for (int i = 0; i < kRounds; ++i) encoded.Take().reset();
  maker.join();
  encoder.join();
}

}  // namespace budget::tsan
