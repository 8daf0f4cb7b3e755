#include "server/store/postgres/write_batch.h"

#include <iterator>
#include <string>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "server/store/postgres/failure.h"
#include "server/store/postgres/row_reader.h"

namespace budget {
namespace {

// "$1" becomes "$11" where 10 parameters come before.
std::string Renumber(absl::string_view sql, size_t before) {
  std::string renumbered;
  for (size_t i = 0; i < sql.size();) {
    renumbered += sql[i];
    if (sql[i++] != '$') continue;
    size_t number = 0;
    for (; i < sql.size() && absl::ascii_isdigit(sql[i]); ++i) {
      number = number * 10 + (sql[i] - '0');
    }
    absl::StrAppend(&renumbered, number + before);
  }
  return renumbered;
}

}  // namespace

void WriteBatch::Add(const Statement& part, Columns& columns) {
  if (columns.empty()) return;
  parts_.push_back({&part, columns.rows(), parameters_.size()});
  Parameters added = columns.Take();
  std::move(added.begin(), added.end(), std::back_inserter(parameters_));
}

void WriteBatch::Run(Session& session) {
  if (parts_.empty()) return;
  std::string name = "write";
  std::string with;
  std::string counts;
  for (const Part& part : parts_) {
    absl::StrAppend(&name, "_", part.statement->name);
    absl::StrAppend(&with, with.empty() ? "WITH " : ", ", part.statement->name,
                    " AS (",
                    Renumber(part.statement->sql, part.first_parameter), ")");
    absl::StrAppend(&counts, counts.empty() ? " SELECT " : ", ",
                    "(SELECT count(*) FROM ", part.statement->name, ")");
  }
  const pqxx::result rows =
      session.Run(name, absl::StrCat(with, counts), parameters_);
  const pqxx::row fields = rows.at(0);
  RowReader row(fields);
  for (const Part& part : parts_) {
    const int64_t written = row.Int();
    if (written == part.rows) continue;
    throw InvariantBroken(absl::StrCat(part.statement->name, " wrote ", written,
                                       " rows instead of ", part.rows));
  }
}

}  // namespace budget
