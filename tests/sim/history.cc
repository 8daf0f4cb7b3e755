#include "tests/sim/history.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace budget::sim {

std::optional<std::string> CheckRealTime(std::vector<CallRecord> history) {
  std::vector<CallRecord> by_answer = history;
  std::sort(history.begin(), history.end(),
            [](const auto& a, const auto& b) { return a.sent < b.sent; });
  std::sort(by_answer.begin(), by_answer.end(),
            [](const auto& a, const auto& b) {
              return a.answered < b.answered;
            });
  size_t answered = 0;
  int64_t latest = 0;  // transaction of what was answered by then
  for (const CallRecord& call : history) {
    for (; answered < by_answer.size() &&
           by_answer[answered].answered < call.sent;
         ++answered) {
      latest = std::max(latest, by_answer[answered].transaction);
    }
    if (call.transaction < latest) {
      return absl::StrCat("a call sent at ", call.sent,
                          " was answered from transaction ", call.transaction,
                          " although transaction ", latest,
                          " had been answered before");
    }
  }
  return std::nullopt;
}

}  // namespace budget::sim
