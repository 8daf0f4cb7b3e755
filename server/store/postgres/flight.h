#ifndef BUDGET_STORE_POSTGRES_FLIGHT_H_
#define BUDGET_STORE_POSTGRES_FLIGHT_H_

#include <cstddef>
#include <utility>
#include <vector>

#include "server/store/postgres/parameter.h"

namespace budget {

// A statement with its name, which is unique among all of them and no longer
// than PostgreSQL's names (63 bytes).
struct Statement {
  const char* name;
  const char* sql;
};

inline constexpr Statement kCommit = {"commit", "COMMIT"};

// Statements that go to the server together and whose results come back
// together: one round trip, however many they are. They run in order, and none
// runs after one that failed. Session::Fly sends it. Not thread-safe.
class Flight {
 public:
  struct Leg {
    Statement statement;  // lives as long as the program
    Parameters parameters;
  };

  // Adds a statement and returns its place among the results.
  size_t Add(const Statement& statement, Parameters parameters = {}) {
    legs_.push_back({statement, std::move(parameters)});
    return legs_.size() - 1;
  }

  // Adds COMMIT; nothing may follow.
  void Commit() {
    Add(kCommit);
    commits_ = true;
  }

  const std::vector<Leg>& legs() const { return legs_; }
  bool commits() const { return commits_; }

 private:
  std::vector<Leg> legs_;
  bool commits_ = false;
};

}  // namespace budget

#endif  // BUDGET_STORE_POSTGRES_FLIGHT_H_
