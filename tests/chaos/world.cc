#include "tests/chaos/world.h"

#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace budget::chaos {
namespace {

// Two and two have a lane of the product in common, so that its transactions
// are about several of them.
constexpr absl::string_view kRootNames[kRoots] = {"chaos-a", "chaos-q",
                                                  "chaos-b", "chaos-r"};
constexpr int64_t kNeverFull = int64_t{1} << 60;
// Of usd_nanos: after some hundred calls.
constexpr int64_t kFullInAWhile = 2'000'000;
constexpr CallOptions kPatient{absl::Seconds(30)};

v1::Limit LimitOf(const std::string& name, v1::Unit unit, int64_t cap) {
  v1::Limit limit;
  limit.set_name(name);
  limit.set_unit(unit);
  limit.set_cap(cap);
  limit.mutable_window()->mutable_lifetime();
  return limit;
}

v1::Limit Rolling(v1::Limit limit, int seconds) {
  limit.mutable_window()->mutable_rolling()->mutable_duration()->set_seconds(
      seconds);
  return limit;
}

v1::Limit Daily(v1::Limit limit) {
  auto* calendar = limit.mutable_window()->mutable_calendar();
  calendar->set_period(v1::CALENDAR_PERIOD_DAY);
  calendar->set_time_zone("UTC");
  return limit;
}

absl::Status Create(Client& client, const std::string& path,
                    const std::vector<v1::Limit>& limits) {
  v1::CreateAllocationRequest request;
  request.mutable_allocation()->set_path(path);
  for (const v1::Limit& limit : limits) {
    *request.mutable_allocation()->add_limits() = limit;
  }
  return client.CreateAllocation(request, kPatient).status();
}

absl::Status MakeRoot(Client& client, int root) {
  const std::string name = RootName(root);
  const auto usd = LimitOf("usd", v1::UNIT_USD_NANOS, kNeverFull);
  const auto tokens = LimitOf("tokens", v1::UNIT_TOKENS, kNeverFull);
  const auto calls = LimitOf("calls", v1::UNIT_REQUESTS, 700);
  absl::Status status =
      Create(client, name, {Daily(usd), tokens, Rolling(calls, 10)});
  const auto burst = LimitOf("burst", v1::UNIT_TOKENS, 400'000);
  if (status.ok()) {
    status = Create(client, name + "/team", {Rolling(burst, 10)});
  }
  const auto pace = LimitOf("pace", v1::UNIT_REQUESTS, 150);
  if (status.ok()) {
    status = Create(client, name + "/team/key-1", {Rolling(pace, 2), usd});
  }
  const auto day = LimitOf("day", v1::UNIT_USD_NANOS,
                           root == 0 ? kFullInAWhile : kNeverFull);
  if (status.ok()) {
    status = Create(client, name + "/team/key-2",
                    {Rolling(pace, 2), Daily(day)});
  }
  if (!status.ok()) return status;
  return Create(client, PoolOf(root), {PoolSlots(kPoolCapMax)});
}

}  // namespace

std::string RootName(int root) { return std::string(kRootNames[root]); }

std::string PoolOf(int root) { return RootName(root) + "/pool"; }

v1::Limit PoolSlots(int64_t cap) {
  return LimitOf("slots", v1::UNIT_REQUESTS, cap);
}

std::vector<std::string> AllocationsOf(int root, int target) {
  const std::string key = RootName(root) + "/team/key-";
  switch (target) {
    case kPool:
      return {PoolOf(root)};
    case kKey:
      return {key + "1"};
    case kOtherKey:
      return {key + "2"};
    default:
      return {PoolOf(root), key + "1"};
  }
}

absl::Status MakeWorld(Client& client) {
  for (int root = 0; root < kRoots; ++root) {
    if (absl::Status s = MakeRoot(client, root); !s.ok()) return s;
  }
  return absl::OkStatus();
}

Witness::LimitsOfTarget LimitsOfTargets(int root, const Limits& limits) {
  Witness::LimitsOfTarget by_target(kTargets);
  for (int target = 0; target < kTargets; ++target) {
    std::set<int> ids;
    for (const std::string& path : AllocationsOf(root, target)) {
      for (const auto& [id, limit] : limits) {
        const std::string owner = limit.name.substr(0, limit.name.find(' '));
        if (absl::StartsWith(path + "/", owner + "/")) ids.insert(id);
      }
    }
    by_target[target].assign(ids.begin(), ids.end());
  }
  return by_target;
}

}  // namespace budget::chaos
