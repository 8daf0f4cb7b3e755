#include "tests/bench/encoded_request.h"

namespace budget::bench {
namespace {

constexpr char kIdByte = '@';
constexpr char kPathByte = '#';
constexpr size_t kIdBytes = 36;

// Where runs of `byte`, at least `length` long, begin.
std::vector<size_t> RunsOf(char byte, size_t length, const std::string& bytes) {
  std::vector<size_t> runs;
  for (size_t i = 0; (i = bytes.find(byte, i)) != std::string::npos;) {
    size_t end = bytes.find_first_not_of(byte, i);
    if (end == std::string::npos) end = bytes.size();
    if (end - i >= length) runs.push_back(i);
    i = end;
  }
  return runs;
}

}  // namespace

std::string IdPlaceholder() { return std::string(kIdBytes, kIdByte); }

std::string PathPlaceholder(size_t length) {
  return std::string(length, kPathByte);
}

EncodedRequest::EncodedRequest(const google::protobuf::Message& message)
    : bytes_(message.SerializeAsString()),
      ids_(RunsOf(kIdByte, kIdBytes, bytes_)),
      paths_(RunsOf(kPathByte, kPathBytesMin, bytes_)) {}

void EncodedRequest::SetId(size_t n, absl::string_view text) {
  bytes_.replace(ids_[n], text.size(), text.data(), text.size());
}

void EncodedRequest::SetPath(size_t n, absl::string_view text) {
  bytes_.replace(paths_[n], text.size(), text.data(), text.size());
}

}  // namespace budget::bench
