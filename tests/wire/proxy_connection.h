#ifndef BUDGET_TESTS_WIRE_PROXY_CONNECTION_H_
#define BUDGET_TESTS_WIRE_PROXY_CONNECTION_H_

#include <atomic>
#include <string>
#include <thread>

#include "tests/wire/cutter.h"
#include "tests/wire/flow.h"
#include "tests/wire/proxy.h"

namespace budget::wire {

// A client and its server, with a thread of their own until one of them goes,
// the cutter cuts, or Close.
class Proxy::Connection {
 public:
  Connection(Proxy& proxy, int client, int server)
      : proxy_(proxy),
        client_(client),
        server_(server),
        cutter_(proxy.protocol_,
                [&proxy](Cut cut) { return proxy.TakeCut(cut); }),
        thread_([this] { Run(); }) {}
  ~Connection();

  // Ends it soon.
  void Close();
  bool ended() const { return ended_; }
  bool has_swallowed() const { return has_swallowed_; }

 private:
  void Run();
  bool Turn();
  int WaitMillis() const;
  bool FromClient();
  bool FromServer();
  bool Swallow();

  Proxy& proxy_;
  const int client_;
  const int server_;
  Cutter cutter_;
  Flow to_server_;
  Flow to_client_;
  std::atomic<bool> ended_{false};
  std::atomic<bool> has_swallowed_{false};
  std::thread thread_;
};

}  // namespace budget::wire

#endif  // BUDGET_TESTS_WIRE_PROXY_CONNECTION_H_
