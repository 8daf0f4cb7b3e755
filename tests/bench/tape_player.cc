#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "tests/wire/unix_socket.h"
#include "tests/bench/wire_tape.h"

namespace budget::bench {
namespace {

constexpr size_t kPieceBytes = 256 << 10;

std::string BigEndian(uint32_t number) {
  std::string bytes;
  for (int shift = 24; shift >= 0; shift -= 8) {
    bytes += static_cast<char>(number >> shift & 0xff);
  }
  return bytes;
}

Flight Startup(const std::string& user, const std::string& database) {
  constexpr uint32_t kProtocolVersion3 = 3 << 16;
  std::string body = BigEndian(kProtocolVersion3);
  for (const std::string& text : {std::string("user"), user,
                                  std::string("database"), database}) {
    body += text;
    body += '\0';
  }
  body += '\0';
  return {.bytes = BigEndian(static_cast<uint32_t>(body.size()) + 4) + body,
          .answers = 1};
}

}  // namespace

absl::StatusOr<TapePlayer> TapePlayer::Connect(
    const std::string& server_socket, const std::string& user,
    const std::string& database) {
  const absl::StatusOr<int> socket = wire::ConnectUnix(server_socket);
  if (!socket.ok()) return socket.status();
  fcntl(*socket, F_SETFL, O_NONBLOCK);
  TapePlayer player(*socket);
  const absl::Status status = player.Play(Startup(user, database));
  if (!status.ok()) return status;
  return player;
}

TapePlayer::TapePlayer(TapePlayer&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      scanner_(std::move(other.scanner_)) {}

TapePlayer::~TapePlayer() {
  if (socket_ >= 0) close(socket_);
}

// Reads while it sends: a server whose answers nobody takes stops reading.
absl::Status TapePlayer::Play(const Flight& flight) {
  absl::string_view bytes = flight.bytes;
  int answers = 0;
  bool failed = false;
  while (answers < flight.answers || !bytes.empty()) {
    pollfd wait = {.fd = socket_, .events = POLLIN};
    if (!bytes.empty()) wait.events |= POLLOUT;
    if (poll(&wait, 1, -1) < 0) continue;
    const bool alive =
        ((wait.revents & POLLOUT) == 0 || SendSome(bytes)) &&
        ((wait.revents & ~POLLOUT) == 0 || ReadSome(answers, failed));
    if (!alive) return absl::InternalError("PostgreSQL closed the connection");
  }
  if (failed) return absl::InternalError("PostgreSQL answered an error");
  return absl::OkStatus();
}

bool TapePlayer::SendSome(absl::string_view& bytes) {
  const ssize_t sent =
      send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent > 0) bytes.remove_prefix(sent);
  return sent > 0;
}

bool TapePlayer::ReadSome(int& answers, bool& failed) {
  thread_local std::string piece(kPieceBytes, '\0');
  const ssize_t got = recv(socket_, piece.data(), piece.size(), 0);
  if (got <= 0) return false;
  scanner_.Feed(absl::string_view(piece.data(), got), [&](char type) {
    answers += type == 'Z';
    failed = failed || type == 'E';
  });
  return true;
}

}  // namespace budget::bench
