#ifndef BUDGET_STORE_POSTGRES_RESULT_H_
#define BUDGET_STORE_POSTGRES_RESULT_H_

#include <cstdint>
#include <cstdlib>
#include <memory>

#include "server/store/postgres/pqxx_compat.h"
#include "server/store/postgres/row_reader.h"

namespace budget {

// What a statement gave, in binary form. Rows are read in a range-for, each by
// a RowReader, which must not outlive the result.
class Result {
 public:
  Result() = default;
  // Takes over `result`.
  explicit Result(PGresult* result) : result_(result, &PQclear) {}

  int size() const { return PQntuples(result_.get()); }
  bool empty() const { return size() == 0; }
  const PGresult* raw() const { return result_.get(); }
  // How many rows an INSERT, UPDATE or DELETE has written.
  int64_t affected_rows() const {
    return std::atoll(PQcmdTuples(result_.get()));
  }

  RowReader front() const { return RowReader(result_.get(), 0); }

  class Iterator {
   public:
    Iterator(const PGresult* result, int row) : result_(result), row_(row) {}
    RowReader operator*() const { return RowReader(result_, row_); }
    Iterator& operator++() {
      ++row_;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return row_ != other.row_; }

   private:
    const PGresult* result_;
    int row_;
  };
  Iterator begin() const { return {result_.get(), 0}; }
  Iterator end() const { return {result_.get(), size()}; }

 private:
  std::unique_ptr<PGresult, void (*)(PGresult*)> result_{nullptr, &PQclear};
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_RESULT_H_
