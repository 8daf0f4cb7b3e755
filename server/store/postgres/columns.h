#ifndef BUDGET_STORE_POSTGRES_COLUMNS_H_
#define BUDGET_STORE_POSTGRES_COLUMNS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/uuid.h"
#include "server/domain/amounts.h"
#include "server/store/postgres/parameter.h"
#include "server/store/postgres/sql_text.h"

namespace budget {

// The parameters of a set-based statement: one array literal per column. A row
// is begun with Row() and filled by as many calls as there are columns. Not
// thread-safe.
class Columns {
 public:
  explicit Columns(int count) : columns_(count) {}

  Columns& Row();
  Columns& Int(int64_t value);
  Columns& Bool(bool value);
  Columns& Text(absl::string_view value);
  Columns& Time(absl::Time value);
  Columns& Id(const Uuid& value);
  Columns& OptInt(const std::optional<int64_t>& value);
  // One column for each unit.
  Columns& Units(const Amounts& amounts);

  bool empty() const { return rows_ == 0; }

  // One array literal per column. Throws std::logic_error where a row was not
  // filled. Nothing is left.
  Parameters Take();

 private:
  sql_text::ArrayBuilder& Next() { return columns_.at(next_++); }

  std::vector<sql_text::ArrayBuilder> columns_;
  size_t next_ = 0;
  int64_t rows_ = 0;
  absl::Time last_time_ = absl::InfinitePast();
  std::string last_time_text_;
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_COLUMNS_H_
