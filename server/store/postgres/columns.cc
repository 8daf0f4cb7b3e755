#include "server/store/postgres/columns.h"

#include <stdexcept>

namespace budget {

Columns& Columns::Row() {
  if (rows_ > 0 && next_ != columns_.size()) {
    throw std::logic_error("a row of parameters was not filled");
  }
  next_ = 0;
  ++rows_;
  return *this;
}

Columns& Columns::Int(int64_t value) {
  Next().Add(value);
  return *this;
}

Columns& Columns::Bool(bool value) {
  Next().AddBool(value);
  return *this;
}

Columns& Columns::Text(absl::string_view value) {
  Next().AddText(value);
  return *this;
}

// Most times of a batch are the same: its own.
Columns& Columns::Time(absl::Time value) {
  if (value != last_time_) {
    last_time_ = value;
    last_time_text_ = sql_text::FromTime(value);
  }
  Next().AddPlain(last_time_text_);
  return *this;
}

Columns& Columns::Id(const Uuid& value) {
  Next().AddPlain(value.ToString());
  return *this;
}

Columns& Columns::OptInt(const std::optional<int64_t>& value) {
  if (value) return Int(*value);
  Next().AddNull();
  return *this;
}

Columns& Columns::Units(const Amounts& amounts) {
  for (Unit unit : kUnits) Int(amounts[unit]);
  return *this;
}

Parameters Columns::Take() {
  if (rows_ > 0 && next_ != columns_.size()) {
    throw std::logic_error("a row of parameters was not filled");
  }
  Parameters parameters;
  parameters.reserve(columns_.size());
  for (sql_text::ArrayBuilder& column : columns_) {
    parameters.emplace_back(column.Take());
  }
  rows_ = 0;
  return parameters;
}

}  // namespace budget
