#ifndef BUDGET_REPLAY_TRACE_H_
#define BUDGET_REPLAY_TRACE_H_

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace budget::replay {

// One call to a model, as a gateway saw it.
struct TraceCall {
  absl::Duration at;  // since the first call
  std::string model;
  int64_t prompt_tokens = 0;
  int64_t generated_tokens = 0;
};

// A line that was left out, and what to do about it.
struct BadLine {
  int64_t line = 0;
  std::string problem;
};

// Calls in order of time. Lines that cannot be read are left out and told.
struct Trace {
  std::string name;
  std::vector<TraceCall> calls;
  std::vector<BadLine> bad_lines;
};

// How much of a trace is read.
struct TraceOptions {
  size_t calls_max = 20'000;
};

// Reads CSV by the names in its header: Azure's (TIMESTAMP, ContextTokens,
// GeneratedTokens) or BurstGPT's (Timestamp, Model, Request tokens, Response
// tokens, ...). A byte order mark, CR LF, quotes, blank lines and unsorted
// times are taken. INVALID_ARGUMENT, naming the line, if the header is
// missing, if no call can be read, or if more than a tenth of the lines cannot.
absl::StatusOr<Trace> ReadTrace(std::istream& input, absl::string_view name,
                                const TraceOptions& options = {});
absl::StatusOr<Trace> ReadTraceFile(const std::string& path,
                                    const TraceOptions& options = {});

// A trace of one hour made up from a seed: bursts, and long-tailed lengths.
Trace MakeTrace(uint64_t seed, size_t calls);

// The fields of one CSV line; INVALID_ARGUMENT for an unclosed quote.
absl::StatusOr<std::vector<std::string>> SplitCsvLine(absl::string_view line);

}  // namespace budget::replay

#endif  // BUDGET_REPLAY_TRACE_H_
