#include "server/rpc/tcp.h"

#include <arpa/inet.h>
#include <fcntl.h>
// Of the kernel, not <netinet/tcp.h>, which knows nothing of tcpi_bytes_sent.
#include <linux/tcp.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace budget {
namespace {

using AddressList = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

absl::Status CannotListen(absl::string_view listen, absl::string_view why) {
  return absl::FailedPreconditionError(
      absl::StrCat("cannot listen on ", listen, ": ", why));
}

absl::StatusOr<AddressList> Resolve(const std::string& host,
                                    const std::string& port) {
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.c_str(), port.c_str(), &hints, &found);
  if (error == 0) return AddressList(found, &freeaddrinfo);
  return absl::FailedPreconditionError(gai_strerror(error));
}

constexpr int kFreePortTries = 5;

bool Set(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof(value)) == 0;
}

void SetPort(int port, sockaddr_storage& address) {
  const in_port_t bytes = htons(static_cast<in_port_t>(port));
  if (address.ss_family == AF_INET6) {
    reinterpret_cast<sockaddr_in6&>(address).sin6_port = bytes;
  } else {
    reinterpret_cast<sockaddr_in&>(address).sin_port = bytes;
  }
}

int PortOf(int fd) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.ss_family == AF_INET6
                   ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                   : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

// 0 if there is none.
uint64_t CookieOf(int fd) {
  uint64_t cookie = 0;
  socklen_t size = sizeof(cookie);
  if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) != 0) return 0;
  return cookie;
}

// What the kernel keeps of a connection until gRPC reads it. As much is read of
// one that was shut down, and fields take 64 times as much then.
constexpr int kReceiveBytes = 256 << 10;

// Where IPv4 and IPv6 both exist, one socket serves both if told to. Errno says
// why there is none. Those that are accepted inherit the options. Without
// SO_REUSEPORT: two servers on one port would silently share its calls.
std::optional<Descriptor> ListenOn(const addrinfo& where, int port) {
  sockaddr_storage address = {};
  std::memcpy(&address, where.ai_addr, where.ai_addrlen);
  if (port != 0) SetPort(port, address);
  Descriptor made(
      socket(where.ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  const int fd = made.get();
  if (fd < 0 || !Set(fd, SOL_SOCKET, SO_REUSEADDR, 1) ||
      !Set(fd, IPPROTO_TCP, TCP_NODELAY, 1) ||
      !Set(fd, SOL_SOCKET, SO_RCVBUF, kReceiveBytes) ||
      (where.ai_family == AF_INET6 &&
       !Set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 0)) ||
      bind(fd, reinterpret_cast<sockaddr*>(&address), where.ai_addrlen) != 0 ||
      listen(fd, SOMAXCONN) != 0) {
    return std::nullopt;
  }
  return made;
}

// Connections are told apart by their cookies.
absl::Status CanCount(const Descriptor& socket) {
  if (CookieOf(socket.get()) != 0) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "this kernel has no SO_COOKIE, which Linux has since 4.12: listen on a "
      "Unix socket");
}

// OK if it listens on one of the addresses of `host` at least, and nobody else
// on any: who calls that one would talk to another server.
absl::Status ListenOnAll(const std::string& host, const std::string& port,
                         Listening& listening) {
  const absl::StatusOr<AddressList> addresses = Resolve(host, port);
  if (!addresses.ok()) return addresses.status();
  int error = 0;
  for (const addrinfo* at = addresses->get(); at != nullptr; at = at->ai_next) {
    std::optional<Descriptor> socket = ListenOn(*at, listening.port);
    if (!socket) {
      error = errno;
      if (error == EADDRINUSE) break;
      continue;
    }
    listening.port = PortOf(socket->get());
    listening.sockets.push_back(*std::move(socket));
  }
  if (!listening.sockets.empty() && error != EADDRINUSE) {
    return CanCount(listening.sockets.front());
  }
  return absl::FailedPreconditionError(std::strerror(error));
}

// What to try one after the other. A machine may have no IPv6.
std::vector<std::string> HostsOf(const std::string& host) {
  if (host == "0.0.0.0" || host == "[::]") return {"::", "0.0.0.0"};
  if (host.size() > 1 && host.front() == '[' && host.back() == ']') {
    return {host.substr(1, host.size() - 2)};
  }
  return {host};
}

}  // namespace

Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<Listening> ListenTcp(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  if (colon == std::string::npos) return CannotListen(listen, "no port");
  const std::string port = listen.substr(colon + 1);
  absl::Status why;
  // A port that is free on one address may be taken on the next.
  for (int tries = port == "0" ? kFreePortTries : 1; tries > 0; --tries) {
    for (const std::string& host : HostsOf(listen.substr(0, colon))) {
      Listening listening;
      why = ListenOnAll(host, port, listening);
      if (why.ok()) return listening;
    }
  }
  return CannotListen(listen, why.message());
}

std::optional<TcpConnection> IdentifyTcp(int fd) {
  const uint64_t cookie = CookieOf(fd);
  if (cookie == 0) return std::nullopt;
  return TcpConnection{.fd = fd, .cookie = cookie};
}

std::optional<Traffic> TrafficOf(const TcpConnection& connection) {
  tcp_info info = {};
  socklen_t size = sizeof(info);
  const bool told = getsockopt(connection.fd, IPPROTO_TCP, TCP_INFO, &info,
                               &size) == 0;
  // Asked afterwards: a number that is ours now was ours before.
  if (!told || CookieOf(connection.fd) != connection.cookie) {
    return std::nullopt;
  }
  if (size < offsetof(tcp_info, tcpi_bytes_retrans)) return Traffic();
  return Traffic{.received = static_cast<int64_t>(info.tcpi_bytes_received),
                 .sent = static_cast<int64_t>(info.tcpi_bytes_sent)};
}

bool ShutDown(const TcpConnection& connection) {
  // One of our own, which nobody else closes.
  const Descriptor held(fcntl(connection.fd, F_DUPFD_CLOEXEC, 0));
  if (held.get() < 0 || CookieOf(held.get()) != connection.cookie) return false;
  shutdown(held.get(), SHUT_RDWR);
  return true;
}

std::string PeerAddress(int fd) {
  sockaddr_storage address = {};
  socklen_t size = sizeof(address);
  if (getpeername(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    return "";
  }
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    inet_ntop(AF_INET, &v4.sin_addr, text, sizeof(text));
    return text;
  }
  if (address.ss_family != AF_INET6) return "";
  in6_addr v6 = reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (IN6_IS_ADDR_V4MAPPED(&v6)) {
    inet_ntop(AF_INET, &v6.s6_addr[12], text, sizeof(text));
    return text;
  }
  std::fill(std::begin(v6.s6_addr) + 8, std::end(v6.s6_addr), 0);
  inet_ntop(AF_INET6, &v6, text, sizeof(text));
  return absl::StrCat(text, "/64");
}

}  // namespace budget
