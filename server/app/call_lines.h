#ifndef BUDGET_APP_CALL_LINES_H_
#define BUDGET_APP_CALL_LINES_H_

#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "server/app/log.h"
#include "server/base/clock.h"
#include "server/base/meter.h"
#include "server/rpc/call_log.h"

namespace budget {

struct CallLinesOptions {
  bool all = false;                          // calls that were answered OK too
  absl::Duration slow = absl::Seconds(1);    // from here on; zero: none is
  int lines_per_second_max = 100;
};

// Writes calls into the log: errors that are no denials, and slow calls; at
// level debug denials too. Bounded: what is over is counted, and its number
// logged. Thread-safe.
class CallLines final : public CallLog {
 public:
  // All must outlive this.
  CallLines(Clock& clock, const CallLinesOptions& options, EventCount& dropped)
      : clock_(clock), options_(options), dropped_(dropped) {}

  bool Wants(const CallEnd& end) override;
  void Log(const CallReport& report) override;

 private:
  std::optional<LogLevel> LevelOf(const CallEnd& end) const;
  bool IsSlow(const CallEnd& end) const;
  // Whether one more line may be written.
  bool HasRoom();
  void LogDecision(const CallReport& report, const LoggedDecision& decision);

  Clock& clock_;
  const CallLinesOptions options_;
  EventCount& dropped_;
  absl::Mutex mutex_;
  absl::Time second_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int lines_ ABSL_GUARDED_BY(mutex_) = 0;  // in this second
  int64_t dropped_lately_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace budget

#endif  // BUDGET_APP_CALL_LINES_H_
