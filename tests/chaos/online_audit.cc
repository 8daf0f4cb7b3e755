#include "tests/chaos/online_audit.h"

#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "absl/time/clock.h"
#include "tests/chaos/fold.h"
#include "tests/chaos/ledger_reader.h"
#include "tests/chaos/world.h"

namespace budget::chaos {
namespace {

constexpr absl::Duration kPause = absl::Milliseconds(500);

}  // namespace

// The folds of all roots of one database.
struct OnlineAudit::Folds {
  explicit Folds(const std::string& uri) : uri(uri) {}

  const std::string uri;
  Verdicts verdicts;
  std::unique_ptr<LedgerReader> reader;
  std::vector<Limits> limits;
  std::vector<std::unique_ptr<Fold>> folds;

  void Connect() {
    reader = std::make_unique<LedgerReader>(uri);
    if (folds.empty()) Begin();
  }

  // All of them or, where the database goes down meanwhile, none.
  void Begin() {
    std::vector<Limits> read;
    for (int root = 0; root < kRoots; ++root) {
      read.push_back(reader->LimitsOf(RootName(root)));
    }
    limits = std::move(read);
    for (int root = 0; root < kRoots; ++root) {
      folds.push_back(std::make_unique<Fold>(
          "online " + RootName(root), limits[root], verdicts));
    }
  }
};

OnlineAudit::OnlineAudit(std::string uri)
    : uri_(std::move(uri)), thread_([this] { Run(); }) {}

OnlineAudit::~OnlineAudit() { Finish(); }

Verdicts OnlineAudit::Finish() {
  stop_ = true;
  if (thread_.joinable()) thread_.join();
  absl::MutexLock lock(&mutex_);
  return verdicts_;
}

void OnlineAudit::Follow(std::string uri) {
  absl::MutexLock lock(&mutex_);
  uri_ = std::move(uri);
  ++generation_;
}

void OnlineAudit::Run() {
  while (!stop_) {
    const int generation = generation_;
    std::unique_ptr<Folds> folds;
    {
      absl::MutexLock lock(&mutex_);
      folds = std::make_unique<Folds>(uri_);
    }
    while (!stop_ && generation == generation_) {
      if (!Advance(*folds)) folds->reader.reset();
      absl::SleepFor(kPause);
    }
    absl::MutexLock lock(&mutex_);
    verdicts_.Add(folds->verdicts);
  }
}

bool OnlineAudit::Advance(Folds& folds) {
  try {
    if (!folds.reader) folds.Connect();
    for (int root = 0; root < kRoots; ++root) {
      Fold& fold = *folds.folds[root];
      fold.Compare(folds.reader->Follow(
          RootName(root), fold.sequence(),
          [&](const Entry& entry) { fold.Add(entry); }));
    }
    return true;
  } catch (const std::exception&) {
    return false;  // it is down, which is meant
  }
}

}  // namespace budget::chaos
