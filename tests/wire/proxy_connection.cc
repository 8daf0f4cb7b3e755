#include "tests/wire/proxy_connection.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "absl/time/clock.h"

namespace budget::wire {
namespace {

constexpr absl::Duration kLook = absl::Milliseconds(500);
constexpr char kCommit[] = "commit";  // the store's name for it

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
  if (ready[0].revents != 0) {
    if (!TakeFrom(client_, sent_)) return false;
    FromClient();
  }
  if (ready[1].revents != 0) {
    if (!TakeFrom(server_, answered_)) return false;
    FromServer();
  }
  const absl::Time now = absl::Now();
  return to_server_.SendDue(server_, now) &&
         to_client_.SendDue(client_, now) && !closing_;
}

bool Proxy::Connection::TakeFrom(int socket, std::string& bytes) {
  char buffer[65536];
  const ssize_t got = recv(socket, buffer, sizeof(buffer), 0);
  if (got <= 0) return false;
  bytes.append(buffer, static_cast<size_t>(got));
  return true;
}

void Proxy::Connection::FromClient() {
  absl::string_view rest = sent_;
  std::string forwarded;
  while (!closing_) {
    const absl::string_view message = FirstMessage(rest, framing_);
    if (message.empty()) break;
    if (framing_ == Framing::kTyped && BindsStatement(message, kCommit)) {
      cut_ = proxy_.TakeCut();
      closing_ = cut_ == Cut::kBeforeCommit;
      if (closing_) break;
    }
    framing_ = Framing::kTyped;
    forwarded.append(message.data(), message.size());
    rest.remove_prefix(message.size());
    closing_ = cut_ == Cut::kAfterCommit && IsSync(message);
  }
  // What is cut is cut at once, whatever the link: nothing is left behind.
  to_server_.Put(forwarded, closing_ ? Link{} : proxy_.link(), absl::Now());
  sent_.erase(0, sent_.size() - rest.size());
}

// The first message is one byte only where encryption was asked for, which
// nobody does on a Unix socket.
void Proxy::Connection::FromServer() {
  const Link link = proxy_.link();
  absl::string_view rest = answered_;
  std::string forwarded;
  while (!closing_) {
    const absl::string_view message = FirstMessage(rest, Framing::kTyped);
    if (message.empty()) break;
    size_t size = message.size();
    if (cut_ == Cut::kInReply && SaysCommitted(message)) {
      size /= 2;
      closing_ = true;
    }
    forwarded.append(message.data(), size);
    rest.remove_prefix(message.size());
  }
  if (link.swallows_answers) {
    has_swallowed_ = true;
  } else {
    to_client_.Put(forwarded, closing_ ? Link{} : link, absl::Now());
  }
  answered_.erase(0, answered_.size() - rest.size());
}

}  // namespace budget::wire
