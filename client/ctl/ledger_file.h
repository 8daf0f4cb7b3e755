#ifndef BUDGET_CTL_LEDGER_FILE_H_
#define BUDGET_CTL_LEDGER_FILE_H_

#include <fstream>
#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "budget/v1/ledger_service.pb.h"

namespace budget {

// Writes a file line by line. It takes the place of one of that name only when
// it is whole. "-" is the standard output. Not thread-safe.
class LineWriter {
 public:
  explicit LineWriter(const std::string& path);
  ~LineWriter();

  void Write(const std::string& line);
  // INVALID_ARGUMENT if something could not be written.
  absl::Status Finish();

 private:
  std::ostream& out();

  const std::string path_;
  const std::string partial_;
  std::ofstream file_;
};

// Calls `use` with each line of a file that is not empty, until it fails.
// INVALID_ARGUMENT, with the number of the line, if it does or if the file
// cannot be read.
absl::Status ForEachLine(
    const std::string& path,
    absl::FunctionRef<absl::Status(const std::string& line)> use);

// An entry as one line of JSON, by the rules of Protobuf, and back.
std::string LedgerLine(const v1::LedgerEntry& entry);
absl::StatusOr<v1::LedgerEntry> ParseLedgerLine(const std::string& line);

}  // namespace budget

#endif  // BUDGET_CTL_LEDGER_FILE_H_
