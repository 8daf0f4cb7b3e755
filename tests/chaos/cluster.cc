#include "tests/chaos/cluster.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace budget::chaos {

absl::StatusOr<std::unique_ptr<Cluster>> Cluster::Start(const Places& places) {
  auto place = PostgresPlace::Find();
  if (!place.ok()) return place.status();
  std::unique_ptr<Cluster> cluster(new Cluster(places, *std::move(place)));
  absl::Status status = cluster->StartDatabase();
  if (status.ok()) status = cluster->StartReplicas();
  if (!status.ok()) return status;
  return cluster;
}

// Those that drain need the database.
Cluster::~Cluster() {
  for (Replica& replica : replicas_) replica.Signal(SIGCONT);
  for (Replica& replica : replicas_) replica.Signal(SIGTERM);
  replicas_.clear();
  if (database_) database_->Stop();
}

std::vector<std::string> Cluster::DiskShim() const {
  if (places_.disk_shim.empty()) return {};
  return {"LD_PRELOAD=" + places_.disk_shim,
          "CHAOS_DISK=" + places_.directory + "/disk"};
}

absl::Status Cluster::StartDatabase() {
  database_ =
      std::make_unique<PostgresServer>(place_, places_.directory, "database");
  database_->SetEnvironment(DiskShim());
  const absl::Status made = database_->Make();
  return made.ok() ? database_->Start() : made;
}

absl::Status Cluster::StartReplicas() {
  for (int i = 0; i < kReplicas; ++i) {
    auto replica = Replica::Make(
        places_.budgetd, absl::StrCat(places_.directory, "/replica-", i + 1),
        database_->socket());
    if (!replica.ok()) return replica.status();
    replicas_.push_back(*std::move(replica));
    if (absl::Status s = replicas_.back().Start(); !s.ok()) return s;
  }
  return absl::OkStatus();
}

std::vector<std::string> Cluster::Endpoints() const {
  std::vector<std::string> endpoints;
  for (const Replica& replica : replicas_) {
    endpoints.push_back(replica.endpoint());
  }
  return endpoints;
}

absl::StatusOr<std::unique_ptr<PostgresServer>> Cluster::MakeStandby() {
  auto standby = std::make_unique<PostgresServer>(
      place_, places_.directory, absl::StrCat("standby-", ++standbys_));
  standby->SetEnvironment(DiskShim());
  const absl::Status copied = standby->CopyOf(*database_);
  if (!copied.ok()) return copied;
  return standby;
}

absl::StatusOr<std::unique_ptr<PostgresServer>> Cluster::MakeEmpty() {
  auto empty = std::make_unique<PostgresServer>(
      place_, places_.directory, absl::StrCat("successor-", ++standbys_));
  const absl::Status made = empty->MakeRoom();
  if (!made.ok()) return made;
  return empty;
}

absl::Status Cluster::Introduce(const PostgresServer& standby) {
  for (Replica& replica : replicas_) {
    const absl::Status introduced = replica.Introduce(standby.socket());
    if (!introduced.ok()) return introduced;
  }
  return absl::OkStatus();
}

void Cluster::LoseDatabase() {
  database_->Crash();
  for (Replica& replica : replicas_) replica.LoseDatabase();
}

absl::Status Cluster::SwitchTo(std::unique_ptr<PostgresServer> successor) {
  database_->Remove();
  database_ = std::move(successor);
  for (Replica& replica : replicas_) {
    const absl::Status moved = replica.MoveTo(database_->socket());
    if (!moved.ok()) return moved;
  }
  return absl::OkStatus();
}

}  // namespace budget::chaos
