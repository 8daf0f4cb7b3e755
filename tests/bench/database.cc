#include "tests/bench/database.h"

#include <filesystem>
#include <fstream>
#include <pqxx/pqxx>
#include <sstream>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"

namespace budget::bench {
namespace {

std::string ReadFile(const std::string& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

int64_t WriteBytesOf(pid_t process) {
  for (absl::string_view line :
       absl::StrSplit(ReadFile(absl::StrCat("/proc/", process, "/io")), '\n')) {
    int64_t bytes = 0;
    if (absl::ConsumePrefix(&line, "write_bytes:") &&
        absl::SimpleAtoi(line, &bytes)) {
      return bytes;
    }
  }
  return 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Start(
    const std::string& directory) {
  auto embedded = EmbeddedPostgres::Start({.data_dir = directory + "/data"});
  if (!embedded.ok()) return embedded.status();
  return std::unique_ptr<Database>(
      new Database(directory + "/data", *std::move(embedded)));
}

std::string Database::Uri(absl::string_view name) const {
  return absl::StrReplaceAll(embedded_->Uri(),
                             {{":///budget?", absl::StrCat(":///", name, "?")}});
}

std::string Database::SocketPath() const {
  const std::string directory = ReadFile(directory_ + "/socket_dir");
  return absl::StrCat(absl::StripAsciiWhitespace(directory), "/.s.PGSQL.5432");
}

absl::StatusOr<std::string> Database::Run(absl::string_view database,
                                          const std::string& sql) const {
  try {
    pqxx::connection connection(Uri(database));
    pqxx::nontransaction transaction(connection);
    const pqxx::result rows = transaction.exec(sql);
    if (rows.empty() || rows.columns() == 0) return "";
    const auto row = rows[rows.size() - 1];
    return row[0].is_null() ? "" : row[0].c_str();
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("SQL failed: ", error.what()));
  }
}

absl::StatusOr<int64_t> Database::WalBytes() const {
  const absl::StatusOr<std::string> text =
      Run("postgres", "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), "
                      "'0/0')::bigint");
  if (!text.ok()) return text.status();
  int64_t bytes = 0;
  (void)absl::SimpleAtoi(*text, &bytes);
  return bytes;
}

int64_t Database::DiskBytes() const {
  const std::optional<pid_t> postmaster = embedded_->OwnedProcess();
  if (!postmaster) return 0;
  int64_t bytes = WriteBytesOf(*postmaster);
  const std::string children = ReadFile(
      absl::StrCat("/proc/", *postmaster, "/task/", *postmaster, "/children"));
  for (absl::string_view child :
       absl::StrSplit(children, ' ', absl::SkipWhitespace())) {
    pid_t process = 0;
    if (absl::SimpleAtoi(child, &process)) bytes += WriteBytesOf(process);
  }
  return bytes;
}

int64_t Database::Conflicts() const {
  std::ifstream log(directory_ + "/postgres.log");
  int64_t conflicts = 0;
  for (std::string line; std::getline(log, line);) {
    conflicts += absl::StrContains(line, "ERROR:") &&
                 (absl::StrContains(line, "could not serialize access") ||
                  absl::StrContains(line, "deadlock detected"));
  }
  return conflicts;
}

}  // namespace budget::bench
