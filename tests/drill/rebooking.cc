#include "tests/drill/rebooking.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "tests/chaos/world.h"

namespace budget::drill {
namespace {

using chaos::Call;

constexpr CallOptions kPatience{.timeout = absl::Seconds(10)};

void SetAmounts(const chaos::Units& units, v1::Amounts& amounts) {
  amounts.set_usd_nanos(units[0]);
  amounts.set_tokens(units[1]);
  amounts.set_requests(units[2]);
}

absl::Status Settle(Client& client, const Call& settle) {
  v1::SettleRequest request;
  request.set_reservation_id(settle.id.ToString());
  request.set_root(chaos::RootName(settle.root));
  SetAmounts(settle.asked, *request.mutable_actual());
  request.set_final(true);
  return client.Settle(request, kPatience).status();
}

absl::Status Record(Client& client, const Call& settle, int target) {
  v1::RecordUsageRequest request;
  request.set_usage_id(settle.id.ToString());
  for (const std::string& path : chaos::AllocationsOf(settle.root, target)) {
    request.add_allocations(path);
  }
  SetAmounts(settle.asked, *request.mutable_actual());
  return client.RecordUsage(request, kPatience).status();
}

std::string Text(const chaos::Units& units) {
  return absl::StrCat(units[0], " nanos, ", units[1], " tokens, ", units[2],
                      " requests");
}

}  // namespace

absl::StatusOr<int64_t> BookAgain(Client& client,
                                  const std::vector<Call>& settles,
                                  const std::vector<Call>& reserves) {
  std::map<Uuid, int> targets;
  for (const Call& reserve : reserves) targets[reserve.id] = reserve.target;
  int64_t booked = 0;
  for (const Call& settle : settles) {
    absl::Status status = Settle(client, settle);
    if (ErrorReasonOf(status).reason == "RESERVATION_NOT_FOUND") {
      status = Record(client, settle, targets.at(settle.id));
    }
    if (!status.ok()) {
      return absl::Status(status.code(),
                          absl::StrCat(settle.id.ToString(),
                                       " cannot be booked again: ",
                                       status.message()));
    }
    ++booked;
  }
  return booked;
}

std::vector<std::string> Misbooked(const std::vector<Call>& settles,
                                   const std::vector<chaos::Entry>& entries) {
  std::map<Uuid, chaos::Units> used;
  for (const chaos::Entry& entry : entries) {
    if (!entry.reservation) continue;
    for (size_t unit = 0; unit < entry.spent.size(); ++unit) {
      used[*entry.reservation][unit] +=
          entry.spent[unit] + entry.overage[unit];
    }
  }
  std::vector<std::string> wrong;
  for (const Call& settle : settles) {
    if (used[settle.id] == settle.asked) continue;
    wrong.push_back(absl::StrCat(settle.id.ToString(), " used ",
                                 Text(settle.asked), ", the ledger says ",
                                 Text(used[settle.id])));
  }
  return wrong;
}

}  // namespace budget::drill
