#ifndef BUDGET_TESTS_STORE_LOSSY_PROXY_H_
#define BUDGET_TESTS_STORE_LOSSY_PROXY_H_

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace budget::testing {

// Stands between clients and a PostgreSQL socket, and cuts the wire at a
// COMMIT when told to. Thread-safe.
class LossyProxy {
 public:
  enum class Cut : int { kNever, kBeforeCommit, kAfterCommit };

  // `server_directory` holds the server's socket.
  explicit LossyProxy(const std::string& server_directory);
  ~LossyProxy();

  // Where clients find the proxy's socket.
  const std::string& directory() const { return directory_; }

  // Cuts one connection at the next COMMIT that passes.
  void CutNext(Cut cut) { cut_ = cut; }

 private:
  void Accept();
  void Forward(int client);

  const std::string server_path_;
  std::string directory_;
  int listener_ = -1;
  std::atomic<Cut> cut_{Cut::kNever};
  std::atomic<bool> stopping_{false};
  std::vector<std::thread> connections_;  // of acceptor_ until it is joined
  std::thread acceptor_;
};

}  // namespace budget::testing

#endif  // BUDGET_TESTS_STORE_LOSSY_PROXY_H_
