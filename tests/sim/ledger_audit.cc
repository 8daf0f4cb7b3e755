#include "tests/sim/ledger_audit.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tests/sim/fingerprint.h"

namespace budget::sim {
namespace {

bool Says(const LedgerEntry& entry, absl::string_view key) {
  return std::any_of(entry.detail.begin(), entry.detail.end(),
                     [key](const auto& item) { return item.first == key; });
}

// Whether the entry is the end of its reservation. A report that comes late
// changes the record of one that has ended.
bool Ends(const LedgerEntry& entry) {
  switch (entry.kind) {
    case EntryKind::kExpire:
    case EntryKind::kRecordUsage:
      return true;
    case EntryKind::kSettle:
      return Says(entry, "final") && !Says(entry, "late");
    case EntryKind::kRelease:
      return !Says(entry, "late");
    default:
      return false;
  }
}

bool Makes(const LedgerEntry& entry) {
  return entry.kind == EntryKind::kReserve ||
         entry.kind == EntryKind::kRecordUsage;
}

// A bucket of a rolling window counts until all of it is a duration old.
bool Counts(absl::Duration rolling, WindowKey bucket, absl::Time now) {
  if (rolling == absl::ZeroDuration()) return true;
  const __int128 duration = absl::ToInt64Microseconds(rolling);
  return static_cast<__int128>(absl::ToUnixMicros(now)) * 60 <
         (static_cast<__int128>(bucket) + 61) * duration;
}

}  // namespace

uint64_t HashOf(const LedgerEntry& entry) {
  Fingerprint print;
  print.Add(static_cast<uint64_t>(entry.sequence)).Add(entry.at);
  print.Add(static_cast<uint64_t>(entry.kind));
  if (entry.reservation) print.Add(*entry.reservation);
  if (entry.request) print.Add(*entry.request);
  for (const Pin& pin : entry.pins) {
    print.Add(static_cast<uint64_t>(pin.limit));
    print.Add(static_cast<uint64_t>(pin.window));
  }
  print.Add(entry.spent).Add(entry.reserved).Add(entry.overage);
  print.Add(static_cast<uint64_t>(entry.unpriced));
  for (const CapChange& change : entry.caps) {
    print.Add(static_cast<uint64_t>(change.limit));
    print.Add(static_cast<uint64_t>(change.cap.value_or(-1)));
  }
  for (const auto& [key, value] : entry.detail) print.Add(key).Add(value);
  return print.value();
}

std::string LedgerAudit::Say(const LedgerEntry& entry,
                             absl::string_view what) const {
  return absl::StrCat(root_, " entry ", entry.sequence, " of kind ",
                      static_cast<int>(entry.kind), ": ", what);
}

void LedgerAudit::Take(const LedgerEntry& entry, const Catalog& catalog,
                       absl::Time now) {
  TakeNumber(entry, now);
  for (const CapChange& change : entry.caps) {
    caps_[change.limit] = change.cap.value_or(kAmountMax);
  }
  for (const Pin& pin : entry.pins) Move(entry, pin, catalog);
  if (entry.reservation) TakeReservation(entry);
  if (entry.request) TakeRequest(entry);
  hashes_.push_back(HashOf(entry));
}

void LedgerAudit::TakeNumber(const LedgerEntry& entry, absl::Time now) {
  verdicts_.Check(Invariant::kNoHoles, entry.sequence == last_sequence_ + 1,
                  [&] {
                    return Say(entry, absl::StrCat("follows entry ",
                                                   last_sequence_));
                  });
  verdicts_.Check(Invariant::kDatabaseTime,
                  entry.at >= last_time_ && entry.at == now, [&] {
                    return Say(entry, absl::StrCat(
                                          "is of ", absl::FormatTime(entry.at),
                                          ", the database's time is ",
                                          absl::FormatTime(now)));
                  });
  last_sequence_ = entry.sequence;
  last_time_ = entry.at;
}

Tally LedgerAudit::Sum(const Line& line, WindowKey window, absl::Time now) {
  Tally sum;
  if (line.rolling == absl::ZeroDuration()) {
    const auto cell = line.cells.find(window);
    if (cell == line.cells.end()) return sum;
    return {cell->second.spent, cell->second.reserved, cell->second.overage,
            cell->second.unpriced};
  }
  for (const auto& [key, cell] : line.cells) {
    sum.reserved += cell.reserved;
    if (!Counts(line.rolling, key, now)) continue;
    sum.spent += cell.spent;
    sum.overage += cell.overage;
    sum.unpriced += cell.unpriced;
  }
  return sum;
}

void LedgerAudit::Move(const LedgerEntry& entry, const Pin& pin,
                       const Catalog& catalog) {
  const auto [at, inserted] = lines_.try_emplace(pin.limit);
  Line& line = at->second;
  if (inserted) {
    const Limit* limit = catalog.FindLimit(pin.limit);
    if (limit == nullptr) return;
    line.unit = limit->spec.unit;
    if (limit->IsRolling()) line.rolling = limit->spec.window.duration;
  }
  if (line.rolling != absl::ZeroDuration()) {
    std::erase_if(line.cells, [&](const auto& item) {
      return item.second.reserved == 0 &&
             !Counts(line.rolling, item.first, entry.at);
    });
  }
  const Tally before = Sum(line, pin.window, entry.at);
  Cell& cell = line.cells[pin.window];
  cell.spent += entry.spent[line.unit];
  cell.reserved += entry.reserved[line.unit];
  cell.overage += entry.overage[line.unit];
  cell.unpriced += entry.unpriced;
  const Tally after = Sum(line, pin.window, entry.at);
  const auto cap = caps_.find(pin.limit);
  const int64_t in_force = cap == caps_.end() ? kAmountMax : cap->second;
  // A limit that is added later starts from what the ledger says of its window.
  const bool opens =
      entry.kind == EntryKind::kSetLimit && Says(entry, "opening");
  const int64_t usage = after.spent + after.reserved;
  const bool rises = usage > before.spent + before.reserved;
  verdicts_.Check(
      Invariant::kCapHolds, opens || !rises || usage <= in_force, [&] {
        return Say(entry, absl::StrCat("limit ", pin.limit, " window ",
                                       pin.window, ": spent ", after.spent,
                                       " + reserved ", after.reserved,
                                       " passes the cap ", in_force));
      });
}

void LedgerAudit::TakeReservation(const LedgerEntry& entry) {
  const auto [at, inserted] = accounts_.try_emplace(*entry.reservation);
  Account& account = at->second;
  verdicts_.Check(Invariant::kOneEffect, inserted || !Makes(entry), [&] {
    return Say(entry, absl::StrCat("reservation ",
                                   entry.reservation->ToString(),
                                   " was made by entry ", account.made_by));
  });
  if (inserted) {
    account.made_by = entry.sequence;
    verdicts_.Check(Invariant::kRowHasCall, Makes(entry), [&] {
      return Say(entry, absl::StrCat("no entry made reservation ",
                                     entry.reservation->ToString()));
    });
  }
  Figures figures = inserted ? Figures() : account.history.back();
  figures.spent += entry.spent;
  figures.held += entry.reserved;
  figures.overage += entry.overage;
  account.history.push_back(figures);
  const bool ended_before = account.ended;
  account.ended |= Ends(entry);
  verdicts_.Check(
      Invariant::kOneEnd,
      !(ended_before && Ends(entry)) &&
          (!account.ended || figures.held.IsZero()),
      [&] {
        return Say(entry, absl::StrCat(
                              "reservation ", entry.reservation->ToString(),
                              ended_before ? " had ended before"
                                           : " holds something at its end"));
      });
}

void LedgerAudit::TakeRequest(const LedgerEntry& entry) {
  const Uuid& id = *entry.request;
  verdicts_.Check(Invariant::kOneEffect, !requests_.contains(id), [&] {
    return Say(entry, absl::StrCat("request ", id.ToString(),
                                   " had its effect in an earlier commit"));
  });
  fresh_requests_.insert(id);
}

void LedgerAudit::EndTransaction() {
  requests_.insert(fresh_requests_.begin(), fresh_requests_.end());
  fresh_requests_.clear();
}

Tally LedgerAudit::TallyOf(const Pin& key, absl::Time now) const {
  const auto found = lines_.find(key.limit);
  return found == lines_.end() ? Tally() : Sum(found->second, key.window, now);
}

const LedgerAudit::Account* LedgerAudit::Find(const Uuid& reservation) const {
  const auto found = accounts_.find(reservation);
  return found == accounts_.end() ? nullptr : &found->second;
}

}  // namespace budget::sim
