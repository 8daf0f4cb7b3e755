#include "tests/bench/stage.h"

#include <stdlib.h>

#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/bench/allocations.h"
#include "tests/bench/full_database.h"
#include "tests/bench/null_server.h"
#include "tests/bench/requests.h"

namespace budget::bench {
namespace {

constexpr int kConnections = 4;  // in all, to whichever servers

Channels ConnectTo(const std::vector<ServerProcess>& servers) {
  std::vector<Target> targets;
  for (const ServerProcess& server : servers) targets.push_back(server.target());
  // In plain text there is nothing that could be wrong.
  return *Connect(targets, kConnections / static_cast<int>(servers.size()));
}

// Keeps the last answer.
class OneCall final : public Caller {
 public:
  OneCall(const std::string& method, std::string request)
      : method_(method), request_(std::move(request)) {}

  std::optional<Message> Next() override {
    if (std::exchange(sent_, true)) return std::nullopt;
    return Message{&method_, &request_};
  }
  std::optional<Message> Finish() override { return std::nullopt; }
  bool Answered(const grpc::Status& status, const grpc::ByteBuffer& answer,
                Counts& counts) override {
    counts.CountStatus(status);
    grpc::Slice slice;
    if (status.ok() && answer.DumpToSingleSlice(&slice).ok()) {
      answer_.assign(reinterpret_cast<const char*>(slice.begin()),
                     slice.size());
    }
    return false;
  }
  const std::string& answer() const { return answer_; }

 private:
  const std::string& method_;
  const std::string request_;
  bool sent_ = false;
  std::string answer_;
};

std::string Ask(const Channels& channels, const std::string& method,
                std::string request) {
  Callers callers;
  callers.push_back(std::make_unique<OneCall>(method, std::move(request)));
  RunToTheEnd(channels, callers);
  return static_cast<OneCall&>(*callers[0]).answer();
}

// The path and all above it, from the root on.
std::vector<std::string> Levels(const std::string& path) {
  std::vector<std::string> levels;
  for (size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    levels.push_back(path.substr(0, end));
  }
  return levels;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Stage>> Stage::Build(
    const StageOptions& options) {
  std::unique_ptr<Stage> stage(new Stage(options));
  absl::Status status = stage->MakeDirectory();
  if (!status.ok()) return status;
  auto database = Database::Start(stage->directory_);
  if (!database.ok()) return database.status();
  stage->database_ = *std::move(database);
  status = stage->CreateEverything();
  if (status.ok()) status = stage->StartNull();
  if (!status.ok()) return status;
  return stage;
}

Stage::~Stage() {
  StopReplicas();
  null_.reset();
  database_.reset();
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

absl::Status Stage::MakeDirectory() {
  // Short, because a Unix socket will be in it.
  std::string name = "/tmp/budget-bench-XXXXXX";
  if (mkdtemp(name.data()) == nullptr) {
    return absl::InternalError("cannot make a directory in /tmp");
  }
  directory_ = name;
  // The database may run as a user of its own.
  std::filesystem::permissions(directory_, std::filesystem::perms(0755));
  return absl::OkStatus();
}

absl::Status Stage::CreateEverything() {
  const auto channels = Replicas(kEmptyDatabase, 1);
  if (!channels.ok()) return channels.status();
  std::vector<v1::Allocation> allocations = {
      FlatAllocation(kHotPath), ThreeLimitsAllocation(kWidePath)};
  for (const std::string& path : Levels(kDeepPath)) {
    allocations.push_back(ThreeLimitsAllocation(path));
  }
  for (const std::string& path : Levels(kTallPath)) {
    allocations.push_back(FlatAllocation(path));
  }
  for (const std::string& path : Uniform().paths) {
    allocations.push_back(FlatAllocation(path));
  }
  const std::vector<std::string> keys = Keys().paths;
  allocations.push_back(
      UnlimitedAllocation(keys[0].substr(0, keys[0].find('/'))));
  for (const std::string& path : keys) {
    allocations.push_back(FlatAllocation(path));
  }
  for (const v1::Allocation& allocation : MouldAllocations()) {
    allocations.push_back(allocation);
  }
  const absl::Status status = CreateAllocations(*channels, allocations);
  return status.ok() ? UseMould(*channels) : status;
}

absl::Status Stage::StartNull() {
  const auto channels = Replicas(kEmptyDatabase, 1);
  if (!channels.ok()) return channels.status();
  const std::string id = NewId();
  const CannedAnswers answers{
      .reserve = Ask(*channels, kReserveMethod,
                     MakeReserve(id, kHotPath).SerializeAsString()),
      .settle = Ask(*channels, kSettleMethod,
                    MakeSettle(id, kHotPath).SerializeAsString())};
  if (answers.reserve.empty() || answers.settle.empty()) {
    return absl::InternalError("a first Reserve and Settle did not succeed");
  }
  const absl::Status status = WriteAnswers(answers, directory_);
  if (!status.ok()) return status;
  auto null = StartNullServer(
      {.bench = options_.bench, .directory = directory_});
  if (!null.ok()) return null.status();
  null_ = *std::move(null);
  auto channels_to_null = Connect({null_->target()}, kConnections);
  if (!channels_to_null.ok()) return channels_to_null.status();
  null_channels_ = *std::move(channels_to_null);
  return absl::OkStatus();
}

absl::StatusOr<Channels> Stage::Replicas(const std::string& database,
                                         int replicas) {
  if (replicas_of_ == database &&
      static_cast<int>(replicas_.size()) == replicas) {
    return channels_;
  }
  StopReplicas();
  auto started = StartReplicas(
      {.budgetd = options_.budgetd, .directory = directory_},
      database_->Uri(database), replicas);
  if (!started.ok()) return started.status();
  replicas_ = *std::move(started);
  replicas_of_ = database;
  channels_ = ConnectTo(replicas_);
  return channels_;
}

absl::Status Stage::CopyDatabase(const std::string& original,
                                 const std::string& copy) {
  const auto dropped = database_->Run(
      "postgres", absl::StrCat("DROP DATABASE IF EXISTS ", copy));
  if (!dropped.ok()) return dropped.status();
  const auto made = database_->Run(
      "postgres",
      absl::StrCat("CREATE DATABASE ", copy, " TEMPLATE ", original));
  if (!made.ok()) return made.status();
  // Else the next measurement would wait for what this has yet to write.
  return database_->Run("postgres", "CHECKPOINT").status();
}

void Stage::StopReplicas() {
  channels_.clear();
  replicas_.clear();
  replicas_of_.clear();
}

std::vector<pid_t> Stage::ReplicaProcesses() const {
  std::vector<pid_t> processes;
  for (const ServerProcess& replica : replicas_) {
    processes.push_back(replica.pid());
  }
  return processes;
}

const Channels& Stage::Null() {
  StopReplicas();
  return null_channels_;
}

Database& Stage::DatabaseAlone() {
  StopReplicas();
  return *database_;
}

Workload Stage::Hot() const { return OneAllocation("hot", kHotPath); }

Workload Stage::Deep() const { return OneAllocation("deep", kDeepPath); }

Workload Stage::Wide() const { return OneAllocation("wide", kWidePath); }

Workload Stage::Tall() const { return OneAllocation("tall", kTallPath); }

Workload Stage::Uniform() const {
  return ManyAllocations("uniform", kManyPrefix, options_.many);
}

Workload Stage::Zipf() const {
  Workload workload = ManyAllocations("zipf", kManyPrefix, options_.many);
  workload.zipf_exponent = 1;
  return workload;
}

Workload Stage::Keys() const {
  return ManyAllocations("keys", kKeysPrefix, options_.many);
}

}  // namespace budget::bench
