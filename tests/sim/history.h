#ifndef BUDGET_TESTS_SIM_HISTORY_H_
#define BUDGET_TESTS_SIM_HISTORY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace budget::sim {

// One call on a root, as its caller saw it: when it was sent and answered, in
// the order of all that happens, and the transaction that it was answered
// from, in the order in which they took effect.
struct CallRecord {
  int64_t sent = 0;
  int64_t answered = 0;
  int64_t transaction = 0;
};

// Whether the order of transactions respects that of calls which do not
// overlap: what is sent after another was answered is answered from the same
// transaction or a later one. Together with a model that predicts each answer
// in the order of transactions, this is linearizability. The breach in words;
// nullopt if there is none.
std::optional<std::string> CheckRealTime(std::vector<CallRecord> history);

}  // namespace budget::sim

#endif  // BUDGET_TESTS_SIM_HISTORY_H_
