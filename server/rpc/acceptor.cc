#include "server/rpc/acceptor.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "server/base/memory.h"

namespace budget {
namespace {

using std::chrono::steady_clock;

// A client brings 80 MB in that time, over loopback.
constexpr int kLookPauseMs = 100;
// Until those who wait for a descriptor are tried again.
constexpr int kShortagePauseMs = 100;
// What a connection held is free by then, mostly. To give memory back makes
// others wait for milliseconds.
constexpr std::chrono::seconds kGiveBackPause(2);
// Before the other sockets have their turn.
constexpr int kAcceptedAtOnce = 64;

int NewSignal() { return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); }

// It stays readable.
void Set(const Descriptor& signal) {
  const uint64_t one = 1;
  [[maybe_unused]] const ssize_t written =
      write(signal.get(), &one, sizeof(one));
}

pollfd Readable(const Descriptor& descriptor) {
  return {.fd = descriptor.get(), .events = POLLIN, .revents = 0};
}

bool IsShortage(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS ||
         error == ENOMEM;
}

}  // namespace

Acceptor::Acceptor(Listening listening, Connections& connections,
                   std::vector<Hand> hands)
    : connections_(connections),
      hands_(std::move(hands)),
      stop_accepting_(NewSignal()),
      stop_looking_(NewSignal()),
      listening_(std::move(listening)),
      looking_([this] { Look(); }) {
  for (const Hand& hand : hands_) {
    accepting_.emplace_back([this, &hand] { Accept(hand); });
  }
}

Acceptor::~Acceptor() {
  StopAccepting();
  Set(stop_looking_);
  looking_.join();
}

void Acceptor::StopAccepting() {
  Set(stop_accepting_);
  connections_.Close();
  for (std::thread& thread : accepting_) thread.join();
  accepting_.clear();
  listening_.sockets.clear();
}

void Acceptor::Accept(const Hand& hand) {
  bool enough_descriptors = true;
  bool missed_some = false;
  while (true) {
    std::vector<pollfd> polled = {Readable(stop_accepting_)};
    // While there are no descriptors, those who wait stay where they are.
    for (const Descriptor& socket : listening_.sockets) {
      if (enough_descriptors) polled.push_back(Readable(socket));
    }
    poll(polled.data(), polled.size(),
         enough_descriptors ? -1 : kShortagePauseMs);
    if (polled[0].revents != 0) return;
    enough_descriptors = true;
    for (size_t i = 1; i < polled.size() && enough_descriptors; ++i) {
      if (polled[i].revents == 0) continue;
      enough_descriptors = AcceptSome(polled[i].fd, hand);
    }
    if (polled.size() == 1) continue;
    // A shortage is told once, however often it is tried again.
    if (!enough_descriptors && !missed_some) connections_.Missed();
    missed_some = !enough_descriptors;
  }
}

// False if there were no descriptors.
bool Acceptor::AcceptSome(int listener, const Hand& hand) {
  for (int i = 0; i < kAcceptedAtOnce; ++i) {
    Descriptor accepted(
        accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    const int fd = accepted.get();
    if (fd < 0) {
      // Whatever else it is, of that connection alone: poll tells if another
      // waits.
      return !IsShortage(errno);
    }
    const std::optional<TcpConnection> connection = connections_.Admit(fd);
    if (!connection) continue;
    hand(accepted.Release());
    connections_.Handed(*connection);
  }
  return true;
}

void Acceptor::Look() {
  std::optional<steady_clock::time_point> give_back;
  pollfd stop = Readable(stop_looking_);
  while (poll(&stop, 1, kLookPauseMs) <= 0) {
    const auto now = steady_clock::now();
    if (connections_.Look() && !give_back) give_back = now + kGiveBackPause;
    if (!give_back || now < *give_back) continue;
    GiveBackFreeMemory();
    give_back.reset();
  }
}

}  // namespace budget
