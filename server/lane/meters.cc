#include "server/lane/meters.h"

#include <iterator>

namespace budget {
namespace {

constexpr absl::string_view kKindNames[] = {
    "reserve",           "adjust_reservation", "settle",
    "release",           "record_usage",       "sweep",
    "create_allocation", "update_allocation",  "archive_allocation",
    "set_limit",         "remove_limit",       "freeze",
    "unfreeze",          "adjust_balance",     "transfer_cap",
    "set_prices",        "preview"};
static_assert(std::size(kKindNames) == kOperationKinds,
              "one name for each operation, in the order of the variant");

}  // namespace

absl::string_view DecisionName(Decision decision) {
  switch (decision) {
    case Decision::kGranted:
      return "granted";
    case Decision::kDenied:
      return "denied";
    case Decision::kRefused:
      return "refused";
    case Decision::kFailed:
      return "failed";
  }
  return "";
}

Decision DecisionOf(Reason reason) {
  if (IsDenial(reason)) return Decision::kDenied;
  switch (CodeOf(reason)) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kInternal:
      return Decision::kFailed;
    default:
      return Decision::kRefused;
  }
}

Decision DecisionOf(const Outcome& outcome) {
  return outcome.ok() ? Decision::kGranted
                      : DecisionOf(outcome.refusal->reason);
}

size_t OperationKind(const Operation& operation) {
  const auto* reserve = std::get_if<Reserve>(&operation);
  const bool preview = reserve != nullptr && reserve->validate_only;
  return preview ? kOperationKinds - 1 : operation.index();
}

absl::string_view OperationKindName(size_t kind) { return kKindNames[kind]; }

absl::string_view ShedName(Shed shed) {
  switch (shed) {
    case Shed::kServerFull:
      return "server_full";
    case Shed::kQueue:
      return "queue";
    case Shed::kDeadline:
      return "deadline";
    case Shed::kDraining:
      return "draining";
  }
  return "";
}

void RootMeters::Add(absl::string_view root, Decision decision) {
  absl::MutexLock lock(&mutex_);
  auto at = counts_.find(root);
  if (at == counts_.end()) {
    const bool room = counts_.size() < kRootsMax;
    at = counts_.try_emplace(room ? root : kOthers, Counts{}).first;
  }
  ++at->second[static_cast<size_t>(decision)];
}

std::map<std::string, RootMeters::Counts> RootMeters::Read() const {
  absl::MutexLock lock(&mutex_);
  return {counts_.begin(), counts_.end()};
}

}  // namespace budget
