#ifndef BUDGET_LANE_PIECES_H_
#define BUDGET_LANE_PIECES_H_

#include <deque>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "server/lane/batch.h"

namespace budget {

// What is to run in one turn of a lane: pieces in order, each in a transaction
// of its own; at first one of all. Not thread-safe.
class Pieces {
 public:
  // `batches` are of different roots.
  explicit Pieces(std::vector<RootBatch> batches);

  bool empty() const { return pieces_.empty(); }
  // The next to run. Must not be empty.
  const std::vector<RootBatch>& first() const { return pieces_.front(); }

  // It has run, and its results are filled.
  void Ran() { pieces_.pop_front(); }

  // There is no room for it at once: it becomes two, the first half with the
  // middle one. False if it is but one operation.
  bool Halve();

  // An invariant of one of its roots is broken, for which the others must not
  // pay: each becomes a piece. False if it is of one root.
  bool DivideByRoot();

  // Refuses it as the store's `status` means. So is what follows in its last
  // root, for that may build upon what failed.
  void Refuse(const absl::Status& status);

 private:
  std::deque<std::vector<RootBatch>> pieces_;
};

}  // namespace budget

#endif  // BUDGET_LANE_PIECES_H_
