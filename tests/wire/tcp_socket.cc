#include "tests/wire/tcp_socket.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"

namespace budget::wire {
namespace {

sockaddr_in Loopback(uint16_t port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

absl::Status Failed(int socket, absl::string_view what) {
  const absl::Status status =
      absl::UnavailableError(absl::StrCat(what, ": ", strerror(errno)));
  if (socket >= 0) close(socket);
  return status;
}

}  // namespace

absl::StatusOr<int> ConnectTcp(const std::string& endpoint) {
  uint32_t port = 0;
  if (!absl::SimpleAtoi(endpoint.substr(endpoint.rfind(':') + 1), &port)) {
    return absl::InvalidArgumentError(endpoint + " has no port");
  }
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(static_cast<uint16_t>(port));
  if (socket < 0 || connect(socket, reinterpret_cast<const sockaddr*>(&address),
                            sizeof(address)) != 0) {
    return Failed(socket, endpoint);
  }
  SendAtOnce(socket);
  return socket;
}

absl::StatusOr<int> ListenTcp() {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(0);
  if (socket < 0 ||
      bind(socket, reinterpret_cast<const sockaddr*>(&address),
           sizeof(address)) != 0 ||
      listen(socket, 64) != 0) {
    return Failed(socket, "loopback");
  }
  return socket;
}

std::string EndpointOf(int listener) {
  sockaddr_in address = {};
  socklen_t size = sizeof(address);
  getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
  return absl::StrCat("127.0.0.1:", ntohs(address.sin_port));
}

void SendAtOnce(int socket) {
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

void Reset(int socket) {
  const sockaddr nobody = {AF_UNSPEC, {}};
  (void)connect(socket, &nobody, sizeof(nobody));
}

}  // namespace budget::wire
