#ifndef BUDGET_STORE_POSTGRES_ROW_READER_H_
#define BUDGET_STORE_POSTGRES_ROW_READER_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/uuid.h"
#include "server/domain/amounts.h"
#include "server/store/postgres/pqxx_compat.h"

namespace budget {

// Reads the fields of one row, which are in binary form, from left to right.
// Throws std::runtime_error on what is not of the asked form. The result must
// outlive it.
class RowReader {
 public:
  RowReader(const PGresult* result, int row) : result_(result), row_(row) {}

  bool IsNull() const;  // the next field
  void Skip() { ++next_; }

  // The bytes of the next field: a text or bytea as it is.
  absl::string_view View();
  std::string Text() { return std::string(View()); }
  absl::string_view Json();
  int64_t Int();  // of any size
  int32_t Int32() { return static_cast<int32_t>(Int()); }
  bool Bool() { return Int() != 0; }
  absl::Time Time();
  Uuid Id();
  std::optional<int64_t> OptInt();
  std::optional<absl::Time> OptTime();
  std::optional<Uuid> OptId();
  std::vector<int64_t> Numbers();
  std::vector<int32_t> Numbers32();
  std::vector<std::optional<int64_t>> OptNumbers();
  // One column for each unit.
  Amounts Units();
  // One column that holds an array.
  Amounts AmountsArray();
  PartialAmounts PartialArray();
  template <typename Enum>
  Enum Number() {
    return static_cast<Enum>(Int());
  }

 private:
  const PGresult* const result_;
  const int row_;
  int next_ = 0;
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_ROW_READER_H_
