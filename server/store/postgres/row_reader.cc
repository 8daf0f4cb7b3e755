#include "server/store/postgres/row_reader.h"

#include <stdexcept>

#include "absl/strings/numbers.h"
#include "server/store/postgres/sql_text.h"

namespace budget {
namespace {

using FieldIndex = pqxx::row::size_type;

[[noreturn]] void Malformed() {
  throw std::runtime_error("a field is not of the expected form");
}

}  // namespace

bool RowReader::IsNull() const {
  return row_[static_cast<FieldIndex>(next_)].is_null();
}

absl::string_view RowReader::View() {
  const auto field = row_[static_cast<FieldIndex>(next_++)];
  if (field.is_null()) Malformed();
  return absl::string_view(field.c_str(), field.size());
}

int64_t RowReader::Int() {
  int64_t value = 0;
  if (!absl::SimpleAtoi(View(), &value)) Malformed();
  return value;
}

absl::Time RowReader::Time() { return sql_text::ToTime(View()); }

Uuid RowReader::Id() {
  const std::optional<Uuid> id = Uuid::Parse(View());
  if (!id) Malformed();
  return *id;
}

std::optional<int64_t> RowReader::OptInt() {
  if (!IsNull()) return Int();
  Skip();
  return std::nullopt;
}

std::optional<absl::Time> RowReader::OptTime() {
  if (!IsNull()) return Time();
  Skip();
  return std::nullopt;
}

std::optional<Uuid> RowReader::OptId() {
  if (!IsNull()) return Id();
  Skip();
  return std::nullopt;
}

std::vector<int64_t> RowReader::Numbers() {
  return sql_text::ToNumbers(View());
}

std::vector<int32_t> RowReader::Numbers32() {
  const std::vector<int64_t> numbers = Numbers();
  return std::vector<int32_t>(numbers.begin(), numbers.end());
}

Amounts RowReader::Units() {
  Amounts amounts;
  for (Unit unit : kUnits) amounts[unit] = Int();
  return amounts;
}

Amounts RowReader::AmountsArray() {
  const std::vector<int64_t> numbers = Numbers();
  if (numbers.size() != kUnits.size()) Malformed();
  Amounts amounts;
  for (Unit unit : kUnits) amounts[unit] = numbers[static_cast<int>(unit)];
  return amounts;
}

PartialAmounts RowReader::PartialArray() {
  const auto numbers = sql_text::ToOptionalNumbers(View());
  if (numbers.size() != kUnits.size()) Malformed();
  PartialAmounts amounts;
  for (Unit unit : kUnits) amounts[unit] = numbers[static_cast<int>(unit)];
  return amounts;
}

}  // namespace budget
