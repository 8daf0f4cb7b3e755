#ifndef BUDGET_TESTS_CHAOS_CLUSTER_H_
#define BUDGET_TESTS_CHAOS_CLUSTER_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tests/chaos/replica.h"
#include "tests/support/postgres_server.h"

namespace budget::chaos {

using testing::PostgresPlace;
using testing::PostgresServer;

// Where a run finds programs and leaves files.
struct Places {
  std::string budgetd;
  std::string budgetd_next;  // the next release, with a migration of its own
  std::string directory;  // exists, open to other users
  std::string clock_shim;  // library that shifts a replica's clock
  std::string disk_shim;   // library that makes PostgreSQL's disk full
};

// Replicas on one PostgreSQL, with proxies before and behind each. Everything
// ends with this object. Used by the main thread.
class Cluster {
 public:
  static constexpr int kReplicas = 3;

  static absl::StatusOr<std::unique_ptr<Cluster>> Start(const Places& places);
  ~Cluster();

  std::vector<std::string> Endpoints() const;
  Replica& replica(int index) { return replicas_[index]; }
  PostgresServer& database() { return *database_; }
  const Places& places() const { return places_; }

  // A standby of the database, made but not started, with a name of its own.
  absl::StatusOr<std::unique_ptr<PostgresServer>> MakeStandby();
  // A directory for one that somebody else fills, likewise.
  absl::StatusOr<std::unique_ptr<PostgresServer>> MakeEmpty();
  // The other host in every replica's URL is `standby`.
  absl::Status Introduce(const PostgresServer& standby);
  // The database is gone with its machine, as its callers see it too.
  void LoseDatabase();
  // Makes `successor` the database of all replicas, which find it by their URL;
  // the old one is gone.
  absl::Status SwitchTo(std::unique_ptr<PostgresServer> successor);

 private:
  explicit Cluster(Places places, PostgresPlace place)
      : places_(std::move(places)), place_(std::move(place)) {}
  std::vector<std::string> DiskShim() const;
  absl::Status StartDatabase();
  absl::Status StartReplicas();

  const Places places_;
  const PostgresPlace place_;
  int standbys_ = 0;
  std::unique_ptr<PostgresServer> database_;
  std::vector<Replica> replicas_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_CLUSTER_H_
