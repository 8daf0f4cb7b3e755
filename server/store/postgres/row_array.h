#ifndef BUDGET_STORE_POSTGRES_ROW_ARRAY_H_
#define BUDGET_STORE_POSTGRES_ROW_ARRAY_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/base/uuid.h"
#include "server/domain/amounts.h"
#include "server/store/postgres/binary.h"
#include "server/store/postgres/parameter.h"

namespace budget {

// A row type of ours, which the migrations make.
struct RowType {
  const char* name;  // in the schema "budget"
  int fields;
};

// Rows as one parameter: an array of a row type in binary form. A row is begun
// with Row() and filled field by field, in the order and with the types of the
// row type. Not thread-safe.
class RowArray {
 public:
  explicit RowArray(const RowType& type);

  RowArray& Row();
  RowArray& Bool(bool value);
  RowArray& Int4(int32_t value);
  RowArray& Int8(int64_t value);
  RowArray& Text(absl::string_view value);
  RowArray& Bytes(absl::string_view value);
  RowArray& Time(absl::Time value);
  RowArray& Id(const Uuid& value);
  RowArray& Json(absl::string_view value);
  RowArray& OptInt8(const std::optional<int64_t>& value);
  RowArray& OptText(const std::optional<std::string>& value);
  RowArray& OptJson(const std::optional<std::string>& value);
  RowArray& OptTime(const std::optional<absl::Time>& value);
  RowArray& OptId(const std::optional<Uuid>& value);
  // A smallint.
  template <typename Enum>
  RowArray& Number(Enum value) {
    binary::PutInt2(static_cast<int16_t>(value), Field(binary::Type::kInt2, 2));
    return *this;
  }
  // One bigint for each unit.
  RowArray& Units(const Amounts& amounts);
  // One field that holds an array: int4[] or int8[] of what `get` makes of
  // each item.
  template <typename Items, typename Get>
  RowArray& Int4s(const Items& items, Get get);
  template <typename Items, typename Get>
  RowArray& Int8s(const Items& items, Get get);
  template <typename Numbers>  // Amounts or PartialAmounts
  RowArray& Array(const Numbers& amounts) {
    return Int8s(amounts.by_unit, [](const auto& amount) { return amount; });
  }
  RowArray& Null(binary::Type type);

  const RowType& type() const { return type_; }
  int64_t rows() const { return rows_; }
  bool empty() const { return rows_ == 0; }

  // The parameter, in a session where the row type has the number `oid`.
  // Throws std::logic_error where a row was not filled. Nothing is left.
  Parameter Take(uint32_t oid);

 private:
  // Begins a field and returns where its bytes are to be appended.
  std::string& Field(binary::Type type, int32_t size);
  // Begins a field that holds an array and returns where it is; ends it.
  size_t BeginArray(binary::Type element, size_t size);
  void EndArray(size_t at);
  void EndRow();

  const RowType& type_;
  std::string bytes_;  // the array without its header
  size_t row_begin_ = 0;
  int fields_ = 0;  // of the row that was begun
  int64_t rows_ = 0;
};

template <typename Items, typename Get>
RowArray& RowArray::Int4s(const Items& items, Get get) {
  const size_t at = BeginArray(binary::Type::kInt4, items.size());
  for (const auto& item : items) {
    binary::PutInt4(4, bytes_);
    binary::PutInt4(get(item), bytes_);
  }
  EndArray(at);
  return *this;
}

template <typename Items, typename Get>
RowArray& RowArray::Int8s(const Items& items, Get get) {
  const size_t at = BeginArray(binary::Type::kInt8, items.size());
  for (const auto& item : items) {
    const std::optional<int64_t> value = get(item);
    binary::PutInt4(value ? 8 : -1, bytes_);
    if (value) binary::PutInt8(*value, bytes_);
  }
  EndArray(at);
  return *this;
}

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_ROW_ARRAY_H_
