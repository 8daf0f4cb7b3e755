#include "tests/sim/simulation.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/sim/administrator.h"
#include "tests/sim/gateway.h"
#include "tests/sim/profile.h"
#include "tests/sim/scene.h"
#include "tests/sim/storm.h"
#include "tests/sim/traffic.h"

namespace budget::sim {
namespace {

// Of all operations, what runs under faults; and for how long at the most.
constexpr int64_t kStormPercent = 80;
constexpr absl::Duration kStormMax = absl::Minutes(20);
// The longest of a pause, a delay, an outage: so long after faults have
// stopped, every replica is up and moves, and the calm begins, or once what has
// gathered until then can have been done.
constexpr absl::Duration kLastFault = absl::Seconds(8);
// Under load after that, at least.
constexpr absl::Duration kCalmMin = absl::Seconds(12);
constexpr absl::Duration kCalmMax = absl::Minutes(5);
// Until the last call has been answered, beside the TTLs.
constexpr absl::Duration kDrain = absl::Seconds(15);
constexpr absl::Duration kPurgePause = absl::Seconds(5);

// Twenty times what the longest of 524 seeds took: 187,000 events for 5,000
// operations.
constexpr int64_t kEventsMin = 2'000'000;
constexpr int64_t kEventsPerOperation = 400;

int64_t EventsMax(const SeedOptions& options) {
  return kEventsMin + kEventsPerOperation * options.operations;
}

class Simulation {
 public:
  explicit Simulation(const SeedOptions& options);
  SeedResult Run();

 private:
  bool Breached() const { return result_.verdicts.breach().has_value(); }
  void Begin();
  // Runs events until `over`, or a breach.
  template <typename Over>
  void RunUntil(Over over) {
    while (!Breached() && !over() && events_.RunNext()) CheckEnds();
  }
  absl::Duration Since(absl::Time time) const { return events_.now() - time; }
  // Each part has an end in virtual time; but that may stand still.
  void CheckEnds();
  void Heal();
  // How long it takes at the most to do what waits already.
  absl::Duration Backlog() const;
  void Purge();
  void Read();
  void CheckAnswers();
  void Finish();

  const SeedOptions options_;
  SeedResult result_;
  Random random_;
  const Profile profile_;
  Events events_;
  Journal journal_;
  Auditor auditor_;
  Database database_;
  Network network_;
  Scene scene_;
  Traffic traffic_;
  std::vector<std::unique_ptr<Replica>> replicas_;
  std::vector<std::unique_ptr<Caller>> callers_;
  std::vector<std::unique_ptr<Gateway>> gateways_;
  std::vector<std::unique_ptr<Administrator>> administrators_;
  Storm storm_;
  absl::Duration last_fault_;  // from healing to the calm
};

Simulation::Simulation(const SeedOptions& options)
    : options_(options),
      random_(options.seed),
      profile_(DrawProfile(random_)),
      events_(profile_.start, random_),
      journal_(events_, options.trace),
      auditor_(profile_.retention, result_.verdicts),
      database_(profile_, events_, auditor_, options.planted),
      network_(profile_, events_, random_, result_.faults),
      scene_{.profile = profile_,
             .events = events_,
             .random = random_,
             .journal = journal_,
             .faults = result_.faults,
             .verdicts = result_.verdicts,
             .auditor = auditor_,
             .database = database_,
             .network = network_},
      traffic_(scene_),
      storm_(scene_, replicas_, gateways_) {}

void Simulation::Begin() {
  for (int i = 0; i < profile_.replicas; ++i) {
    replicas_.push_back(std::make_unique<Replica>(i, scene_));
  }
  for (int i = 0; i < profile_.gateways + profile_.administrators; ++i) {
    callers_.push_back(
        std::make_unique<Caller>(i, replicas_, result_.answers, scene_));
    if (i < profile_.gateways) {
      gateways_.push_back(
          std::make_unique<Gateway>(*callers_.back(), traffic_, scene_));
    } else {
      administrators_.push_back(
          std::make_unique<Administrator>(*callers_.back(), traffic_, scene_));
    }
  }
  for (const auto& administrator : administrators_) administrator->Begin();
  for (const auto& gateway : gateways_) gateway->Begin();
  storm_.Begin();
  Read();
  if (profile_.purges) Purge();
}

void Simulation::Read() {
  events_.After(random_.Mostly(absl::Milliseconds(500)), [this] {
    if (!scene_.stopped) Read();
    const auto root = static_cast<size_t>(
        random_.Below(static_cast<int64_t>(traffic_.roots())));
    const auto replica = static_cast<size_t>(
        random_.Below(static_cast<int64_t>(replicas_.size())));
    replicas_[replica]->Read(traffic_.AnyPath(root));
  });
}

void Simulation::Purge() {
  events_.After(kPurgePause, [this] {
    if (!scene_.stopped) Purge();
    const absl::Time before = database_.Now() - profile_.retention;
    const auto purged =
        database_.store().PurgeEnded(profile_.retention, 1 << 30);
    const int64_t expected = auditor_.oracle().Purge(before);
    result_.verdicts.Check(
        Invariant::kPredicted, purged.ok() && *purged == expected, [&] {
          return absl::StrCat("purged ", purged.value_or(-1), ", expected ",
                              expected);
        });
  });
}

absl::Duration Simulation::Backlog() const {
  int64_t operations = 0;
  for (const auto& caller : callers_) {
    operations += caller->waiting_operations();
  }
  return LongestOfABatch(profile_) * operations /
         profile_.batch_operations_max;
}

void Simulation::Heal() {
  scene_.healed = true;
  network_.Heal();
  journal_.Tell([] { return "no more faults"; });
  last_fault_ = std::max(kLastFault, Backlog());
  events_.After(last_fault_, [this] {
    scene_.calm = true;
    auditor_.Calm(database_.Now());
    for (const auto& caller : callers_) caller->Calm();
  });
}

SeedResult Simulation::Run() {
  Begin();
  const int64_t under_faults = options_.operations * kStormPercent / 100;
  RunUntil([&] {
    return auditor_.operations() >= under_faults ||
           Since(profile_.start) > kStormMax;
  });
  Heal();
  const absl::Time healed = events_.now();
  RunUntil([&] {
    const absl::Duration calm = Since(healed) - last_fault_;
    return calm > kCalmMax ||
           (calm > kCalmMin && auditor_.operations() >= options_.operations);
  });
  scene_.stopped = true;
  const absl::Time stopped = events_.now();
  RunUntil([&] { return Since(stopped) > kDrain + 3 * profile_.ttl_max; });
  if (!Breached()) CheckAnswers();
  if (!Breached()) Finish();
  result_.operations = auditor_.operations();
  result_.transactions = auditor_.transactions();
  result_.entries = auditor_.entries();
  result_.virtual_time = Since(profile_.start);
  result_.hash = journal_.hash();
  result_.trace.assign(journal_.lines().begin(), journal_.lines().end());
  return std::move(result_);
}

void Simulation::CheckEnds() {
  result_.verdicts.Check(
      Invariant::kEnds, events_.step() < EventsMax(options_), [&] {
        return absl::StrCat(
            "it goes on after ", events_.step(), " events, ",
            auditor_.operations(), " of ", options_.operations,
            " operations and ",
            absl::FormatDuration(Since(profile_.start)), " of virtual time");
      });
}

void Simulation::CheckAnswers() {
  for (const auto& caller : callers_) caller->Finish();
  const Answers& answers = result_.answers;
  result_.verdicts.Check(
      Invariant::kAnswered,
      answers.after_healing_late * 100 <= answers.after_healing, [&] {
        return absl::StrCat(answers.after_healing_late, " of ",
                            answers.after_healing,
                            " calls were not answered within 10 s");
      });
}

void Simulation::Finish() {
  auditor_.Finish(database_.truth(), database_.Now());
}

}  // namespace

SeedResult RunSeed(const SeedOptions& options) {
  return Simulation(options).Run();
}

}  // namespace budget::sim
