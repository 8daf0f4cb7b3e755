#ifndef BUDGET_TESTS_BENCH_WIRE_TAPE_H_
#define BUDGET_TESTS_BENCH_WIRE_TAPE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace budget::bench {

// What a client of PostgreSQL sent before it waited for answers.
struct Flight {
  std::string bytes;
  int answers = 0;  // how often the server said that it was ready again
};

// All that one connection sent, in order; the first flight is the startup.
using Tape = std::vector<Flight>;

// Finds the messages of PostgreSQL's protocol in one direction of a
// connection, however it was cut into pieces. Not thread-safe.
class MessageScanner {
 public:
  // Clients begin with a message without a type, which is told as 0.
  enum class Side { kClient, kServer };
  explicit MessageScanner(Side side) : at_startup_(side == Side::kClient) {}

  // Calls `on_message` with the type of each message that begins in `bytes`.
  void Feed(absl::string_view bytes,
            absl::FunctionRef<void(char type)> on_message);

 private:
  bool at_startup_;
  std::string header_;
  size_t rest_ = 0;  // of the message that is going by
};

// Stands between clients and a PostgreSQL server and keeps what each client
// sends. Thread-safe.
class TapeRecorder {
 public:
  // Clients connect to the socket in `directory`, which exists.
  static absl::StatusOr<std::unique_ptr<TapeRecorder>> Start(
      const std::string& directory, const std::string& server_socket);
  virtual ~TapeRecorder() = default;

  // How many flights the busiest connection has sent so far.
  virtual size_t flights() const = 0;
  // Its tape.
  virtual Tape tape() const = 0;
};

// A plain connection that sends what is on tapes, and reads answers without
// looking at them but for errors. Not thread-safe.
class TapePlayer {
 public:
  // Starts a session of `user` on `database`.
  static absl::StatusOr<TapePlayer> Connect(const std::string& server_socket,
                                            const std::string& user,
                                            const std::string& database);
  TapePlayer(TapePlayer&& other) noexcept;
  ~TapePlayer();

  // Sends the flight and reads until it is answered. INTERNAL if the server
  // answered an error or went away.
  absl::Status Play(const Flight& flight);

 private:
  explicit TapePlayer(int socket) : socket_(socket) {}
  bool SendSome(absl::string_view& bytes);
  bool ReadSome(int& answers, bool& failed);

  int socket_;
  MessageScanner scanner_{MessageScanner::Side::kServer};
};

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_WIRE_TAPE_H_
