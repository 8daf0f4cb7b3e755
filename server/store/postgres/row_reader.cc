#include "server/store/postgres/row_reader.h"

#include <algorithm>
#include <stdexcept>

#include "server/store/postgres/binary.h"

namespace budget {
namespace {

[[noreturn]] void Malformed() {
  throw std::runtime_error("a field is not of the expected form");
}

// Calls `put` for each element of a one-dimensional array: its bytes, or
// nullopt for NULL. Says by `begin` how many there are.
template <typename Begin, typename Put>
void ForEachElement(absl::string_view array, Begin begin, Put put) {
  const int32_t dimensions = binary::TakeInt4(array);
  binary::TakeInt4(array);  // whether there are NULLs
  binary::TakeInt4(array);  // the element's type
  if (dimensions == 0) return;
  const int32_t size = binary::TakeInt4(array);
  const int32_t lower_bound = binary::TakeInt4(array);
  if (dimensions != 1 || size < 0 || lower_bound != 1) Malformed();
  begin(size);
  for (int32_t i = 0; i < size; ++i) {
    const int32_t length = binary::TakeInt4(array);
    if (length < 0) {
      put(std::nullopt);
      continue;
    }
    if (array.size() < static_cast<size_t>(length)) Malformed();
    put(std::optional<absl::string_view>(array.substr(0, length)));
    array.remove_prefix(length);
  }
}

template <typename T>
std::vector<T> NumbersOf(absl::string_view array) {
  std::vector<T> numbers;
  ForEachElement(
      array, [&](int32_t size) { numbers.reserve(size); },
      [&](std::optional<absl::string_view> element) {
        if (!element) Malformed();
        numbers.push_back(static_cast<T>(binary::ToInt(*element)));
      });
  return numbers;
}

}  // namespace

bool RowReader::IsNull() const {
  return PQgetisnull(result_, row_, next_) != 0;
}

absl::string_view RowReader::View() {
  if (next_ >= PQnfields(result_) || IsNull()) Malformed();
  const absl::string_view field(PQgetvalue(result_, row_, next_),
                                PQgetlength(result_, row_, next_));
  ++next_;
  return field;
}

absl::string_view RowReader::Json() {
  const absl::string_view field = View();
  if (field.empty() || field[0] != binary::kJsonbVersion) Malformed();
  return field.substr(1);
}

int64_t RowReader::Int() { return binary::ToInt(View()); }

absl::Time RowReader::Time() { return binary::ToTime(Int()); }

Uuid RowReader::Id() {
  const absl::string_view field = View();
  Uuid id;
  if (field.size() != id.bytes.size()) Malformed();
  std::copy(field.begin(), field.end(), id.bytes.begin());
  return id;
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
  return NumbersOf<int64_t>(View());
}

std::vector<int32_t> RowReader::Numbers32() {
  return NumbersOf<int32_t>(View());
}

std::vector<std::optional<int64_t>> RowReader::OptNumbers() {
  std::vector<std::optional<int64_t>> numbers;
  ForEachElement(
      View(), [&](int32_t size) { numbers.reserve(size); },
      [&](std::optional<absl::string_view> element) {
        numbers.push_back(element ? std::optional(binary::ToInt(*element))
                                  : std::nullopt);
      });
  return numbers;
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
  const std::vector<std::optional<int64_t>> numbers = OptNumbers();
  if (numbers.size() != kUnits.size()) Malformed();
  PartialAmounts amounts;
  for (Unit unit : kUnits) amounts[unit] = numbers[static_cast<int>(unit)];
  return amounts;
}

}  // namespace budget
