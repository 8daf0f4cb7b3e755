#ifndef BUDGET_LANE_METERS_H_
#define BUDGET_LANE_METERS_H_

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/base/meter.h"
#include "server/domain/operation.h"
#include "server/domain/outcome.h"
#include "server/domain/reason.h"

namespace budget {

// What became of an operation, as seen from afar.
enum class Decision {
  kGranted,
  kDenied,   // a budget said no
  kRefused,  // the caller is at fault, or the state of things
  kFailed,   // the environment: overload, storage, deadline, a broken invariant
};
inline constexpr size_t kDecisions = 4;

absl::string_view DecisionName(Decision decision);  // "granted"
Decision DecisionOf(Reason reason);
Decision DecisionOf(const Outcome& outcome);

// Operations by what is asked for: each alternative of Operation, and Reserve
// once more for those that only try.
inline constexpr size_t kOperationKinds = std::variant_size_v<Operation> + 1;
size_t OperationKind(const Operation& operation);
absl::string_view OperationKindName(size_t kind);  // "reserve", "preview"

// Why something was turned away before it was worked on.
enum class Shed {
  kServerFull,  // the bounds of the whole server
  kQueue,       // its lane is full, or it would have waited too long there
  kDeadline,    // its deadline passed while it waited
  kDraining,
};
inline constexpr size_t kSheds = 4;
absl::string_view ShedName(Shed shed);  // "server_full"

// Decisions by root, for who asks for them: there may be very many roots, and
// their names may be secret. Thread-safe.
class RootMeters {
 public:
  // Roots beyond these are counted together, under kOthers.
  static constexpr size_t kRootsMax = 1000;
  static constexpr char kOthers[] = "(others)";  // the name of no root

  using Counts = std::array<int64_t, kDecisions>;

  void Add(absl::string_view root, Decision decision);
  std::map<std::string, Counts> Read() const;

 private:
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<std::string, Counts> counts_ ABSL_GUARDED_BY(mutex_);
};

// What a dispatcher counts. Thread-safe.
struct LaneMeters {
  struct OfKind {
    EventCount granted;
    std::array<EventCount, kReasons> not_granted;
    EventCount replayed;   // granted, and had been before
    Histogram seconds;  // from its submission to its answer
  };
  std::array<OfKind, kOperationKinds> operations;

  Histogram batch_operations{Histogram::kSizes};
  Histogram batch_seconds;       // a batch, from its closing to its end
  Histogram queue_wait_seconds;  // an operation, until its batch is closed
  std::array<EventCount, kSheds> shed;  // operations; calls at the door
  Gauge operations_inside;           // not answered yet
  Gauge roots_stopped;               // by a broken invariant

  std::unique_ptr<RootMeters> by_root;  // null: not asked for
};

}  // namespace budget

#endif  // BUDGET_LANE_METERS_H_
