#include "tests/drill/drill.h"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "tests/chaos/checker.h"
#include "tests/chaos/evidence.h"
#include "tests/chaos/load.h"
#include "tests/chaos/world.h"
#include "tests/drill/backups.h"
#include "tests/drill/rebooking.h"

namespace budget::drill {
namespace {

using chaos::Answer;
using chaos::Call;
using chaos::Invariant;
using chaos::Nanos;
using chaos::Verb;

constexpr absl::Duration kResolvePatience = absl::Minutes(2);

// T by the database's clock, and when by this program's it surely was not yet
// and surely was past.
struct Moment {
  std::string text;
  Nanos before = 0;
  Nanos after = 0;
};

absl::StatusOr<Moment> Now(const testing::PostgresServer& database) {
  Moment moment{.before = chaos::NowNanos()};
  const auto text = database.Run(
      "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', "
      "'YYYY-MM-DD HH24:MI:SS.US') || '+00'");
  if (!text.ok()) return text.status();
  moment.text = *text;
  moment.after = chaos::NowNanos();
  return moment;
}

void Say(const std::string& what) { absl::FPrintF(stderr, "%s\n", what); }

// The life of the service up to the loss of its database.
struct Past {
  std::vector<int64_t> setup_entries;  // by root
  Moment moment;
  std::vector<Call> calls;
  std::vector<chaos::Read> reads;
};

absl::StatusOr<Past> LiveAndLose(const DrillOptions& options,
                                 chaos::Cluster& cluster, Backups& backups,
                                 DrillResult& result) {
  chaos::History history;
  chaos::Pulse pulse;
  Client client(*MakeConnection({.endpoints = cluster.Endpoints()}));
  absl::Status status = chaos::MakeWorld(client);
  if (!status.ok()) return status;
  chaos::LedgerReader reader(cluster.database().Uri());
  std::vector<int64_t> setup_entries = chaos::CountEntries(reader);
  chaos::Load load(cluster.Endpoints(), options.seed, options.gateways,
                   chaos::Callers::kPatient, chaos::LimitIdsOf(reader), history,
                   pulse);
  Say("Load; a backup is taken meanwhile");
  absl::SleepFor(options.stretch);
  const absl::Time begun = absl::Now();
  status = backups.Backup();
  if (!status.ok()) return status;
  result.backup_took = absl::Now() - begun;
  absl::SleepFor(options.stretch);
  auto moment = Now(cluster.database());
  if (!moment.ok()) return moment.status();
  Say(absl::StrCat("T is ", moment->text, "; the load goes on"));
  absl::SleepFor(options.stretch);
  load.Stop();
  if (!load.resolver().Finish(kResolvePatience)) {
    return absl::DeadlineExceededError("some calls stay unknown");
  }
  status = backups.Flush(cluster.database());
  if (!status.ok()) return status;
  return Past{std::move(setup_entries), *std::move(moment),
              history.TakeCalls(), history.TakeReads()};
}

// What a client could know at T: what was under way is unknown.
Past AsOf(const Moment& moment, Past past) {
  std::erase_if(past.calls, [&](const Call& call) {
    return call.called > moment.after ||
           (call.returned > moment.before && call.answer == Answer::kDenied);
  });
  for (Call& call : past.calls) {
    if (call.returned > moment.before) call.answer = Answer::kUnknown;
  }
  std::erase_if(past.reads, [&](const chaos::Read& read) {
    return read.returned > moment.before;
  });
  return past;
}

int64_t Acknowledged(const std::vector<Call>& calls) {
  return std::count_if(calls.begin(), calls.end(), [](const Call& call) {
    return call.answer == Answer::kOk;
  });
}

// What is known of a root as it was at T: restoring it has frozen it, which no
// gateway asked for.
chaos::Evidence EvidenceAtT(int root, chaos::LedgerReader& reader,
                            Past& known) {
  // What was open at T ends late: nobody was there to end it.
  const chaos::Log log{
      .troubles = {{.end_micros = absl::ToUnixMicros(absl::Now()),
                    .fault = "restore"}}};
  chaos::Evidence evidence =
      chaos::EvidenceOf(root, reader, known.calls, known.reads, log);
  evidence.setup_entries = known.setup_entries[root];
  std::erase_if(evidence.entries, [](const chaos::Entry& entry) {
    return entry.kind == chaos::kFreezeEntry;
  });
  return evidence;
}

void CheckRestored(const Past& past, const std::string& uri,
                   DrillResult& result) {
  Past known = AsOf(past.moment, past);
  result.kept = Acknowledged(known.calls);
  chaos::LedgerReader reader(uri);
  for (int root = 0; root < chaos::kRoots; ++root) {
    chaos::CheckRoot(EvidenceAtT(root, reader, known), result.verdicts);
  }
}

// The first of each reservation: the others are repeats.
std::vector<Call> FinalSettlesAfter(const Moment& moment, const Past& past) {
  std::vector<Call> settles;
  std::set<Uuid> seen;
  for (const Call& call : past.calls) {
    if (call.verb != Verb::kSettle || !call.final) continue;
    if (call.answer != Answer::kOk || call.returned <= moment.before) continue;
    if (seen.insert(call.id).second) settles.push_back(call);
  }
  return settles;
}

std::vector<Call> Reserves(const Past& past) {
  std::vector<Call> reserves;
  for (const Call& call : past.calls) {
    if (call.verb == Verb::kReserve) reserves.push_back(call);
  }
  return reserves;
}

// No new hold gets in while the roots are frozen.
absl::Status ExpectFrozen(Client& client) {
  v1::ReserveRequest request;
  request.add_allocations(chaos::PoolOf(0));
  const auto answer = client.Reserve(request, {absl::Seconds(10)});
  const auto reason = ErrorReasonOf(answer.status()).reason;
  if (reason == "ALLOCATION_FROZEN") return absl::OkStatus();
  return absl::InternalError("the restored roots are not frozen: " + reason);
}

void CheckRebooked(const std::vector<Call>& settles, const std::string& uri,
                   DrillResult& result) {
  chaos::LedgerReader reader(uri);
  std::vector<chaos::Entry> entries;
  for (int root = 0; root < chaos::kRoots; ++root) {
    const auto of_root = chaos::AllEntriesOf(reader, chaos::RootName(root));
    entries.insert(entries.end(), of_root.begin(), of_root.end());
  }
  result.entries = static_cast<int64_t>(entries.size());
  const std::vector<std::string> wrong = Misbooked(settles, entries);
  for (const std::string& what : wrong) {
    result.verdicts.Violated(Invariant::kOkHasEntry, what);
  }
}

absl::Status VerifyAll(Client& client, DrillResult& result) {
  for (int root = 0; root < chaos::kRoots; ++root) {
    v1::VerifyRequest request;
    request.set_root(chaos::RootName(root));
    const auto answer = client.Verify(request, {absl::Minutes(1)});
    if (!answer.ok()) return answer.status();
    result.verdicts.Check(Invariant::kCountersFold, answer->ok(), [&] {
      return answer->ShortDebugString();
    });
  }
  return absl::OkStatus();
}

// Those that served before remember what is lost, and would report it.
absl::Status StartAnew(chaos::Cluster& cluster) {
  for (int i = 0; i < chaos::Cluster::kReplicas; ++i) {
    const absl::Status started = cluster.replica(i).Start();
    if (!started.ok()) return started;
  }
  return absl::OkStatus();
}

absl::Status RestoreAndBook(chaos::Cluster& cluster, const Backups& backups,
                            const Past& past, DrillResult& result) {
  auto successor = cluster.MakeEmpty();
  if (!successor.ok()) return successor.status();
  const absl::Time begun = absl::Now();
  absl::Status status = backups.Restore(past.moment.text, **successor);
  if (!status.ok()) return status;
  result.restore_took = absl::Now() - begun;
  Say(absl::StrCat("Restored in ", absl::FormatDuration(result.restore_took)));
  status = (*successor)->Start();
  if (!status.ok()) return status;
  status = cluster.SwitchTo(*std::move(successor));
  if (!status.ok()) return status;
  CheckRestored(past, cluster.database().Uri(), result);
  result.lost = Acknowledged(past.calls) - result.kept;
  status = StartAnew(cluster);
  if (!status.ok()) return status;

  Client client(*MakeConnection({.endpoints = cluster.Endpoints()}));
  status = ExpectFrozen(client);
  if (!status.ok()) return status;
  const std::vector<Call> settles = FinalSettlesAfter(past.moment, past);
  const auto booked = BookAgain(client, settles, Reserves(past));
  if (!booked.ok()) return booked.status();
  result.rebooked = *booked;
  CheckRebooked(settles, cluster.database().Uri(), result);
  return VerifyAll(client, result);
}

absl::Status Perform(const DrillOptions& options, DrillResult& result) {
  auto place = testing::PostgresPlace::Find();
  if (!place.ok()) return place.status();
  auto cluster = chaos::Cluster::Start(options.places);
  if (!cluster.ok()) return cluster.status();
  Backups backups(*std::move(place), options.places.directory);
  absl::Status status = backups.Serve((*cluster)->database());
  if (!status.ok()) return status;
  auto past = LiveAndLose(options, **cluster, backups, result);
  if (!past.ok()) return past.status();
  result.moment = past->moment.text;
  result.calls = static_cast<int64_t>(past->calls.size());
  Say("The database is lost");
  (*cluster)->database().Remove();
  for (int i = 0; i < chaos::Cluster::kReplicas; ++i) {
    (*cluster)->replica(i).Kill();
  }
  return RestoreAndBook(**cluster, backups, *past, result);
}

}  // namespace

absl::Status RunRestoreDrill(const DrillOptions& options,
                             DrillResult& result) {
  try {
    return Perform(options, result);
  } catch (const std::exception& error) {
    return absl::InternalError(
        absl::StrCat("the database does not answer: ", error.what()));
  }
}

}  // namespace budget::drill
