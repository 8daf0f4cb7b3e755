#ifndef BUDGET_TESTS_BENCH_RAW_H_
#define BUDGET_TESTS_BENCH_RAW_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/database.h"
#include "tests/bench/wire_tape.h"

namespace budget::bench {

// What the store sent for a series of batches on one hot root.
struct RawTape {
  Tape tape;
  size_t measured_from = 0;  // flights before it are the warm-up
  int operations = 0;        // in each batch
  int batches = 0;           // measured ones
  std::string last_sequence; // of the root after all of them
};

struct RawRecording {
  std::string directory;  // for a socket; exists
  std::string database;   // where the batches are run, for good
  std::string root;       // flat, with one limit
  int operations = 256;   // half Settle of the batch before, half Reserve
  int batches = 100;
};

// Runs batches with the real store and the real engine, one after another, and
// keeps the store's half of the conversation with PostgreSQL.
absl::StatusOr<RawTape> RecordRaw(const Database& database,
                                  const RawRecording& recording);

// Says the same to `name`, a copy of the database as it was before the
// recording, over a plain connection, and returns operations per second: what
// PostgreSQL can do if nobody decodes, decides or encodes anything. INTERNAL
// if it came to another end than the recording.
absl::StatusOr<double> PlayRaw(const Database& database,
                               const std::string& name, const std::string& root,
                               const RawTape& raw);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_RAW_H_
