#include "tests/chaos/run.h"

#include <algorithm>
#include <exception>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/chaos/checker.h"
#include "tests/chaos/evidence.h"
#include "tests/chaos/ledger_reader.h"
#include "tests/chaos/load.h"
#include "tests/chaos/online_audit.h"
#include "tests/chaos/product_verify.h"
#include "tests/chaos/replicas_well.h"
#include "tests/chaos/world.h"

namespace budget::chaos {
namespace {

constexpr absl::Duration kResolvePatience = absl::Minutes(2);
constexpr absl::Duration kTtlMax = absl::Seconds(4);
constexpr absl::Duration kSweepMax = absl::Seconds(2);

bool Overlaps(const std::pair<Nanos, Nanos>& span, Nanos begin, Nanos end) {
  return begin <= span.second && span.first <= end;
}

bool IsDoubtful(const Log& log, Nanos begin, Nanos end) {
  return std::any_of(log.forgetful.begin(), log.forgetful.end(),
                     [&](const std::pair<Nanos, Nanos>& span) {
                       return Overlaps(span, begin, end);
                     });
}

// A no that was made of what was lost later says nothing.
void DropDoubtful(const Log& log, std::vector<Call>& calls,
                  std::vector<Read>& reads) {
  std::erase_if(calls, [&](const Call& call) {
    return IsNoOfTheBooks(call) &&
           IsDoubtful(log, call.called, call.returned);
  });
  std::erase_if(reads, [&](const Read& read) {
    return IsDoubtful(log, read.called, read.returned);
  });
}

void CheckAll(const std::string& uri, bool upgrade,
              const std::vector<int64_t>& setup_entries, Client& client,
              History& history, RunResult& result) {
  LedgerReader reader(uri);
  std::vector<Call> calls = history.TakeCalls();
  std::vector<Read> reads = history.TakeReads();
  for (const Call& call : calls) ++result.answers[KindOf(call)];
  if (upgrade) CheckAnswered(calls, result.verdicts);
  DropDoubtful(result.log, calls, reads);
  for (int root = 0; root < kRoots; ++root) {
    Evidence evidence = EvidenceOf(root, reader, calls, reads, result.log);
    evidence.setup_entries = setup_entries[root];
    const auto entries = static_cast<int64_t>(evidence.entries.size());
    result.entries += entries;
    CheckRoot(evidence, result.verdicts);
    VerifyByProduct(client, evidence.root, entries, result.verdicts);
  }
}

void Resolve(Load& load, RunResult& result) {
  load.resolver().Finish(kResolvePatience);
  const Resolver::Tally tally = load.resolver().tally();
  result.unknown_resolved = tally.resolved;
  result.unknown_had_happened = tally.had_happened;
  result.unknown_left = tally.left;
  CheckResolved(tally.left, result.verdicts);
}

absl::Status Perform(const RunOptions& options, Cluster& cluster,
                     const std::atomic<bool>& interrupted, RunResult& result) {
  History history;
  Pulse pulse;
  auto connection = MakeConnection({.endpoints = cluster.Endpoints()});
  Client client(*std::move(connection));
  absl::Status status = MakeWorld(client);
  if (!status.ok()) return status;
  LedgerReader reader(cluster.database().Uri());
  const std::vector<int64_t> setup_entries = CountEntries(reader);
  OnlineAudit audit(cluster.database().Uri());
  Load load(cluster.Endpoints(), options.seed, options.gateways,
            options.upgrade ? Callers::kPatient : Callers::kMixed,
            LimitIdsOf(reader), history, pulse);
  Stage stage(cluster, audit, options.seed, interrupted);
  status = Conduct(stage, FaultsOf(options), absl::Now() + options.length,
                   pulse, result.verdicts, result.log);
  if (!status.ok()) result.stopped_by = std::string(status.message());
  load.Stop();
  Resolve(load, result);
  absl::SleepFor(kTtlMax + kSweepMax);
  result.operations = history.operations();
  CheckAll(cluster.database().Uri(), options.upgrade, setup_entries, client,
           history, result);
  CheckReplicas(cluster, result.verdicts);
  const Verdicts online = audit.Finish();
  result.online_checks = online.checks(Invariant::kCountersFold);
  result.online_roots = audit.looked_at();
  result.verdicts.Add(online);
  return absl::OkStatus();
}

absl::Status CheckNames(const RunOptions& options) {
  const std::vector<Fault> faults = FaultsOf(options);
  for (const std::string& name : options.only) {
    const bool known = std::any_of(
        faults.begin(), faults.end(),
        [&](const Fault& fault) { return fault.name == name; });
    if (!known) {
      return absl::InvalidArgumentError("there is no fault " + name);
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::vector<Fault> FaultsOf(const RunOptions& options) {
  if (options.upgrade) return {{"upgrade_and_back", UpgradeAndBack}};
  std::vector<Fault> faults;
  for (const Fault& fault : AllFaults()) {
    const bool wanted =
        options.only.empty() || std::find(options.only.begin(),
                                          options.only.end(),
                                          fault.name) != options.only.end();
    if (wanted) faults.push_back(fault);
  }
  return faults;
}

absl::Status RunChaos(const RunOptions& options,
                      const std::atomic<bool>& interrupted, RunResult& result) {
  const absl::Status named = CheckNames(options);
  if (!named.ok()) return named;
  auto cluster = Cluster::Start(options.places);
  if (!cluster.ok()) return cluster.status();
  try {
    return Perform(options, **cluster, interrupted, result);
  } catch (const std::exception& error) {
    return absl::InternalError(
        absl::StrCat("the database does not answer: ", error.what()));
  }
}

}  // namespace budget::chaos
