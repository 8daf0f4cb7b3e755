#include "server/app/call_lines.h"

#include <cmath>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace budget {
namespace {

using Code = absl::StatusCode;

// To the microsecond.
double Millis(absl::Duration duration) {
  return std::round(absl::ToDoubleMicroseconds(duration)) / 1000;
}

bool IsOurFault(Code code) {
  return code == Code::kInternal || code == Code::kUnknown ||
         code == Code::kDataLoss;
}

void AddText(absl::string_view name, absl::string_view text,
             std::vector<LogField>& fields) {
  if (!text.empty()) fields.push_back({name, text});
}

// The root and the state of its ledger, "acme:17".
void AddDecision(const LoggedDecision& decision,
                 std::vector<LogField>& fields) {
  if (!decision.root.empty()) {
    fields.push_back(
        {"decision_id", absl::StrCat(decision.root, ":", decision.sequence)});
  }
  AddText("reservation", decision.reservation, fields);
}

}  // namespace

bool CallLines::IsSlow(const CallEnd& end) const {
  return options_.slow > absl::ZeroDuration() && !end.streams &&
         end.took >= options_.slow;
}

std::optional<LogLevel> CallLines::LevelOf(const CallEnd& end) const {
  if (IsOurFault(end.code)) return LogLevel::kError;
  if (IsSlow(end)) return LogLevel::kWarning;
  const bool trouble = end.code != Code::kOk && end.code != Code::kCancelled &&
                       !end.denied;
  if (options_.all || trouble || end.failed_inside) return LogLevel::kInfo;
  if (end.code != Code::kOk) return LogLevel::kDebug;
  return std::nullopt;
}

bool CallLines::Wants(const CallEnd& end) {
  const std::optional<LogLevel> level = LevelOf(end);
  return level && IsLogged(*level) && HasRoom();
}

bool CallLines::HasRoom() {
  const absl::Time now = clock_.Now();
  int64_t dropped = 0;
  bool room = false;
  {
    absl::MutexLock lock(&mutex_);
    if (now >= second_ + absl::Seconds(1) || now < second_) {
      second_ = now;
      lines_ = 0;
      std::swap(dropped, dropped_lately_);
    }
    room = lines_ < options_.lines_per_second_max;
    room ? ++lines_ : ++dropped_lately_;
  }
  if (!room) dropped_.Add();
  if (dropped > 0) LogWarning("call_lines_dropped", {{"count", dropped}});
  return room;
}

void CallLines::Log(const CallReport& report) {
  const CallEnd& end = report.end;
  std::vector<LogField> fields = {
      {"method", absl::StrCat(end.service, "/", end.method)},
      {"code", absl::StatusCodeToString(end.code)},
      {"took_ms", Millis(end.took)},
      {"request_id", report.request_id}};
  AddText("principal", report.principal, fields);
  AddText("reason", end.reason, fields);
  AddText("trace_id", report.trace_id, fields);
  AddText("parent_id", report.parent_id, fields);
  if (IsSlow(end)) fields.push_back({"slow", true});
  const bool batch = report.operations > 0;
  if (batch) fields.push_back({"operations", report.operations});
  if (!batch && !report.decisions.empty()) {
    AddDecision(report.decisions.front(), fields);
  }
  budget::Log(LevelOf(end).value_or(LogLevel::kInfo), "call", fields);
  if (!batch) return;
  for (const LoggedDecision& decision : report.decisions) {
    LogDecision(report, decision);
  }
}

void CallLines::LogDecision(const CallReport& report,
                            const LoggedDecision& decision) {
  const LogLevel level =
      decision.denied && !options_.all ? LogLevel::kDebug : LogLevel::kInfo;
  if (!IsLogged(level) || !HasRoom()) return;
  std::vector<LogField> fields = {{"request_id", report.request_id}};
  AddText("reason", decision.reason, fields);
  AddDecision(decision, fields);
  budget::Log(level, "operation", fields);
}

}  // namespace budget
