#ifndef BUDGET_TESTS_WIRE_PROXY_CONNECTION_H_
#define BUDGET_TESTS_WIRE_PROXY_CONNECTION_H_

#include <atomic>
#include <string>
#include <thread>

#include "tests/wire/flow.h"
#include "tests/wire/proxy.h"
#include "tests/wire/messages.h"

namespace budget::wire {

// A client and its server, with a thread of their own until one of them goes or
// Close. What passes is cut into messages, so that a cut is where it is meant
// to be.
class Proxy::Connection {
 public:
  Connection(Proxy& proxy, int client, int server)
      : proxy_(proxy),
        client_(client),
        server_(server),
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
  bool TakeFrom(int socket, std::string& bytes);
  void FromClient();
  void FromServer();

  Proxy& proxy_;
  const int client_;
  const int server_;
  Framing framing_ = Framing::kStartup;  // of the client's next message
  std::string sent_;                     // by the client, not yet whole
  std::string answered_;                 // by the server, not yet whole
  Flow to_server_;
  Flow to_client_;
  Cut cut_ = Cut::kNever;  // of the COMMIT that is on its way
  bool closing_ = false;   // once what is due was sent
  std::atomic<bool> ended_{false};
  std::atomic<bool> has_swallowed_{false};
  std::thread thread_;
};

}  // namespace budget::wire

#endif  // BUDGET_TESTS_WIRE_PROXY_CONNECTION_H_
