#include "server/store/postgres/flight.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "absl/strings/numbers.h"
#include "absl/time/clock.h"
#include "server/store/postgres/failure.h"
#include "server/store/postgres/session.h"
#include "tests/support/postgres_fixture.h"

namespace budget {
namespace {

constexpr Statement kBegin = {"begin", "BEGIN"};
constexpr Statement kOne = {"one", "SELECT 1"};
constexpr Statement kTwo = {"two", "SELECT 2"};
constexpr Statement kDivide = {"divide", "SELECT 1 / $1::int"};
constexpr Statement kWrong = {"wrong", "SELECT FROM nowhere"};
constexpr Statement kMake = {
    "make",
    "INSERT INTO budget.prices VALUES ('acme', 1, $1, '{}')"};
constexpr Statement kCount = {"count", "SELECT count(*) FROM budget.prices"};

class FlightTest : public ::testing::Test {
 protected:
  int64_t Count() { return session_.Run(kCount).front().Int(); }

  Session session_{testing::FreshDatabase(), SessionKind::kWriter};
};

TEST_F(FlightTest, ResultsComeInTheOrderOfTheStatements) {
  Flight flight;
  const size_t one = flight.Add(kOne);
  const size_t two = flight.Add(kTwo);
  const size_t again = flight.Add(kOne);
  const std::vector<Result> results = session_.Fly(flight);
  EXPECT_EQ(results[one].front().Int(), 1);
  EXPECT_EQ(results[two].front().Int(), 2);
  EXPECT_EQ(results[again].front().Int(), 1);
}

TEST_F(FlightTest, NothingRunsAfterAStatementThatFailed) {
  Flight flight;
  flight.Add(kBegin);
  flight.Add(kMake, {"a"});
  flight.Add(kDivide, {"0"});
  flight.Add(kMake, {"b"});
  flight.Commit();
  EXPECT_THROW(session_.Fly(flight), pqxx::sql_error);
  session_.Rollback();
  EXPECT_EQ(Count(), 0);
}

TEST_F(FlightTest, TheSessionIsUsedOnAfterAFailure) {
  Flight failing;
  failing.Add(kOne);
  failing.Add(kWrong);
  failing.Add(kTwo);
  EXPECT_THROW(session_.Fly(failing), pqxx::sql_error);
  EXPECT_EQ(session_.Run(kTwo).front().Int(), 2);
  EXPECT_EQ(session_.Run(kOne).front().Int(), 1);
  EXPECT_THROW(session_.Run(kWrong), pqxx::sql_error);
}

TEST_F(FlightTest, AFailureNamesItsStatementAndItsCode) {
  try {
    session_.Run(kDivide, {"0"});
    FAIL() << "nothing was thrown";
  } catch (const pqxx::sql_error& e) {
    EXPECT_EQ(e.sqlstate(), "22012");
    EXPECT_NE(std::string(e.what()).find("divide"), std::string::npos);
  }
}

TEST_F(FlightTest, CommitsTogetherWithWhatItWrites) {
  Flight flight;
  flight.Add(kBegin);
  flight.Add(kMake, {"a"});
  flight.Add(kMake, {"b"});
  flight.Commit();
  session_.Fly(flight);
  session_.Rollback();
  EXPECT_EQ(Count(), 2);
}

// Kills a backend, whereupon PostgreSQL warns all the others, ends them and
// recovers. Returns once the server of `session` has gone and a new one is had.
void CrashServerOf(Session& session, const std::string& uri) {
  constexpr Statement kOwnServer = {"own_server",
                                    "SELECT pg_backend_pid()::bigint"};
  const auto server = static_cast<pid_t>(session.Run(kOwnServer).front().Int());
  const auto victim = testing::KeepOpen(uri, "SELECT 4711");
  int pid = 0;
  ASSERT_TRUE(absl::SimpleAtoi(
      testing::RunSql(uri,
                      "SELECT pid FROM pg_stat_activity "
                      "WHERE query = 'SELECT 4711'"),
      &pid));
  kill(pid, SIGKILL);
  while (kill(server, 0) == 0) absl::SleepFor(absl::Milliseconds(5));
  for (bool recovered = false; !recovered;) {
    try {
      Session another(uri, SessionKind::kReader);
      recovered = true;
    } catch (const pqxx::broken_connection&) {
      absl::SleepFor(absl::Milliseconds(5));
    }
  }
}

// Its last words are a warning, and what is sent to it fails: libpq then has no
// more answers, and still calls the connection good.
TEST(ServerCrashTest, EndsTheFlightOfASessionThatWasIdle) {
  const std::string uri = testing::FreshDatabase();
  Session session(uri, SessionKind::kWriter);
  CrashServerOf(session, uri);
  EXPECT_THROW(session.Run(kOne), pqxx::broken_connection);
  session.Rollback();
  EXPECT_TRUE(session.broken());
}

constexpr Statement kSynchronousCommit = {
    "synchronous_commit", "SELECT current_setting('synchronous_commit')"};

std::string SynchronousCommitUnder(const std::string& setting) {
  const std::string uri = testing::FreshDatabase();
  testing::RunSql(uri, "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET "
                       "synchronous_commit = " + setting +
                       "', current_database()); END $$");
  Session session(uri, SessionKind::kWriter);
  return session.Run(kSynchronousCommit).front().Text();
}

TEST(SessionTest, NeverWritesWithoutWaitingForTheDiskAndTheStandby) {
  EXPECT_EQ(SynchronousCommitUnder("off"), "on");
  EXPECT_EQ(SynchronousCommitUnder("local"), "on");
  EXPECT_EQ(SynchronousCommitUnder("remote_apply"), "remote_apply");
}

}  // namespace
}  // namespace budget
