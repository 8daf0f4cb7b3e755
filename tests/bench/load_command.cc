#include "tests/bench/load_command.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "budget/client.h"
#include "deploy/replay/progress.h"
#include "tests/bench/allocations.h"
#include "tests/bench/batch_caller.h"
#include "tests/bench/closed_loop.h"
#include "tests/bench/open_loop.h"
#include "tests/bench/pair_caller.h"
#include "tests/bench/requests.h"
#include "tests/bench/targets.h"
#include "tests/bench/workload.h"

namespace budget::bench {
namespace {

constexpr int kConnections = 4;
constexpr absl::Duration kWarmUp = absl::Milliseconds(500);

// Shows the time that has passed, until it is destroyed.
class Clockwork {
 public:
  explicit Clockwork(absl::Duration duration)
      : duration_(duration), thread_([this] { Run(); }) {}
  ~Clockwork() {
    done_.Notify();
    thread_.join();
  }

 private:
  void Run() {
    replay::Progress progress("Load", absl::ToInt64Milliseconds(duration_));
    const absl::Time begin = absl::Now();
    do {
      const absl::Duration passed = absl::Now() - begin;
      progress.Show(absl::ToInt64Milliseconds(passed), "ms");
    } while (!done_.WaitForNotificationWithTimeout(absl::Milliseconds(200)));
  }

  const absl::Duration duration_;
  absl::Notification done_;
  std::thread thread_;
};

std::string NewRoot() { return absl::StrCat("bench-", NewId().substr(24)); }

Workload WorkloadOf(const LoadOptions& options, const std::string& path) {
  return options.allocations == 1
             ? OneAllocation("one", path)
             : ManyAllocations("many", absl::StrCat(path, "/k"),
                               options.allocations);
}

// Whether `path` is there, made by us; an error if it is somebody else's.
absl::StatusOr<bool> IsOurs(Client& client, const std::string& path) {
  v1::GetAllocationRequest request;
  request.set_path(path);
  const auto found = client.GetAllocation(request);
  if (absl::IsNotFound(found.status())) return false;
  if (!found.ok()) return found.status();
  const auto& labels = found->allocation().labels();
  const auto label = labels.find(kMadeByLabel);
  if (label != labels.end() && label->second == kMadeBy) return true;
  return absl::FailedPreconditionError(absl::StrCat(
      path, " exists and was not made by budget-bench; choose another with "
            "--allocation, or none to get a new one"));
}

// The paths of the workload and those above them, parents first.
std::set<std::string> WithParents(const Workload& workload) {
  std::set<std::string> paths;
  for (const std::string& path : workload.paths) {
    for (size_t end = 0; end != std::string::npos;) {
      end = path.find('/', end + 1);
      paths.insert(path.substr(0, end));
    }
  }
  return paths;
}

// Those of them that are not there.
absl::StatusOr<std::vector<v1::Allocation>> Missing(
    Client& client, const Workload& workload) {
  const std::set<std::string> leaves(workload.paths.begin(),
                                     workload.paths.end());
  std::vector<v1::Allocation> missing;
  std::string absent;  // with everything below it
  for (const std::string& path : WithParents(workload)) {
    if (absent.empty() || !absl::StartsWith(path, absent + "/")) {
      const auto ours = IsOurs(client, path);
      if (!ours.ok()) return ours.status();
      if (*ours) continue;
      absent = path;
    }
    missing.push_back(leaves.count(path) == 0 ? UnlimitedAllocation(path)
                                              : FlatAllocation(path));
  }
  return missing;
}

absl::Status Prepare(const LoadOptions& options, const Channels& channels,
                     const Workload& workload) {
  auto connection = MakeConnection(
      {.endpoints = options.endpoints, .security = options.security});
  if (!connection.ok()) return connection.status();
  Client client(*std::move(connection));
  const auto missing = Missing(client, workload);
  if (absl::IsUnavailable(missing.status())) {
    return absl::UnavailableError(absl::StrCat(
        absl::StrJoin(options.endpoints, ", "), " cannot be reached (",
        missing.status().message(), "); start it, or correct --target"));
  }
  if (absl::IsUnauthenticated(missing.status())) {
    return absl::UnauthenticatedError(absl::StrCat(
        missing.status().message(),
        "; give a good token with --token-file, or a client certificate with "
        "--tls-cert and --tls-key"));
  }
  if (!missing.ok()) return missing.status();
  return CreateAllocations(channels, *missing);
}

LoadResult Run(const LoadOptions& options, const Channels& channels,
               const Workload& workload, const std::atomic<bool>& stop) {
  const Clockwork clockwork(options.duration + kWarmUp);
  if (options.rate != 0) {
    const PathPicker picker(workload);
    uint64_t callers = 0;
    return RunOpenLoop(
               channels,
               [&] {
                 return MakePairCaller(picker.WithSeed(++callers),
                                       workload.paths[0].size());
               },
               {.phases = {{static_cast<double>(options.rate),
                            kWarmUp + options.duration}},
                .warm_up = kWarmUp,
                .timeout = options.timeout,
                .stop = &stop})
        .load;
  }
  const Callers callers =
      options.batch == 0
          ? MakePairCallers(workload, options.callers, 1)
          : MakeBatchCallers(workload, {.operations = options.batch,
                                        .outstanding = options.callers});
  return RunClosedLoop(channels, callers,
                       {.warm_up = kWarmUp,
                        .duration = options.duration,
                        .timeout = options.timeout,
                        .stop = &stop});
}

std::string ToTable(const LoadResult& result) {
  std::string text = absl::StrFormat(
      "operations/s  %.0f\nanswered OK   %d\ndenied        %d\nerrors        "
      "%d\n",
      result.OperationsPerSecond(), result.counts.ok, result.counts.denied,
      result.counts.ErrorsTotal());
  for (const auto& [code, count] : result.counts.errors) {
    absl::StrAppendFormat(&text, "  %s %d\n", code, count);
  }
  for (const double percent : {50.0, 90.0, 99.0, 99.9}) {
    absl::StrAppendFormat(
        &text, "p%-12g %.3f ms\n", percent,
        absl::ToDoubleMilliseconds(result.latency.Percentile(percent)));
  }
  return text;
}

std::string ToJson(const LoadResult& result) {
  nlohmann::ordered_json json = {
      {"operations_per_second", result.OperationsPerSecond()},
      {"ok", result.counts.ok},
      {"denied", result.counts.denied},
      {"errors", result.counts.errors}};
  for (const auto& [name, percent] :
       {std::pair("p50_ms", 50.0), std::pair("p90_ms", 90.0),
        std::pair("p99_ms", 99.0), std::pair("p99_9_ms", 99.9)}) {
    json[name] = absl::ToDoubleMilliseconds(result.latency.Percentile(percent));
  }
  return json.dump(2) + "\n";
}

}  // namespace

absl::StatusOr<std::string> RunLoad(const LoadOptions& options,
                                    const std::atomic<bool>& stop) {
  std::vector<Target> targets;
  for (const std::string& endpoint : options.endpoints) {
    targets.push_back({.endpoint = endpoint, .security = options.security});
  }
  const int each =
      std::max(1, kConnections / static_cast<int>(targets.size()));
  const absl::StatusOr<Channels> connected = Connect(targets, each);
  if (!connected.ok()) return connected.status();
  const Channels& channels = *connected;
  const Workload workload = WorkloadOf(
      options, options.allocation.empty() ? NewRoot() : options.allocation);
  const absl::Status prepared = Prepare(options, channels, workload);
  if (!prepared.ok()) return prepared;
  const LoadResult result = Run(options, channels, workload, stop);
  return options.json ? ToJson(result) : ToTable(result);
}

}  // namespace budget::bench
