#include "tests/chaos/online_audit.h"

#include <pqxx/except>

#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "absl/algorithm/container.h"
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

  // Reads what is new.
  void LookAt(int root) {
    Fold& fold = *folds[root];
    fold.Compare(reader->Follow(RootName(root), fold.sequence(),
                                [&](const Entry& entry) { fold.Add(entry); }));
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

std::set<std::string> OnlineAudit::looked_at() {
  absl::MutexLock lock(&mutex_);
  return looked_at_;
}

void OnlineAudit::Run() {
  std::set<std::string> ever;
  std::set<std::string> last;
  while (!stop_) {
    const int generation = generation_;
    std::unique_ptr<Folds> folds;
    {
      absl::MutexLock lock(&mutex_);
      folds = std::make_unique<Folds>(uri_);
    }
    while (!stop_ && generation == generation_) {
      LookAtAll(*folds, ever);
      absl::SleepFor(kPause);
    }
    if (stop_) LookAtAll(*folds, last);
    absl::MutexLock lock(&mutex_);
    verdicts_.Add(folds->verdicts);
  }
  absl::MutexLock lock(&mutex_);
  absl::c_set_intersection(ever, last,
                           std::inserter(looked_at_, looked_at_.end()));
}

// One that cannot be read keeps nobody from the others.
void OnlineAudit::LookAtAll(Folds& folds, std::set<std::string>& seen) {
  for (int root = 0; root < kRoots; ++root) {
    try {
      if (!folds.reader) folds.Connect();
      folds.LookAt(root);
      seen.insert(RootName(root));
    } catch (const pqxx::failure&) {
      folds.reader.reset();  // it is down, which is meant
    }
  }
}

}  // namespace budget::chaos
