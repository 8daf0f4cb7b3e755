#include "tests/wire/unix_socket.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"

namespace budget::wire {
namespace {

absl::StatusOr<std::pair<int, sockaddr_un>> Open(const std::string& path) {
  sockaddr_un address = {};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof(address.sun_path)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, " is too long for a socket"));
  }
  memcpy(address.sun_path, path.data(), path.size());
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return absl::InternalError("no socket");
  return std::make_pair(socket, address);
}

absl::Status Failed(int socket, const std::string& path) {
  const absl::Status status =
      absl::UnavailableError(absl::StrCat(path, ": ", strerror(errno)));
  close(socket);
  return status;
}

}  // namespace

absl::StatusOr<int> ConnectUnix(const std::string& path) {
  const auto open = Open(path);
  if (!open.ok()) return open.status();
  const auto& [socket, address] = *open;
  if (connect(socket, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) != 0) {
    return Failed(socket, path);
  }
  return socket;
}

absl::StatusOr<int> ListenUnix(const std::string& path) {
  const auto open = Open(path);
  if (!open.ok()) return open.status();
  const auto& [socket, address] = *open;
  unlink(path.c_str());
  if (bind(socket, reinterpret_cast<const sockaddr*>(&address),
           sizeof(address)) != 0 ||
      listen(socket, 16) != 0) {
    return Failed(socket, path);
  }
  return socket;
}

}  // namespace budget::wire
