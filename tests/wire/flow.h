#ifndef BUDGET_TESTS_WIRE_FLOW_H_
#define BUDGET_TESTS_WIRE_FLOW_H_

#include <deque>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "tests/wire/proxy.h"

namespace budget::wire {

// One way of a connection: bytes that were taken in and are due to be given
// out. Not thread-safe.
class Flow {
 public:
  // Bytes that arrive at `now` over `link`.
  void Put(absl::string_view bytes, const Link& link, absl::Time now);

  // Sends to `socket` what is due; false if that is gone.
  bool SendDue(int socket, absl::Time now);

  // When the next bytes are due; InfiniteFuture if there are none.
  absl::Time NextDue() const;

  // Too much is on its way to take in more.
  bool full() const;

 private:
  struct Parcel {
    absl::Time due;
    std::string bytes;
  };
  std::deque<Parcel> parcels_;
  size_t size_ = 0;  // of all parcels, bytes
};

}  // namespace budget::wire

#endif  // BUDGET_TESTS_WIRE_FLOW_H_
