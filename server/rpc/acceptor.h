#ifndef BUDGET_RPC_ACCEPTOR_H_
#define BUDGET_RPC_ACCEPTOR_H_

#include <functional>
#include <thread>
#include <vector>

#include "server/rpc/connections.h"
#include "server/rpc/tcp.h"

namespace budget {

// Accepts connections in gRPC's stead, which in its version 1.51 has no bound
// of them and stops for ever where there is no descriptor left. Looks at those
// that are open ten times a second. Has threads of its own: gRPC keeps the one
// that hands a connection on for as long as that sends without a pause, so
// there are some that accept, and one that looks. Thread-safe.
class Acceptor {
 public:
  // Takes the descriptor over.
  using Hand = std::function<void(int fd)>;

  // Accepts on one thread for each of `hands`, which is called only there.
  // `connections` must outlive it.
  Acceptor(Listening listening, Connections& connections,
           std::vector<Hand> hands);
  ~Acceptor();

  // Closes the port. Once it has returned none is handed on; those that were
  // are looked at as before. A second time does nothing. Not from two threads.
  void StopAccepting();

 private:
  void Accept(const Hand& hand);
  bool AcceptSome(int listener, const Hand& hand);
  void Look();

  Connections& connections_;
  const std::vector<Hand> hands_;
  const Descriptor stop_accepting_;  // readable once it is time
  const Descriptor stop_looking_;
  Listening listening_;
  std::thread looking_;
  std::vector<std::thread> accepting_;
};

}  // namespace budget

#endif  // BUDGET_RPC_ACCEPTOR_H_
