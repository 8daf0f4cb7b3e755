#include "server/store/postgres/row_array.h"

#include <stdexcept>
#include <utility>

namespace budget {
namespace {

constexpr int32_t kNull = -1;

// Dimensions, a flag for NULLs, the element's type; then length and lower
// bound of the only dimension (array_send in PostgreSQL's arrayfuncs.c).
constexpr size_t kArrayHeaderBytes = 20;

void PutArrayHeader(int32_t element, int32_t size, std::string& out) {
  binary::PutInt4(size == 0 ? 0 : 1, out);
  binary::PutInt4(1, out);
  binary::PutInt4(element, out);
  if (size == 0) return;
  binary::PutInt4(size, out);
  binary::PutInt4(1, out);
}

}  // namespace

RowArray::RowArray(const RowType& type) : type_(type) {}

RowArray& RowArray::Row() {
  EndRow();
  ++rows_;
  row_begin_ = bytes_.size();
  binary::PutInt4(0, bytes_);
  binary::PutInt4(type_.fields, bytes_);
  fields_ = 0;
  return *this;
}

void RowArray::EndRow() {
  if (rows_ == 0) return;
  if (fields_ != type_.fields) {
    throw std::logic_error("a row of parameters was not filled");
  }
  binary::SetInt4(row_begin_,
                  static_cast<int32_t>(bytes_.size() - row_begin_ - 4), bytes_);
}

std::string& RowArray::Field(binary::Type type, int32_t size) {
  ++fields_;
  binary::PutInt4(static_cast<int32_t>(type), bytes_);
  binary::PutInt4(size, bytes_);
  return bytes_;
}

size_t RowArray::BeginArray(binary::Type element, size_t size) {
  Field(element == binary::Type::kInt4 ? binary::Type::kInt4Array
                                       : binary::Type::kInt8Array,
        0);
  const size_t at = bytes_.size();
  PutArrayHeader(static_cast<int32_t>(element), static_cast<int32_t>(size),
                 bytes_);
  return at;
}

void RowArray::EndArray(size_t at) {
  binary::SetInt4(at - 4, static_cast<int32_t>(bytes_.size() - at), bytes_);
}

RowArray& RowArray::Bool(bool value) {
  Field(binary::Type::kBool, 1).push_back(value ? 1 : 0);
  return *this;
}

RowArray& RowArray::Int4(int32_t value) {
  binary::PutInt4(value, Field(binary::Type::kInt4, 4));
  return *this;
}

RowArray& RowArray::Int8(int64_t value) {
  binary::PutInt8(value, Field(binary::Type::kInt8, 8));
  return *this;
}

RowArray& RowArray::Text(absl::string_view value) {
  Field(binary::Type::kText, static_cast<int32_t>(value.size()))
      .append(value.data(), value.size());
  return *this;
}

RowArray& RowArray::Bytes(absl::string_view value) {
  Field(binary::Type::kBytea, static_cast<int32_t>(value.size()))
      .append(value.data(), value.size());
  return *this;
}

RowArray& RowArray::Time(absl::Time value) {
  binary::PutInt8(binary::FromTime(value),
                  Field(binary::Type::kTimestamptz, 8));
  return *this;
}

RowArray& RowArray::Id(const Uuid& value) {
  Field(binary::Type::kUuid, static_cast<int32_t>(value.bytes.size()))
      .append(reinterpret_cast<const char*>(value.bytes.data()),
              value.bytes.size());
  return *this;
}

RowArray& RowArray::Json(absl::string_view value) {
  std::string& out =
      Field(binary::Type::kJsonb, static_cast<int32_t>(value.size() + 1));
  out.push_back(binary::kJsonbVersion);
  out.append(value.data(), value.size());
  return *this;
}

RowArray& RowArray::Null(binary::Type type) {
  Field(type, kNull);
  return *this;
}

RowArray& RowArray::OptInt8(const std::optional<int64_t>& value) {
  return value ? Int8(*value) : Null(binary::Type::kInt8);
}

RowArray& RowArray::OptText(const std::optional<std::string>& value) {
  return value ? Text(*value) : Null(binary::Type::kText);
}

RowArray& RowArray::OptJson(const std::optional<std::string>& value) {
  return value ? Json(*value) : Null(binary::Type::kJsonb);
}

RowArray& RowArray::OptTime(const std::optional<absl::Time>& value) {
  return value ? Time(*value) : Null(binary::Type::kTimestamptz);
}

RowArray& RowArray::OptId(const std::optional<Uuid>& value) {
  return value ? Id(*value) : Null(binary::Type::kUuid);
}

RowArray& RowArray::Units(const Amounts& amounts) {
  for (Unit unit : kUnits) Int8(amounts[unit]);
  return *this;
}

Parameter RowArray::Take(uint32_t oid) {
  EndRow();
  std::string all;
  all.reserve(bytes_.size() + kArrayHeaderBytes);
  PutArrayHeader(static_cast<int32_t>(oid), static_cast<int32_t>(rows_), all);
  all += bytes_;
  bytes_.clear();
  rows_ = 0;
  return Parameter(Parameter::Format::kBinary, std::move(all));
}

}  // namespace budget
