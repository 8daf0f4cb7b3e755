#include "tests/bench/commit_time.h"

#include <sys/prctl.h>

#include <chrono>
#include <pqxx/pqxx>
#include <thread>

#include "absl/strings/str_cat.h"

namespace budget::bench {

absl::Status CreateCommitTable(const std::string& uri) {
  try {
    pqxx::connection connection(uri);
    pqxx::nontransaction transaction(connection);
    transaction.exec("CREATE TABLE one_row (id integer PRIMARY KEY, n bigint)");
    transaction.exec("INSERT INTO one_row VALUES (1, 0)");
    return absl::OkStatus();
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("commit table: ", error.what()));
  }
}

absl::StatusOr<Histogram> MeasureCommits(const std::string& uri,
                                         const Phase& phase) {
  using SteadyClock = std::chrono::steady_clock;
  prctl(PR_SET_TIMERSLACK, 1UL);
  Histogram histogram;
  try {
    pqxx::connection connection(uri);
    connection.prepare("update", "UPDATE one_row SET n = n + 1 WHERE id = 1");
    pqxx::nontransaction transaction(connection);
    Arrivals arrivals({phase}, 1);
    const SteadyClock::time_point begin = SteadyClock::now();
    while (const std::optional<absl::Duration> at = arrivals.Next()) {
      std::this_thread::sleep_until(begin + absl::ToChronoNanoseconds(*at));
      const SteadyClock::time_point sent = SteadyClock::now();
      transaction.exec_prepared("update");
      histogram.Record(absl::FromChrono(SteadyClock::now() - sent));
    }
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("commit time: ", error.what()));
  }
  return histogram;
}

}  // namespace budget::bench
