#include "tests/bench/allocations.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/requests.h"

namespace budget::bench {
namespace {

constexpr int64_t kCap = int64_t{1} << 60;  // outlasts every run
constexpr int kCallers = 128;

v1::Limit MakeLimit(const std::string& name, v1::Unit unit) {
  v1::Limit limit;
  limit.set_name(name);
  limit.set_unit(unit);
  limit.set_cap(kCap);
  return limit;
}

using Requests = std::vector<v1::CreateAllocationRequest>;

// One of several that work through a list together, on one thread.
class CreatingCaller final : public Caller {
 public:
  CreatingCaller(const Requests& requests, size_t& next)
      : requests_(requests), next_(next) {}

  std::optional<Message> Next() override {
    if (next_ == requests_.size()) return std::nullopt;
    bytes_ = requests_[next_++].SerializeAsString();
    return Message{&kCreateMethod, &bytes_};
  }
  std::optional<Message> Finish() override { return std::nullopt; }
  bool Answered(const grpc::Status& status, const grpc::ByteBuffer&,
                Counts& counts) override {
    counts.CountStatus(status);
    if (!status.ok()) failure_ = status.error_message();
    return false;
  }
  const std::string& failure() const { return failure_; }

 private:
  const Requests& requests_;
  size_t& next_;
  std::string bytes_;
  std::string failure_;
};

absl::Status CreateSideBySide(const Channels& channels,
                              const Requests& requests) {
  size_t next = 0;
  Callers callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.push_back(std::make_unique<CreatingCaller>(requests, next));
  }
  const LoadResult result = RunToTheEnd(channels, callers);
  if (result.counts.ok == static_cast<int64_t>(requests.size())) {
    return absl::OkStatus();
  }
  std::string why;
  for (const auto& caller : callers) {
    why = std::max(why, static_cast<CreatingCaller&>(*caller).failure());
  }
  return absl::InternalError(absl::StrCat(
      requests.size() - result.counts.ok, " of ", requests.size(),
      " allocations could not be created: ", why));
}

}  // namespace

v1::Allocation UnlimitedAllocation(const std::string& path) {
  v1::Allocation allocation;
  allocation.set_path(path);
  (*allocation.mutable_labels())[kMadeByLabel] = kMadeBy;
  return allocation;
}

v1::Allocation FlatAllocation(const std::string& path) {
  v1::Allocation allocation = UnlimitedAllocation(path);
  v1::Limit& limit = *allocation.add_limits();
  limit = MakeLimit("usd", v1::UNIT_USD_NANOS);
  limit.mutable_window()->mutable_lifetime();
  return allocation;
}

v1::Allocation ThreeLimitsAllocation(const std::string& path) {
  v1::Allocation allocation = FlatAllocation(path);
  v1::Limit& tokens = *allocation.add_limits();
  tokens = MakeLimit("tokens-month", v1::UNIT_TOKENS);
  tokens.mutable_window()->mutable_calendar()->set_period(
      v1::CALENDAR_PERIOD_MONTH);
  v1::Limit& requests = *allocation.add_limits();
  requests = MakeLimit("requests-hour", v1::UNIT_REQUESTS);
  requests.mutable_window()->mutable_rolling()->mutable_duration()->set_seconds(
      3600);
  return allocation;
}

absl::Status CreateAllocations(const Channels& channels,
                               const std::vector<v1::Allocation>& allocations) {
  std::map<int64_t, Requests> by_depth;
  for (const v1::Allocation& allocation : allocations) {
    const std::string& path = allocation.path();
    v1::CreateAllocationRequest request;
    *request.mutable_allocation() = allocation;
    request.set_request_id(NewId());
    by_depth[std::count(path.begin(), path.end(), '/')].push_back(
        std::move(request));
  }
  for (const auto& [depth, requests] : by_depth) {
    const absl::Status status = CreateSideBySide(channels, requests);
    if (!status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace budget::bench
