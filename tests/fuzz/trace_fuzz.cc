#include <cstddef>
#include <cstdint>
#include <sstream>
#include <string>

#include "deploy/replay/trace.h"
#include "tests/fuzz/require.h"

// Traces of any content: read in order, or refused with a message.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using budget::fuzz::Require;
  std::istringstream input(
      std::string(reinterpret_cast<const char*>(data), size));
  const auto trace = budget::replay::ReadTrace(input, "fuzz");
  if (!trace.ok()) {
    Require(!trace.status().message().empty(), "a refusal says why");
    return 0;
  }
  Require(!trace->calls.empty(), "a trace that is read has calls");
  absl::Duration last = absl::ZeroDuration();
  for (const budget::replay::TraceCall& call : trace->calls) {
    Require(call.at >= last, "calls are in order of time");
    Require(call.prompt_tokens >= 0 && call.generated_tokens >= 0,
            "tokens are not negative");
    last = call.at;
  }
  return 0;
}
