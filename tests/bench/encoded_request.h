#ifndef BUDGET_TESTS_BENCH_ENCODED_REQUEST_H_
#define BUDGET_TESTS_BENCH_ENCODED_REQUEST_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace budget::bench {

// Stands for a reservation id in a message that is to be encoded.
std::string IdPlaceholder();
// Stands for a path of `length` bytes. Shorter ones could not be told from other
// bytes of a message.
inline constexpr size_t kPathBytesMin = 3;
std::string PathPlaceholder(size_t length);

// A request encoded once, into which ids and paths are then written: making
// the next one costs the load generator next to nothing. Not thread-safe.
class EncodedRequest {
 public:
  // `message` has placeholders where ids and paths belong.
  explicit EncodedRequest(const google::protobuf::Message& message);

  size_t ids() const { return ids_.size(); }
  size_t paths() const { return paths_.size(); }

  // Replaces the n-th of its kind, in the order of the encoding. `text` is as
  // long as the placeholder.
  void SetId(size_t n, absl::string_view text);
  void SetPath(size_t n, absl::string_view text);

  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::vector<size_t> ids_;
  std::vector<size_t> paths_;
};

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_ENCODED_REQUEST_H_
