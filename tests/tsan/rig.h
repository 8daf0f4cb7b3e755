#ifndef BUDGET_TESTS_TSAN_RIG_H_
#define BUDGET_TESTS_TSAN_RIG_H_

// Small programs of which is known whether they race. Each returns when all of
// its threads have ended.
namespace budget::tsan {

// Wrong: threads that add to the same number, guarded by nothing.
void Race();
// Wrong: the same, in callbacks of a gRPC server, which run on its threads.
void RaceInCallback();
// Wrong: two mutexes that are taken in either order, though never at once.
void InvertedLocks();

// Right: what is ordered by starting and joining threads, by a std::mutex and
// by atomics.
void Threads();
// Right: what is guarded by an absl::Mutex, handed over by a condition, and
// published by a Notification.
void Mutex();
// Right: calls that a gRPC server answers from a thread of ours, and that a
// client waits for in a callback.
void Callbacks();
// Right: protobuf messages with maps, made on one thread, encoded on another
// and destroyed on a third.
void Messages();

}  // namespace budget::tsan

#endif  // BUDGET_TESTS_TSAN_RIG_H_
