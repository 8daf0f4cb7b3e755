#ifndef BUDGET_RPC_CONNECTIONS_H_
#define BUDGET_RPC_CONNECTIONS_H_

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "server/rpc/connection_bounds.h"
#include "server/rpc/meters.h"
#include "server/rpc/refusals.h"
#include "server/rpc/tcp.h"

namespace budget {

// A connection that was refused, or cut.
struct TurnedAway {
  absl::string_view event;  // "connection_refused", "connection_cut"
  std::string address;      // of the peer; empty if unknown
  absl::string_view why;    // NoRoomName or CutName
};
// Called from several threads.
using OnTurnedAway = std::function<void(const TurnedAway&)>;

// The connections that are open, and what each has unanswered. gRPC tells
// nobody how much it keeps for whom, so this asks the kernel. Thread-safe.
class Connections {
 public:
  // `meters` must outlive it. `on_turned_away` may be null.
  Connections(const ConnectionBounds& bounds, ConnectionMeters& meters,
              OnTurnedAway on_turned_away);

  // Remembers one that was just accepted, as being handed on from now. nullopt
  // if there is no room for it; where there are as many as may be, the next
  // one has room, if its address has fewer than another.
  std::optional<TcpConnection> Admit(int fd);

  // That is done.
  void Handed(const TcpConnection& connection);

  // Some could not be accepted: there was no descriptor for them.
  void Missed();

  // Admits none any more. Those that are being handed on are cut soon: for as
  // long as they send, whoever does that would not come to an end.
  void Close();

  // Forgets those that are closed and cuts those that are to be. Whether free
  // memory should be given back: one was cut, or more is in RAM than should be.
  bool Look();

 private:
  using Time = std::chrono::steady_clock::time_point;

  struct Open {
    TcpConnection connection;
    std::string address;
    Unanswered unanswered;
    Traffic traffic;
    Time quiet_since;  // of `traffic`
    std::optional<Time> handing_since;
    bool cut = false;
  };
  // To be said once the mutex is free.
  using Said = std::vector<TurnedAway>;

  bool IsInTheWay(const Open& open, Time now) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  std::optional<NoRoom> WhyRefuseNow(const std::string& address, Time now) const
      ABSL_SHARED_LOCKS_REQUIRED(mutex_);
  void Enter(const TcpConnection& connection, std::string address, Time now)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void MakeRoomFor(const std::string& address, Time now, Said& said)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  Open* QuietestOf(const std::string& address)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Count(Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Forget(const Open& open) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  std::vector<Open*> NotCut() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool EndThoseInTheWay(Time now, Said& said)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool EndWhoFillsMemory(Memory memory, Time now, Said& said)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool End(Open& open, Cut why, Time now, Said& said)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Refuse(NoRoom why, std::string address, Said& said);
  void Say(const Said& said) const;

  const ConnectionBounds bounds_;
  ConnectionMeters& meters_;
  const OnTurnedAway on_turned_away_;
  absl::Mutex mutex_;
  absl::flat_hash_map<int, Open> open_ ABSL_GUARDED_BY(mutex_);  // descriptor
  int cut_but_open_ ABSL_GUARDED_BY(mutex_) = 0;  // of open_
  absl::flat_hash_map<std::string, int> of_address_ ABSL_GUARDED_BY(mutex_);
  Refusals refusals_ ABSL_GUARDED_BY(mutex_);
  Time cut_last_ ABSL_GUARDED_BY(mutex_);
  bool closed_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace budget

#endif  // BUDGET_RPC_CONNECTIONS_H_
