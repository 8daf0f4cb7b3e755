// What others do to the database that the service shares with them.

#include <atomic>
#include <exception>
#include <pqxx/pqxx>
#include <random>
#include <thread>
#include <vector>

#include "tests/chaos/faults.h"
#include "tests/chaos/world.h"

namespace budget::chaos {
namespace {

constexpr int kStormers = 6;

// Takes the rows that the service writes, past its lanes, so that its
// transactions meet others that were faster.
void Storm(const std::string& uri, uint64_t seed,
           const std::atomic<bool>& over) {
  std::mt19937_64 random(seed);
  while (!over) {
    try {
      pqxx::connection connection(uri);
      while (!over) {
        const std::string root = RootName(random() % kRoots);
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
      // It lost a conflict, which is what it is for.
    }
  }
}

}  // namespace

absl::StatusOr<int> SerializationStorm(Stage& stage) {
  std::atomic<bool> over{false};
  std::vector<std::thread> stormers;
  for (int i = 0; i < kStormers; ++i) {
    stormers.emplace_back([&, seed = stage.Between(0, 1 << 30)] {
      Storm(stage.database().Uri(), seed, over);
    });
  }
  stage.Last(2500, 5000);
  over = true;
  for (std::thread& stormer : stormers) stormer.join();
  return 1;
}

// While its snapshot lives, PostgreSQL may forget nothing of what serializable
// transactions have read since, and the room for that is small.
absl::StatusOr<int> LongReader(Stage& stage) {
  try {
    pqxx::connection connection(stage.database().Uri());
    pqxx::transaction<pqxx::isolation_level::serializable> transaction(
        connection);
    transaction.exec("SELECT count(*) FROM budget.counters");
    stage.Last(4000, 8000);
    return 1;
  } catch (const std::exception&) {
    return 0;  // there was no room for it either
  }
}

}  // namespace budget::chaos
