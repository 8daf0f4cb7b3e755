#include "tests/store/lossy_proxy.h"

#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace budget::testing {
namespace {

constexpr char kSocketName[] = "/.s.PGSQL.5432";

sockaddr_un AddressOf(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::strncpy(address.sun_path, path.c_str(), sizeof(address.sun_path) - 1);
  return address;
}

bool SendAll(int socket, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

}  // namespace

LossyProxy::LossyProxy(const std::string& server_directory)
    : server_path_(server_directory + kSocketName) {
  char name[] = "/tmp/budget-proxy-XXXXXX";
  if (mkdtemp(name) == nullptr) abort();
  directory_ = name;
  listener_ = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(directory_ + kSocketName);
  if (bind(listener_, reinterpret_cast<const sockaddr*>(&address),
           sizeof(address)) != 0 ||
      listen(listener_, 64) != 0) {
    abort();
  }
  acceptor_ = std::thread([this] { Accept(); });
}

LossyProxy::~LossyProxy() {
  stopping_ = true;
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  for (std::thread& connection : connections_) connection.join();
  close(listener_);
  unlink((directory_ + kSocketName).c_str());
  rmdir(directory_.c_str());
}

void LossyProxy::Accept() {
  while (!stopping_) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    connections_.emplace_back([this, client] { Forward(client); });
  }
}

// The name of the prepared statement, as it is in the message that binds it.
constexpr absl::string_view kCommit("\0commit\0", 8);

// COMMIT comes last in what is sent together.
void LossyProxy::Forward(int client) {
  const int server = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = AddressOf(server_path_);
  bool open = connect(server, reinterpret_cast<const sockaddr*>(&address),
                      sizeof(address)) == 0;
  char buffer[65536];
  bool cut_at_reply = false;
  while (open) {
    pollfd ready[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
    if (poll(ready, 2, -1) < 0) break;
    const int from = ready[0].revents != 0 ? client : server;
    const ssize_t got = recv(from, buffer, sizeof(buffer), 0);
    if (got <= 0 || (from == server && cut_at_reply)) break;
    const absl::string_view bytes(buffer, static_cast<size_t>(got));
    if (from == client && absl::StrContains(bytes, kCommit)) {
      const Cut cut = cut_.exchange(Cut::kNever);
      if (cut == Cut::kBeforeCommit) break;
      cut_at_reply = cut == Cut::kAfterCommit;
    }
    open = SendAll(from == client ? server : client, bytes);
  }
  close(server);
  close(client);
}

}  // namespace budget::testing
