#include "tests/sim/flags.h"

#include <algorithm>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace budget::sim {
namespace {

constexpr int64_t kSeedsOfCi = 2000;
constexpr int64_t kSeedsOfLong = 20'000;

constexpr char kHelp[] =
    R"(tests/sim/run: simulates replicas, gateways and faults over the store in
memory, in virtual time, and checks every invariant against the model.

  --tier ci|long     10 million operations (the default) or 100 million
  --seed N           one seed, with a trace of what led to a broken invariant
  --plant BUG        shows what a caught bug looks like
                     (drops_commits, passes_caps ...: planted_bug.h)
  --seeds N          how many seeds, instead of the tier's
  --first N          the first of them (1)
  --operations N     of each seed (5000)
  --jobs N           processes (as many as there are cores)
  --out DIR          writes DIR/sim.json
  --help             this

Exits with 0 if every invariant held, 1 if not, 2 for wrong usage.
)";

Invocation Wrong(absl::string_view what) {
  return {.exit_code = 2, .text = absl::StrCat(what, "; see --help\n")};
}

// False if the name or the value is none.
bool Take(absl::string_view name, absl::string_view value, Invocation& to) {
  int64_t number = 0;
  if (name == "--out") {
    to.out = std::string(value);
    return true;
  }
  if (name == "--plant") {
    to.fan_out.planted = BugNamed(value);
    return to.fan_out.planted.has_value();
  }
  if (name == "--tier") {
    to.fan_out.seeds = value == "long" ? kSeedsOfLong : kSeedsOfCi;
    return value == "long" || value == "ci";
  }
  if (!absl::SimpleAtoi(value, &number) || number < 0) return false;
  if (name == "--seed") {
    to.replay = static_cast<uint64_t>(number);
  } else if (name == "--seeds") {
    to.fan_out.seeds = number;
  } else if (name == "--first") {
    to.fan_out.first = static_cast<uint64_t>(number);
  } else if (name == "--operations") {
    to.fan_out.operations = number;
  } else if (name == "--jobs") {
    to.fan_out.jobs = static_cast<int>(number);
    return number > 0;
  } else {
    return false;
  }
  return true;
}

}  // namespace

Invocation ParseInvocation(int argc, const char* const* argv) {
  Invocation invocation;
  invocation.fan_out.seeds = kSeedsOfCi;
  invocation.fan_out.jobs =
      static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
  for (int i = 1; i < argc; i += 2) {
    const absl::string_view name = argv[i];
    if (name == "--help") return {.exit_code = 0, .text = kHelp};
    if (i + 1 == argc) return Wrong(absl::StrCat(name, " needs a value"));
    if (!Take(name, argv[i + 1], invocation)) {
      return Wrong(absl::StrCat("cannot take ", name, " ", argv[i + 1]));
    }
  }
  return invocation;
}

}  // namespace budget::sim
