#include "client/ctl/ledger_file.h"

#include <google/protobuf/util/json_util.h>

#include <cstdio>
#include <iostream>

#include "absl/strings/str_cat.h"

namespace budget {

LineWriter::LineWriter(const std::string& path)
    : path_(path), partial_(path + ".new") {
  if (path_ != "-") file_.open(partial_);
}

LineWriter::~LineWriter() {
  if (!file_.is_open()) return;
  file_.close();
  std::remove(partial_.c_str());
}

std::ostream& LineWriter::out() { return path_ == "-" ? std::cout : file_; }

void LineWriter::Write(const std::string& line) { out() << line << "\n"; }

absl::Status LineWriter::Finish() {
  bool written = out().flush().good();
  if (path_ != "-") {
    file_.close();
    written = written && std::rename(partial_.c_str(), path_.c_str()) == 0;
    if (!written) std::remove(partial_.c_str());
  }
  if (written) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("--out: ", path_, " cannot be written"));
}

absl::Status ForEachLine(
    const std::string& path,
    absl::FunctionRef<absl::Status(const std::string& line)> use) {
  std::ifstream file(path);
  if (!file) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": cannot be read"));
  }
  int64_t number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    if (line.empty()) continue;
    const absl::Status status = use(line);
    if (status.ok()) continue;
    return absl::InvalidArgumentError(
        absl::StrCat(path, ", line ", number, ": ", status.message()));
  }
  return absl::OkStatus();
}

std::string LedgerLine(const v1::LedgerEntry& entry) {
  std::string line;
  (void)google::protobuf::util::MessageToJsonString(entry, &line);
  return line;
}

absl::StatusOr<v1::LedgerEntry> ParseLedgerLine(const std::string& line) {
  v1::LedgerEntry entry;
  if (google::protobuf::util::JsonStringToMessage(line, &entry).ok()) {
    return entry;
  }
  return absl::InvalidArgumentError(
      "is no ledger entry: give a file that budgetctl ledger --out wrote");
}

}  // namespace budget
