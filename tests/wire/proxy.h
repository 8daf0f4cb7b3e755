#ifndef BUDGET_TESTS_WIRE_PROXY_H_
#define BUDGET_TESTS_WIRE_PROXY_H_

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "tests/wire/cutter.h"

namespace budget::wire {

// How the wire is.
struct Link {
  absl::Duration delay = absl::ZeroDuration();  // each way
  int64_t bytes_per_second = 0;                 // each way; 0: no bound
  // Nothing comes back any more, and nobody is told: the connection stays.
  bool swallows_answers = false;
  bool swallows_requests = false;  // likewise, of what clients send
};

// Stands between clients and a server. What it cuts on TCP ends with RST.
// Thread-safe.
class Proxy {
 public:
  // Listens in `directory`, which exists, as a server would. `server` is the
  // path of the server's own socket.
  static absl::StatusOr<std::unique_ptr<Proxy>> Start(
      const std::string& directory, std::string server);
  // The same for a server of any protocol at a loopback port, "127.0.0.1:80";
  // listens on one that the system chooses.
  static absl::StatusOr<std::unique_ptr<Proxy>> StartTcp(std::string server);
  ~Proxy();

  // Cuts one connection, the first that comes to where `cut` is made. A COMMIT
  // that fails has no answer to be cut in.
  void CutNext(Cut cut) { cut_ = cut; }
  // Whether the cut that was asked for was made.
  bool HasCut() const { return cut_ == Cut::kNever; }

  // Where clients find it: a path or an endpoint.
  const std::string& address() const { return address_; }

  // From now on. Back to a link that swallows nothing also closes the
  // connections that have lost anything.
  void SetLink(const Link& link);

  // Whom new connections go to; the others are closed.
  void SetServer(std::string server);
  // Returns how many there were.
  int CloseAll();

  // Whether any connection has lost anything since it was last asked.
  bool TakeSwallowed() { return swallowed_.exchange(false); }

 private:
  class Connection;

  Proxy(Protocol protocol, std::string address, int listener,
        std::string server);

  void Accept();
  void Reap();
  Link link() const;
  std::string server() const;
  bool TakeCut(Cut cut);

  const Protocol protocol_;
  const std::string address_;
  const int listener_;
  std::atomic<Cut> cut_{Cut::kNever};
  std::atomic<bool> swallowed_{false};
  mutable absl::Mutex mutex_;
  Link link_ ABSL_GUARDED_BY(mutex_);
  std::string server_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Connection>> connections_ ABSL_GUARDED_BY(mutex_);
  std::thread acceptor_;
};

}  // namespace budget::wire

#endif  // BUDGET_TESTS_WIRE_PROXY_H_
