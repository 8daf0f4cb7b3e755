#ifndef BUDGET_TESTS_BENCH_STAGE_H_
#define BUDGET_TESTS_BENCH_STAGE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/bench/closed_loop.h"
#include "tests/bench/database.h"
#include "tests/bench/servers.h"
#include "tests/bench/workload.h"

namespace budget::bench {

// Databases of a run.
inline constexpr char kEmptyDatabase[] = "budget";
// As it was before the first round; nobody is connected to it.
inline constexpr char kPristineDatabase[] = "bench_pristine";
inline constexpr char kSmallDatabase[] = "bench_small";  // for growth
inline constexpr char kFullDatabase[] = "bench_full";
inline constexpr char kNaiveDatabase[] = "naive";

// Allocations that every database of the authority has.
inline constexpr char kHotPath[] = "bench-hot";
inline constexpr char kDeepPath[] = "bench-deep/team/user/key";
inline constexpr char kWidePath[] = "bench-wide";
inline constexpr char kTallPath[] = "bench-tall/team/user/key";
inline constexpr char kManyPrefix[] = "bench-u";     // of as many roots
inline constexpr char kKeysPrefix[] = "bench-k/k";   // under one root

struct StageOptions {
  std::string budgetd;
  std::string bench;
  int many = 10'000;  // allocations of the workloads that are spread
};

// What a run measures on: PostgreSQL, a null server and replicas of budgetd,
// all private to it and gone with it. For the main thread.
class Stage {
 public:
  // Starts the database and the null server, and creates the allocations.
  static absl::StatusOr<std::unique_ptr<Stage>> Build(
      const StageOptions& options);
  ~Stage();

  Database& database() { return *database_; }
  const std::string& directory() const { return directory_; }

  // Makes `copy`, anew if it is there. Nobody may be connected to either.
  absl::Status CopyDatabase(const std::string& original,
                            const std::string& copy);

  // Connections to `replicas` replicas on that database; those of another
  // call are stopped first unless they are the same.
  absl::StatusOr<Channels> Replicas(const std::string& database, int replicas);
  // Stops them, so that nobody is connected to a database.
  void StopReplicas();
  // Of those that run.
  std::vector<pid_t> ReplicaProcesses() const;
  std::string FirstEndpoint() const { return replicas_[0].target().endpoint; }

  // Connections to the null server. Stops the replicas.
  const Channels& Null();
  // PostgreSQL without any replica, which would sweep and seal beside what is
  // compared with them.
  Database& DatabaseAlone();

  Workload Hot() const;
  Workload Deep() const;     // depth 4, each level with three limits
  Workload Wide() const;     // depth 1, three limits
  Workload Tall() const;     // depth 4, each level with one limit
  Workload Uniform() const;  // over many roots
  Workload Zipf() const;     // over many roots, exponent 1
  Workload Keys() const;     // over many keys of one root

 private:
  explicit Stage(const StageOptions& options) : options_(options) {}

  absl::Status MakeDirectory();
  absl::Status CreateEverything();
  absl::Status StartNull();

  const StageOptions options_;
  std::string directory_;
  std::unique_ptr<Database> database_;
  std::string replicas_of_;
  std::vector<ServerProcess> replicas_;
  Channels channels_;
  std::optional<ServerProcess> null_;
  Channels null_channels_;
};

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_STAGE_H_
