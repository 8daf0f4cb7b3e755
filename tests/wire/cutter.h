#ifndef BUDGET_TESTS_WIRE_CUTTER_H_
#define BUDGET_TESTS_WIRE_CUTTER_H_

#include <functional>
#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "tests/wire/messages.h"

namespace budget::wire {

// Where a connection is cut.
enum class Cut {
  kNever,
  kBeforeCommit,  // what comes before it in the flight was forwarded
  kAfterCommit,   // it was forwarded, and no answer comes back
  kInReply,       // half of the answer that says it was done comes back
  kInRequest,     // of kBytes: half of what the client sends next goes on
};

// What a connection speaks.
enum class Protocol {
  kPostgres,
  kBytes,  // messages are not known: the next bytes of a side are its message
};

// What of a connection goes on to the other side. Bytes come in pieces of any
// size and go on as whole messages, so that a cut is where it is meant to be.
// Not thread-safe.
class Cutter {
 public:
  // `take` says at each place to cut whether that is to be done; then it is.
  Cutter(Protocol protocol, std::function<bool(Cut)> take)
      : protocol_(protocol), take_(std::move(take)) {}

  // What goes on now that `bytes` have come from one side.
  std::string FromClient(absl::string_view bytes);
  std::string FromServer(absl::string_view bytes);

  // Nothing goes on any more.
  bool has_cut() const { return has_cut_; }

 private:
  std::string PassOrHalve(absl::string_view bytes, Cut cut);

  const Protocol protocol_;
  const std::function<bool(Cut)> take_;
  Framing framing_ = Framing::kStartup;  // of the client's next message
  std::string sent_;                     // by the client, not yet whole
  std::string answered_;                 // by the server, not yet whole
  bool commits_ = false;                 // the flight that the client sends
  bool awaits_commit_ = false;           // one has passed and was not done yet
  bool has_cut_ = false;
};

}  // namespace budget::wire

#endif  // BUDGET_TESTS_WIRE_CUTTER_H_
