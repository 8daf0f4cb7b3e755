#include "tests/bench/raw.h"

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "server/domain/decide.h"
#include "server/domain/load_plan.h"
#include "server/store/postgres/postgres_store.h"
#include "tests/bench/operations.h"
#include "tests/bench/requests.h"

namespace budget::bench {
namespace {

constexpr int kWarmUpBatches = 5;
constexpr char kUser[] = "budget";

absl::StatusOr<std::string> LastSequence(const Database& database,
                                         const std::string& name,
                                         const std::string& root) {
  return database.Run(
      name, absl::StrCat("SELECT last_sequence FROM budget.roots WHERE root = '",
                         root, "'"));
}

// Batches as the lane would hand them to the store.
class BatchRunner {
 public:
  BatchRunner(Store& store, std::string root, int operations)
      : store_(store), root_(std::move(root)), half_(operations / 2) {}

  absl::Status Run() {
    const std::vector<Operation> operations = Make();
    std::vector<const Operation*> pointers;
    for (const Operation& operation : operations) {
      pointers.push_back(&operation);
    }
    const std::vector<LoadPlan> plans = {PlanFor(pointers)};
    bool all_ok = true;
    const absl::Status status = store_.Transact(
        LaneOf(root_, store_.lanes()), plans,
        [&](WorkingSets& sets, absl::Time now) {
          for (const Outcome& outcome :
               Decide(pointers, now, DecideOptions(), *sets[0])) {
            all_ok = all_ok && outcome.ok();
          }
        },
        absl::Now() + absl::Seconds(30));
    if (status.ok() && !all_ok) {
      return absl::InternalError("an operation was refused");
    }
    return status;
  }

 private:
  std::vector<Operation> Make() {
    std::vector<Operation> operations;
    for (const Uuid& id : std::exchange(open_, {})) {
      operations.push_back(SettleOf(root_, id));
    }
    for (int i = 0; i < half_; ++i) {
      open_.push_back(*Uuid::Parse(NewId()));
      operations.push_back(ReserveOn(root_, open_.back()));
    }
    return operations;
  }

  Store& store_;
  const std::string root_;
  const int half_;
  std::vector<Uuid> open_;
};

}  // namespace

absl::StatusOr<RawTape> RecordRaw(const Database& database,
                                  const RawRecording& recording) {
  auto recorder =
      TapeRecorder::Start(recording.directory, database.SocketPath());
  if (!recorder.ok()) return recorder.status();
  PostgresOptions options;
  options.uri = absl::StrCat("postgresql:///", recording.database, "?host=",
                             recording.directory, "&user=", kUser);
  options.writers = 1;
  options.readers = 1;
  auto store = OpenPostgresStore(options);
  if (!store.ok()) return store.status();
  RawTape raw{.operations = recording.operations,
              .batches = recording.batches};
  BatchRunner batches(**store, recording.root, recording.operations);
  for (int i = 0; i < kWarmUpBatches + recording.batches; ++i) {
    if (i == kWarmUpBatches) raw.measured_from = (*recorder)->flights();
    const absl::Status status = batches.Run();
    if (!status.ok()) return status;
  }
  raw.tape = (*recorder)->tape();
  const auto last = LastSequence(database, recording.database, recording.root);
  if (!last.ok()) return last.status();
  raw.last_sequence = *last;
  return raw;
}

absl::StatusOr<double> PlayRaw(const Database& database,
                               const std::string& name, const std::string& root,
                               const RawTape& raw) {
  using SteadyClock = std::chrono::steady_clock;
  auto player = TapePlayer::Connect(database.SocketPath(), kUser, name);
  if (!player.ok()) return player.status();
  SteadyClock::time_point begin;
  // The first flight was the startup of the recorded connection.
  for (size_t i = 1; i < raw.tape.size(); ++i) {
    if (i == raw.measured_from) begin = SteadyClock::now();
    const absl::Status status = player->Play(raw.tape[i]);
    if (!status.ok()) return status;
  }
  const absl::Duration taken = absl::FromChrono(SteadyClock::now() - begin);
  const auto last = LastSequence(database, name, root);
  if (!last.ok()) return last.status();
  if (*last != raw.last_sequence) {
    return absl::InternalError(absl::StrCat("played to ledger entry ", *last,
                                            " and not to ", raw.last_sequence));
  }
  return static_cast<double>(raw.operations) * raw.batches /
         absl::ToDoubleSeconds(taken);
}

}  // namespace budget::bench
