#ifndef BUDGET_TESTS_BENCH_FULL_DATABASE_H_
#define BUDGET_TESTS_BENCH_FULL_DATABASE_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "budget/v1/budget_admin.pb.h"
#include "tests/bench/closed_loop.h"
#include "tests/bench/database.h"

namespace budget::bench {

// How a database is filled: every root whose name begins with `prefix` gets
// `children` more allocations, called ROOT/k00001 and on, and as many pairs of
// Reserve and Settle, spread over them.
struct Filling {
  std::string prefix;
  int children = 0;
  int pairs = 0;
};

// The allocations, a parent with a child, whose rows are the mould of those
// that are made by the million.
std::vector<v1::Allocation> MouldAllocations();

// Reserves and settles on the mould, so that there are rows to copy.
absl::Status UseMould(const Channels& channels);

// Fills `database`, which has the roots and the mould and nobody connected, by
// copying the mould with SQL: books as the authority would have kept them.
// Tells what it does, every few seconds, and ends with the error that it may
// be answered.
absl::Status FillDatabase(
    const Database& database, const std::string& name, const Filling& filling,
    const std::function<absl::Status(const std::string&)>& on_progress);

// As after a quiet night: vacuumed, with statistics, and written to disk.
absl::Status SettleDown(const Database& database, const std::string& name);

// Waits until the replica that serves the database has sealed every entry of
// its ledger. Fails when a minute brings no progress.
absl::Status AwaitSeals(
    const Database& database, const std::string& name,
    const std::function<absl::Status(const std::string&)>& on_progress);

// OK if the authority finds no discrepancy in the books of `root`.
absl::Status VerifyBooks(const std::string& endpoint, const std::string& root);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_FULL_DATABASE_H_
