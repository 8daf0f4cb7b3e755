#ifndef BUDGET_RPC_CONNECTIONS_H_
#define BUDGET_RPC_CONNECTIONS_H_

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/rpc/connection_bounds.h"
#include "server/rpc/meters.h"
#include "server/rpc/tcp.h"

namespace budget {

// A connection that was refused, or cut.
struct TurnedAway {
  absl::string_view event;  // "connection_refused", "connection_cut"
  std::string address;      // of the peer; empty if unknown
  absl::string_view why;    // NoRoomName or CutName
};
using OnTurnedAway = std::function<void(const TurnedAway&)>;

// The connections that are open, and what each has unanswered. gRPC tells
// nobody how much it keeps for whom, so this asks the kernel. Thread-safe.
class Connections {
 public:
  // `meters` must outlive it. `on_turned_away` may be null.
  Connections(const ConnectionBounds& bounds, ConnectionMeters& meters,
              OnTurnedAway on_turned_away);

  // Remembers one that was just accepted, as being handed on from now. nullopt
  // if there is no room for it.
  std::optional<TcpConnection> Admit(int fd);

  // That is done.
  void Handed(const TcpConnection& connection);

  // One could not be accepted: there was no descriptor for it.
  void Missed();

  // Forgets those that are closed and cuts those that are to be. Whether there
  // was one to cut.
  bool Look();

 private:
  struct Open {
    TcpConnection connection;
    std::string address;
    Unanswered unanswered;
    std::optional<std::chrono::steady_clock::time_point> handing_since;
    bool cut = false;
  };

  Past PastOf(const std::string& address) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void Refuse(NoRoom why, std::string address);
  void Count() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(const std::string& address)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool End(Open& open, Cut why) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const ConnectionBounds bounds_;
  ConnectionMeters& meters_;
  const OnTurnedAway on_turned_away_;
  absl::Mutex mutex_;
  absl::flat_hash_map<int, Open> open_ ABSL_GUARDED_BY(mutex_);  // descriptor
  absl::flat_hash_map<std::string, int> of_address_ ABSL_GUARDED_BY(mutex_);
  // Whose connections were cut lately, and when the last one was.
  absl::flat_hash_map<std::string, std::chrono::steady_clock::time_point> cut_
      ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget

#endif  // BUDGET_RPC_CONNECTIONS_H_
