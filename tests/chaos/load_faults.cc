// What others do to the database that the service shares with them.

#include <atomic>
#include <exception>
#include <pqxx/pqxx>
#include <thread>
#include <vector>

#include "tests/chaos/faults.h"
#include "tests/chaos/log_tail.h"
#include "tests/chaos/world.h"

namespace budget::chaos {
namespace {

// What PostgreSQL says of the service's own transactions: 40001, and the hint
// of 53200 that is about predicate locks.
constexpr char kLostRace[] = "budgetd ERROR:  could not serialize access";
constexpr char kNoRoom[] =
    "budgetd HINT:  You might need to increase max_pred_locks_per_transaction";

// Takes the rows of `root` that the service writes, past its lanes, so that its
// transactions meet one that was faster, and this one meets its own.
void Storm(const std::string& uri, const std::string& root,
           const std::atomic<bool>& over) {
  while (!over) {
    try {
      pqxx::connection connection(uri);
      while (!over) {
        pqxx::transaction<pqxx::isolation_level::serializable> transaction(
            connection);
        transaction.exec("SELECT count(*) FROM budget.counters WHERE root = '" +
                         root + "'");
        transaction.exec(
            "UPDATE budget.roots SET last_sequence = last_sequence WHERE "
            "root = '" + root + "'");
        transaction.exec("SELECT pg_sleep(0.005)");
        transaction.commit();
      }
    } catch (const std::exception&) {
      // It lost a race itself, or the database is busy.
    }
  }
}

}  // namespace

absl::StatusOr<int> SerializationStorm(Stage& stage) {
  std::atomic<bool> over{false};
  const LogTail log(stage.database().log());
  std::vector<std::thread> stormers;
  // One for each, so that they lose races to the service only.
  for (int root = 0; root < kRoots; ++root) {
    stormers.emplace_back([&, root] {
      Storm(stage.database().Uri(), RootName(root), over);
    });
  }
  const auto lost_race = [&] { return log.Says(kLostRace); };
  stage.LastUntil(2500, 5000, lost_race);
  over = true;
  for (std::thread& stormer : stormers) stormer.join();
  return lost_race() ? 1 : 0;
}

// While its snapshot lives, PostgreSQL may forget nothing of what serializable
// transactions have read since, and the room for that is small. It looks at no
// table, for it might be the one that finds no room, and would be gone.
absl::StatusOr<int> LongReader(Stage& stage) {
  const LogTail log(stage.database().log());
  const auto ran_out = [&] { return log.Says(kNoRoom); };
  try {
    pqxx::connection connection(stage.database().Uri());
    pqxx::transaction<pqxx::isolation_level::serializable> transaction(
        connection);
    transaction.exec("SELECT 1");
    stage.LastUntil(4000, 8000, ran_out);
  } catch (const std::exception&) {
    // The log tells why.
  }
  return ran_out() ? 1 : 0;
}

}  // namespace budget::chaos
