#ifndef BUDGET_TESTS_MODEL_TABLE_PARSE_H_
#define BUDGET_TESTS_MODEL_TABLE_PARSE_H_

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/domain/operation.h"

namespace budget {

// Words and options of a line, before or after its arrow. Aborts the test
// program on what it cannot read: a table is source code.
struct Clause {
  std::vector<std::string> words;
  std::map<std::string, std::string> options;

  std::optional<std::string> Option(const std::string& name) const;
  std::optional<int64_t> Number(const std::string& name) const;
  PartialAmounts Amounts(const std::string& prefix = "") const;
};

// One line of a table.
struct Statement {
  int line = 0;
  std::string text;
  std::string time;  // "at" or "after", and the rest
  std::string time_value;
  Clause event;
  Clause expected;  // words is {"ok"} where nothing is said
};

std::vector<Statement> ParseTable(absl::string_view text);

// Continues from `now`.
absl::Time ParseTableTime(const Statement& statement, absl::Time now);

// {"acme/a", "month"} of "acme/a.month".
std::pair<std::string, std::string> SplitLimit(const std::string& name);

// The operation that `event` asks for; versions and request ids are the
// caller's.
Operation ParseOperation(const Clause& event, const AdminContext& context,
                         int64_t version, bool limit_exists);

// The same id for the same name.
Uuid IdOf(const std::string& name);

absl::Time ParseClock(absl::string_view text);
Unit ParseUnit(absl::string_view text);

}  // namespace budget

#endif  // BUDGET_TESTS_MODEL_TABLE_PARSE_H_
