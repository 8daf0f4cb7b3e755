#include "tests/wire/proxy_connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "absl/time/clock.h"
#include "tests/wire/tcp_socket.h"

namespace budget::wire {
namespace {

constexpr absl::Duration kLook = absl::Milliseconds(500);

// Takes what has arrived, which may be a part of it; empty at the end.
std::string Take(int socket) {
  char buffer[65536];
  const ssize_t got = recv(socket, buffer, sizeof(buffer), 0);
  return {buffer, got < 0 ? 0 : static_cast<size_t>(got)};
}

}  // namespace

Proxy::Connection::~Connection() {
  Close();
  thread_.join();
  close(client_);
  close(server_);
}

void Proxy::Connection::Close() {
  shutdown(client_, SHUT_RDWR);
  shutdown(server_, SHUT_RDWR);
}

void Proxy::Connection::Run() {
  while (Turn()) {
  }
  if (cutter_.has_cut()) {
    Reset(client_);
    Reset(server_);
  }
  Close();
  ended_ = true;
}

int Proxy::Connection::WaitMillis() const {
  const absl::Time due = std::min(to_server_.NextDue(), to_client_.NextDue());
  const absl::Duration wait = std::clamp(due - absl::Now(),
                                         absl::ZeroDuration(), kLook);
  return static_cast<int>(
      absl::ToInt64Milliseconds(absl::Ceil(wait, absl::Milliseconds(1))));
}

// False once the connection has ended.
bool Proxy::Connection::Turn() {
  pollfd ready[2] = {
      {client_, static_cast<short>(to_server_.full() ? 0 : POLLIN), 0},
      {server_, static_cast<short>(to_client_.full() ? 0 : POLLIN), 0}};
  poll(ready, 2, WaitMillis());
  if (ready[0].revents != 0 && !FromClient()) return false;
  if (ready[1].revents != 0 && !FromServer()) return false;
  const absl::Time now = absl::Now();
  return to_server_.SendDue(server_, now) &&
         to_client_.SendDue(client_, now) && !cutter_.has_cut();
}

// What is cut is cut at once, whatever the link: nothing is left behind.
bool Proxy::Connection::FromClient() {
  const Link link = proxy_.link();
  const std::string bytes = Take(client_);
  const std::string forwarded = cutter_.FromClient(bytes);
  if (link.swallows_requests) return !bytes.empty() && Swallow();
  to_server_.Put(forwarded, cutter_.has_cut() ? Link{} : link, absl::Now());
  return !bytes.empty();
}

bool Proxy::Connection::FromServer() {
  const Link link = proxy_.link();
  const std::string bytes = Take(server_);
  const std::string forwarded = cutter_.FromServer(bytes);
  if (link.swallows_answers) return !bytes.empty() && Swallow();
  to_client_.Put(forwarded, cutter_.has_cut() ? Link{} : link, absl::Now());
  return !bytes.empty();
}

// False where the link was cleared meanwhile: whoever cleared it may not have
// seen that something was lost here.
bool Proxy::Connection::Swallow() {
  has_swallowed_ = true;
  proxy_.swallowed_ = true;
  const Link link = proxy_.link();
  return link.swallows_answers || link.swallows_requests;
}

}  // namespace budget::wire
