#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <list>
#include <thread>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "tests/wire/unix_socket.h"
#include "tests/bench/wire_tape.h"

namespace budget::bench {
namespace {

constexpr int kPollMs = 50;
constexpr size_t kPieceBytes = 64 << 10;

bool SendAll(int socket, absl::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent =
        send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(sent);
  }
  return true;
}

// A client with its connection to the server.
class Line {
 public:
  Line(int client, int server) : client_(client), server_(server) {}
  ~Line() {
    close(client_);
    close(server_);
  }

  // Carries on what has arrived; false once either side has ended.
  bool FromClient() {
    return Carry(client_, server_, [this](absl::string_view bytes) {
      if (tape_.empty() || (sent_ > 0 && answered_ >= sent_)) {
        tape_.emplace_back();
        sent_ = answered_ = 0;
      }
      tape_.back().bytes.append(bytes.data(), bytes.size());
      // The startup, a simple query and a sync are each answered by "ready".
      client_messages_.Feed(bytes, [this](char type) {
        sent_ += type == '\0' || type == 'Q' || type == 'S';
      });
    });
  }
  bool FromServer() {
    return Carry(server_, client_, [this](absl::string_view bytes) {
      server_messages_.Feed(bytes, [this](char type) {
        if (type != 'Z') return;
        ++answered_;
        tape_.back().answers = answered_;
      });
    });
  }

  int client() const { return client_; }
  int server() const { return server_; }
  const Tape& tape() const { return tape_; }

 private:
  bool Carry(int from, int to,
             absl::FunctionRef<void(absl::string_view)> note) {
    std::string bytes(kPieceBytes, '\0');
    const ssize_t got = recv(from, bytes.data(), bytes.size(), 0);
    if (got <= 0) return false;
    bytes.resize(got);
    note(bytes);
    return SendAll(to, bytes);
  }

  const int client_;
  const int server_;
  MessageScanner client_messages_{MessageScanner::Side::kClient};
  MessageScanner server_messages_{MessageScanner::Side::kServer};
  Tape tape_;
  int sent_ = 0;      // in the last flight, messages that will be answered
  int answered_ = 0;  // of these
};

class TapeRecorderImpl final : public TapeRecorder {
 public:
  TapeRecorderImpl(int listener, std::string server_socket)
      : listener_(listener),
        server_socket_(std::move(server_socket)),
        thread_([this] { Run(); }) {}

  ~TapeRecorderImpl() override {
    stop_ = true;
    thread_.join();
    close(listener_);
  }

  size_t flights() const override {
    absl::MutexLock lock(&mutex_);
    return Busiest().size();
  }
  Tape tape() const override {
    absl::MutexLock lock(&mutex_);
    return Busiest();
  }

 private:
  const Tape& Busiest() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const Tape* busiest = &ended_;
    for (const Line& line : lines_) {
      if (line.tape().size() > busiest->size()) busiest = &line.tape();
    }
    return *busiest;
  }

  void Run() {
    while (!stop_) {
      std::vector<pollfd> waiting = {{.fd = listener_, .events = POLLIN}};
      {
        absl::MutexLock lock(&mutex_);
        for (const Line& line : lines_) {
          waiting.push_back({.fd = line.client(), .events = POLLIN});
          waiting.push_back({.fd = line.server(), .events = POLLIN});
        }
      }
      if (poll(waiting.data(), waiting.size(), kPollMs) <= 0) continue;
      absl::MutexLock lock(&mutex_);
      size_t i = 1;
      for (auto line = lines_.begin(); line != lines_.end(); i += 2) {
        const bool alive =
            (waiting[i].revents == 0 || line->FromClient()) &&
            (waiting[i + 1].revents == 0 || line->FromServer());
        if (!alive && line->tape().size() > ended_.size()) {
          ended_ = line->tape();
        }
        line = alive ? std::next(line) : lines_.erase(line);
      }
      if (waiting[0].revents != 0) Accept();
    }
  }

  void Accept() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) {
    const int client = accept(listener_, nullptr, nullptr);
    if (client < 0) return;
    const absl::StatusOr<int> server = wire::ConnectUnix(server_socket_);
    if (server.ok()) {
      lines_.emplace_back(client, *server);
    } else {
      close(client);
    }
  }

  const int listener_;
  const std::string server_socket_;
  mutable absl::Mutex mutex_;
  std::list<Line> lines_ ABSL_GUARDED_BY(mutex_);
  Tape ended_ ABSL_GUARDED_BY(mutex_);  // the busiest of those that ended
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TapeRecorder>> TapeRecorder::Start(
    const std::string& directory, const std::string& server_socket) {
  const auto listener = wire::ListenUnix(directory + "/.s.PGSQL.5432");
  if (!listener.ok()) return listener.status();
  return std::make_unique<TapeRecorderImpl>(*listener, server_socket);
}

}  // namespace budget::bench
