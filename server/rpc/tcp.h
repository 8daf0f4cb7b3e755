#ifndef BUDGET_RPC_TCP_H_
#define BUDGET_RPC_TCP_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "server/rpc/connection_bounds.h"

namespace budget {

// An open descriptor, closed at the end.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  int get() const { return fd_; }
  int Release() { return std::exchange(fd_, -1); }

 private:
  int fd_ = -1;
};

// Sockets that listen without blocking, all on one port.
struct Listening {
  std::vector<Descriptor> sockets;
  int port = 0;
};

// On all addresses of `listen`, host:port; a port of 0 takes a free one, a host
// of 0.0.0.0 or [::] all of IPv4 and IPv6. FAILED_PRECONDITION, with the
// reason, if it cannot, as when another listens on one of them.
absl::StatusOr<Listening> ListenTcp(const std::string& listen);

// A connection that was accepted, as the kernel knows it: whoever owns the
// descriptor may close it at any time, and its number is then another's. The
// cookie is never used again, so what is asked below is either of the same
// connection or not answered. Thread-safe.
struct TcpConnection {
  int fd = -1;
  uint64_t cookie = 0;
};

// nullopt if it is no connection.
std::optional<TcpConnection> IdentifyTcp(int fd);

// nullopt once it is closed. All zero where the kernel does not count (before
// 4.19).
std::optional<Traffic> TrafficOf(const TcpConnection& connection);

// Ends it in both directions, whatever is still under way. False if it could
// not: it is closed, or there was no descriptor left to do it by. Its owner
// sees it end, and closes it.
bool ShutDown(const TcpConnection& connection);

// Whose it is, for a bound of their number: an address of IPv4, or a network
// of IPv6, of which one host may have 2^64 addresses. Empty if unknown.
std::string PeerAddress(int fd);

}  // namespace budget

#endif  // BUDGET_RPC_TCP_H_
