#ifndef BUDGET_SRC_TOKEN_SOURCE_H_
#define BUDGET_SRC_TOKEN_SOURCE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <tuple>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"

namespace budget {

// The bearer token of each call. Thread-safe.
class TokenSource {
 public:
  // Of the two one at the most is given. FAILED_PRECONDITION, naming the file,
  // if there is no token in it; INVALID_ARGUMENT for text that is no token.
  static absl::StatusOr<std::shared_ptr<TokenSource>> Make(
      const std::string& token, const std::string& file);

  // The token now: looks whether the file has changed, and keeps what it has
  // while there is no token to be read from it.
  std::string Get();

 private:
  // What tells one state of a file from another.
  using Stamp = std::tuple<uint64_t, uint64_t, int64_t, int64_t, int64_t>;

  explicit TokenSource(std::string file) : file_(std::move(file)) {}

  static Stamp StampOf(const std::string& file);

  const std::string file_;  // empty: the token is fixed
  absl::Mutex mutex_;
  Stamp stamp_ ABSL_GUARDED_BY(mutex_);
  std::string token_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace budget

#endif  // BUDGET_SRC_TOKEN_SOURCE_H_
