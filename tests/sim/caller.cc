#include "tests/sim/caller.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "tests/model/describe.h"

namespace budget::sim {
namespace {

constexpr absl::Duration kDeadline = absl::Seconds(2);
constexpr absl::Duration kBackoff = absl::Milliseconds(20);
constexpr absl::Duration kBackoffMax = absl::Seconds(1);
constexpr absl::Duration kAnsweredWithin = absl::Seconds(10);

// Whether the answer leaves open what became of the operation.
bool LeavesOpen(const OperationResult& result) {
  if (result.outcome.ok()) return false;
  const Reason reason = result.outcome.refusal->reason;
  return CodeOf(reason) == absl::StatusCode::kUnavailable ||
         reason == Reason::kDeadlineExceeded;
}

std::string Text(const OperationResult& result) {
  return result.outcome.ok()
             ? "ok"
             : std::string(ReasonName(result.outcome.refusal->reason));
}

}  // namespace

void Caller::Call(std::vector<Operation> operations, Done done) {
  auto pending = std::make_shared<Pending>();
  pending->operations = std::move(operations);
  pending->done = std::move(done);
  pending->asked = scene_.events.now();
  pending_.insert(pending);
  Begin(pending);
}

// One call of the library.
void Caller::Begin(const Shared& pending) {
  pending->deadline = scene_.events.now() + kDeadline;
  pending->failures = 0;
  Attempt(pending);
}

void Caller::Attempt(const Shared& pending) {
  const int attempt = ++pending->attempt;
  pending->sent = scene_.events.step();
  const size_t to = replica_ % replicas_.size();
  const Network::Link link(number_, static_cast<int>(to));
  const absl::Duration left = pending->deadline - scene_.events.now();
  const auto receive = [this, pending, attempt, link](
                           std::vector<OperationResult> results,
                           std::vector<int64_t> transactions) {
    scene_.network.Send(
        Network::Kind::kReply, link,
        [this, pending, attempt, results = std::move(results),
         transactions = std::move(transactions)] {
          Receive(pending, attempt, results, transactions);
        });
  };
  scene_.network.Send(Network::Kind::kRequest, link,
                      [this, pending, to, left, receive] {
                        replicas_[to]->Receive(pending->operations, left,
                                               receive);
                      });
  scene_.events.After(left, [this, pending, attempt] {
    if (pending->over || pending->attempt != attempt) return;
    ++replica_;
    Begin(pending);
  });
}

void Caller::Receive(const Shared& pending, int attempt,
                     const std::vector<OperationResult>& results,
                     const std::vector<int64_t>& transactions) {
  if (pending->over || pending->attempt != attempt) return;
  CheckOrder(*pending, results, transactions);
  Count(*pending, results, transactions);
  if (std::any_of(results.begin(), results.end(), LeavesOpen)) {
    return TryAgain(pending);
  }
  pending->over = true;
  pending_.erase(pending);
  CountLateness(*pending);
  if (pending->done) pending->done(results);
}

void Caller::TryAgain(const Shared& pending) {
  ++replica_;
  const absl::Duration full =
      std::min(kBackoffMax, kBackoff * (1 << std::min(pending->failures++, 8)));
  const absl::Duration wait = scene_.random.Between(full / 2, full);
  const int attempt = ++pending->attempt;
  scene_.events.After(wait, [this, pending, attempt] {
    if (pending->over || pending->attempt != attempt) return;
    if (scene_.events.now() < pending->deadline) {
      Attempt(pending);
    } else {
      Begin(pending);
    }
  });
}

void Caller::CheckOrder(const Pending& pending,
                        const std::vector<OperationResult>& results,
                        const std::vector<int64_t>& transactions) {
  absl::flat_hash_map<std::string, int64_t> last;
  for (size_t i = 0; i < transactions.size(); ++i) {
    if (LeavesOpen(results[i])) continue;
    const std::string root(RootOf(pending.operations[i]));
    scene_.verdicts.Check(
        Invariant::kLinearizable, transactions[i] >= last[root], [&] {
          return absl::StrCat(Describe(pending.operations[i]),
                              " is in transaction ", transactions[i],
                              ", what stands before it in ", last[root]);
        });
    last[root] = transactions[i];
  }
}

void Caller::Count(const Pending& pending,
                   const std::vector<OperationResult>& results,
                   const std::vector<int64_t>& transactions) {
  for (size_t i = 0; i < results.size(); ++i) {
    const OperationResult& result = results[i];
    const Operation& operation = pending.operations[i];
    scene_.journal.Note(
        static_cast<uint64_t>(transactions[i]),
        result.outcome.ok()
            ? 0
            : 1 + static_cast<uint64_t>(result.outcome.refusal->reason));
    scene_.journal.Tell([&] {
      return absl::StrCat("caller ", number_, " ", Describe(operation), " -> ",
                          Text(result), " by transaction ", transactions[i]);
    });
    if (result.outcome.ok()) {
      ++answers_.ok;
    } else {
      ++answers_.refused[result.outcome.refusal->reason];
    }
    if (result.set == nullptr) continue;
    scene_.auditor.Answered({.operation = operation,
                             .result = result,
                             .record = {.sent = pending.sent,
                                        .answered = scene_.events.step(),
                                        .transaction = transactions[i]}});
  }
}

void Caller::CountLateness(const Pending& pending) {
  if (!scene_.calm) return;
  ++answers_.after_healing;
  if (scene_.events.now() - pending.asked > kAnsweredWithin) {
    ++answers_.after_healing_late;
  }
}

int64_t Caller::waiting_operations() const {
  int64_t operations = 0;
  for (const Shared& pending : pending_) {
    operations += static_cast<int64_t>(pending->operations.size());
  }
  return operations;
}

void Caller::Crash() {
  for (const Shared& pending : pending_) pending->over = true;
  pending_.clear();
}

void Caller::Calm() {
  for (const Shared& pending : pending_) {
    pending->asked = scene_.events.now();
  }
}

void Caller::Finish() {
  for (const Shared& pending : pending_) {
    ++answers_.after_healing;
    if (scene_.events.now() - pending->asked > kAnsweredWithin) {
      ++answers_.after_healing_late;
    }
  }
}

}  // namespace budget::sim
