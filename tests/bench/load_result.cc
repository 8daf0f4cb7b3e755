#include "tests/bench/load_result.h"

#include "absl/strings/str_cat.h"

namespace budget::bench {
namespace {

std::string NameOf(int code) {
  static const auto& names = *new std::map<int, std::string>{
      {grpc::CANCELLED, "CANCELLED"},
      {grpc::UNKNOWN, "UNKNOWN"},
      {grpc::INVALID_ARGUMENT, "INVALID_ARGUMENT"},
      {grpc::DEADLINE_EXCEEDED, "DEADLINE_EXCEEDED"},
      {grpc::NOT_FOUND, "NOT_FOUND"},
      {grpc::ALREADY_EXISTS, "ALREADY_EXISTS"},
      {grpc::PERMISSION_DENIED, "PERMISSION_DENIED"},
      {grpc::RESOURCE_EXHAUSTED, "RESOURCE_EXHAUSTED"},
      {grpc::FAILED_PRECONDITION, "FAILED_PRECONDITION"},
      {grpc::ABORTED, "ABORTED"},
      {grpc::OUT_OF_RANGE, "OUT_OF_RANGE"},
      {grpc::UNIMPLEMENTED, "UNIMPLEMENTED"},
      {grpc::INTERNAL, "INTERNAL"},
      {grpc::UNAVAILABLE, "UNAVAILABLE"},
      {grpc::DATA_LOSS, "DATA_LOSS"},
      {grpc::UNAUTHENTICATED, "UNAUTHENTICATED"}};
  const auto found = names.find(code);
  return found == names.end() ? absl::StrCat("code ", code) : found->second;
}

}  // namespace

void Counts::CountStatus(const grpc::Status& status) {
  if (status.ok()) {
    ++ok;
  } else {
    CountFailure(status.error_code());
  }
}

void Counts::CountFailure(int code) {
  if (code == grpc::RESOURCE_EXHAUSTED) {
    ++denied;
  } else {
    ++errors[NameOf(code)];
  }
}

int64_t Counts::ErrorsTotal() const {
  int64_t total = 0;
  for (const auto& [code, count] : errors) total += count;
  return total;
}

int64_t Counts::Shed() const {
  const auto it = errors.find("UNAVAILABLE");
  return it == errors.end() ? 0 : it->second;
}

void Counts::Add(const Counts& other) {
  ok += other.ok;
  settles_ok += other.settles_ok;
  settles_failed += other.settles_failed;
  denied += other.denied;
  for (const auto& [code, count] : other.errors) errors[code] += count;
}

}  // namespace budget::bench
