#include "tests/bench/naive.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <pqxx/pqxx>
#include <thread>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/bench/operations.h"
#include "tests/bench/requests.h"

namespace budget::bench {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr char kTables[] = R"sql(
CREATE SCHEMA naive;
CREATE TABLE naive.accounts (
  id bigint PRIMARY KEY,
  cap bigint NOT NULL,
  spent bigint NOT NULL DEFAULT 0,
  reserved bigint NOT NULL DEFAULT 0);
CREATE TABLE naive.reservations (
  id uuid PRIMARY KEY,
  account bigint NOT NULL REFERENCES naive.accounts,
  state text NOT NULL,
  held bigint NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE naive.ledger (
  id bigserial PRIMARY KEY,
  account bigint NOT NULL,
  reservation uuid NOT NULL,
  kind text NOT NULL,
  amount bigint NOT NULL,
  at timestamptz NOT NULL DEFAULT now());
)sql";

void Prepare(pqxx::connection& connection) {
  connection.prepare("account",
                     "SELECT cap, spent, reserved FROM naive.accounts "
                     "WHERE id = $1");
  connection.prepare("hold",
                     "UPDATE naive.accounts SET reserved = reserved + $2 "
                     "WHERE id = $1");
  connection.prepare("insert",
                     "INSERT INTO naive.reservations (id, account, state, "
                     "held) VALUES ($1, $2, 'open', $3)");
  connection.prepare("reservation",
                     "SELECT account, state, held FROM naive.reservations "
                     "WHERE id = $1");
  connection.prepare("spend",
                     "UPDATE naive.accounts SET reserved = reserved - $2, "
                     "spent = spent + $3 WHERE id = $1");
  connection.prepare("end",
                     "UPDATE naive.reservations SET state = 'settled', "
                     "held = 0 WHERE id = $1");
  connection.prepare("ledger",
                     "INSERT INTO naive.ledger (account, reservation, kind, "
                     "amount) VALUES ($1, $2, $3, $4)");
}

using Transaction = pqxx::transaction<pqxx::isolation_level::serializable>;

void Reserve(pqxx::connection& connection, int64_t account,
             const std::string& id) {
  Transaction transaction(connection);
  const pqxx::result row = transaction.exec_prepared("account", account);
  const auto fits = row[0][1].as<int64_t>() + row[0][2].as<int64_t>() + kHeldUsdNanos <=
                    row[0][0].as<int64_t>();
  if (!fits) throw std::runtime_error("the naive account is exhausted");
  transaction.exec_prepared("hold", account, kHeldUsdNanos);
  transaction.exec_prepared("insert", id, account, kHeldUsdNanos);
  transaction.exec_prepared("ledger", account, id, "reserve", kHeldUsdNanos);
  transaction.commit();
}

void Settle(pqxx::connection& connection, const std::string& id) {
  Transaction transaction(connection);
  const pqxx::result row = transaction.exec_prepared("reservation", id);
  const auto account = row[0][0].as<int64_t>();
  transaction.exec_prepared("spend", account, row[0][2].as<int64_t>(), kUsedUsdNanos);
  transaction.exec_prepared("end", id);
  transaction.exec_prepared("ledger", account, id, "settle", kUsedUsdNanos);
  transaction.commit();
}

struct Window {
  SteadyClock::time_point begin;
  SteadyClock::time_point end;

  bool Over() const { return SteadyClock::now() >= end; }
};

// One caller on its own thread and connection.
class NaiveCaller {
 public:
  NaiveCaller(const std::string& uri, const NaiveLoad& load,
              const Window& window)
      : connection_(uri), load_(load), window_(window) {
    // Its conflicts need not be logged: that would only slow it down.
    pqxx::nontransaction(connection_).exec("SET log_min_messages = fatal");
    Prepare(connection_);
  }

  void Run() {
    while (!window_.Over()) {
      const std::string id = NewId();
      const int64_t account = absl::Uniform(random_, 0, load_.accounts);
      if (!Repeat([&] { Reserve(connection_, account, id); })) return;
      if (!Repeat([&] { Settle(connection_, id); })) return;
    }
  }

  NaiveResult result;

 private:
  // Runs `transaction` until it succeeds; false: the load is over.
  template <typename Body>
  bool Repeat(const Body& transaction) {
    const SteadyClock::time_point begin = SteadyClock::now();
    absl::Duration pause = load_.pause;
    while (true) {
      try {
        transaction();
        Count(begin);
        return true;
      } catch (const pqxx::serialization_failure&) {
      } catch (const pqxx::deadlock_detected&) {
      }
      if (window_.Over()) return false;
      result.conflicts += SteadyClock::now() >= window_.begin;
      absl::SleepFor(pause * absl::Uniform(random_, 0.0, 1.0));
      pause = std::min(pause * 2, load_.pause_max);
    }
  }

  void Count(SteadyClock::time_point begin) {
    const SteadyClock::time_point now = SteadyClock::now();
    if (now < window_.begin || now >= window_.end) return;
    ++result.load.counts.ok;
    result.load.latency.Record(absl::FromChrono(now - begin));
  }

  pqxx::connection connection_;
  const NaiveLoad load_;
  const Window window_;
  absl::InsecureBitGen random_;
};

}  // namespace

absl::Status CreateNaiveTables(const std::string& uri, int accounts) {
  try {
    pqxx::connection connection(uri);
    pqxx::work transaction(connection);
    transaction.exec(kTables);
    transaction.exec(
        absl::StrCat("INSERT INTO naive.accounts SELECT id, 1::bigint << 60 "
                     "FROM generate_series(0, ",
                     accounts - 1, ") id"));
    transaction.commit();
    pqxx::nontransaction(connection).exec("ANALYZE naive.accounts");
    return absl::OkStatus();
  } catch (const std::exception& error) {
    return absl::InternalError(absl::StrCat("naive: ", error.what()));
  }
}

absl::StatusOr<NaiveResult> RunNaive(const std::string& uri,
                                     const NaiveLoad& load) {
  NaiveResult total;
  total.load.duration = load.duration;
  std::string failure;
  std::mutex mutex;
  Window window;
  window.begin =
      SteadyClock::now() + absl::ToChronoNanoseconds(load.warm_up) +
      std::chrono::milliseconds(5 * load.callers);  // to connect
  window.end = window.begin + absl::ToChronoNanoseconds(load.duration);
  std::vector<std::thread> threads;
  for (int i = 0; i < load.callers; ++i) {
    threads.emplace_back([&] {
      try {
        NaiveCaller caller(uri, load, window);
        caller.Run();
        const std::lock_guard lock(mutex);
        total.load.counts.Add(caller.result.load.counts);
        total.load.latency.Add(caller.result.load.latency);
        total.conflicts += caller.result.conflicts;
      } catch (const std::exception& error) {
        const std::lock_guard lock(mutex);
        failure = error.what();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  if (!failure.empty()) {
    return absl::InternalError(absl::StrCat("naive: ", failure));
  }
  return total;
}

}  // namespace budget::bench
