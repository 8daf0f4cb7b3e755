#ifndef BUDGET_TESTS_WIRE_CUTTER_H_
#define BUDGET_TESTS_WIRE_CUTTER_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "tests/wire/messages.h"

namespace budget::wire {

// Where a connection is cut at the next COMMIT that passes.
enum class Cut {
  kNever,
  kBeforeCommit,  // what comes before it in the flight was forwarded
  kAfterCommit,   // it was forwarded, and no answer comes back
  kInReply,       // half of its answer comes back
};

// What of a connection goes on to the other side. Bytes come in pieces of any
// size and go on as whole messages, so that a cut is where it is meant to be.
// Not thread-safe.
class Cutter {
 public:
  // `take` says at each COMMIT how to cut it.
  explicit Cutter(std::function<Cut()> take) : take_(std::move(take)) {}

  // What goes on now that `bytes` have come from one side.
  std::string FromClient(absl::string_view bytes);
  std::string FromServer(absl::string_view bytes);

  // Nothing goes on any more.
  bool has_cut() const { return has_cut_; }

 private:
  const std::function<Cut()> take_;
  Framing framing_ = Framing::kStartup;  // of the client's next message
  std::string sent_;                     // by the client, not yet whole
  std::string answered_;                 // by the server, not yet whole
  Cut cut_ = Cut::kNever;                // of the COMMIT that is on its way
  bool has_cut_ = false;
};

}  // namespace budget::wire

#endif  // BUDGET_TESTS_WIRE_CUTTER_H_
