#ifndef BUDGET_TESTS_WIRE_TCP_SOCKET_H_
#define BUDGET_TESTS_WIRE_TCP_SOCKET_H_

#include <string>

#include "absl/status/statusor.h"

namespace budget::wire {

// File descriptors of TCP sockets on loopback; the caller closes them.
absl::StatusOr<int> ConnectTcp(const std::string& endpoint);  // "127.0.0.1:80"
// On a port that the system chooses.
absl::StatusOr<int> ListenTcp();
std::string EndpointOf(int listener);

// What is sent goes out at once. Of a Unix socket it does so anyway.
void SendAtOnce(int socket);
// Ends a connection as a host does that knows nothing of it: with RST. Does
// nothing to a Unix socket.
void Reset(int socket);

}  // namespace budget::wire

#endif  // BUDGET_TESTS_WIRE_TCP_SOCKET_H_
