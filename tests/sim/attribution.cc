#include "tests/sim/attribution.h"

#include <algorithm>
#include <string>
#include <type_traits>
#include <variant>

#include "server/domain/admin.h"

namespace budget::sim {
namespace {

std::optional<EntryKind> KindOfCall(const Operation& operation) {
  if (AdminContextOf(operation) != nullptr) return KindOf(operation);
  if (std::holds_alternative<Reserve>(operation)) return EntryKind::kReserve;
  if (std::holds_alternative<Settle>(operation)) return EntryKind::kSettle;
  if (std::holds_alternative<Release>(operation)) return EntryKind::kRelease;
  if (std::holds_alternative<RecordUsage>(operation)) {
    return EntryKind::kRecordUsage;
  }
  if (std::holds_alternative<AdjustReservation>(operation)) {
    return EntryKind::kAdjustReservation;
  }
  return std::nullopt;
}

// A part of a refund that one counter could not take: it names its reservation
// in words.
bool NamesInWords(const LedgerEntry& entry, const Uuid& reservation) {
  return std::count(entry.detail.begin(), entry.detail.end(),
                    std::pair<std::string, std::string>(
                        "reservation", reservation.ToString())) > 0;
}

bool Went(const LedgerAudit::Account& account, const Reservation& answered) {
  const LedgerAudit::Figures figures{.spent = answered.spent,
                                     .held = answered.held,
                                     .overage = answered.overage};
  return std::count(account.history.begin(), account.history.end(), figures) >
         0;
}

// Changes that may turn out to be none.
bool MayChangeNothing(const Operation& operation) {
  return std::holds_alternative<Unfreeze>(operation) ||
         std::holds_alternative<ArchiveAllocation>(operation);
}

}  // namespace

std::optional<Uuid> ReservationOf(const Operation& operation) {
  return std::visit(
      [](const auto& op) -> std::optional<Uuid> {
        if constexpr (requires { op.id; }) return op.id;
        return std::nullopt;
      },
      operation);
}

bool IsOf(const LedgerEntry& entry, const Operation& operation) {
  if (KindOfCall(operation) != entry.kind) return false;
  if (const AdminContext* context = AdminContextOf(operation)) {
    return entry.request == context->request_id;
  }
  const Uuid id = *ReservationOf(operation);
  return entry.reservation ? *entry.reservation == id
                           : NamesInWords(entry, id);
}

std::optional<bool> HasRow(const LedgerAudit& ledger,
                           const Operation& operation,
                           const Outcome& outcome) {
  if (const AdminContext* context = AdminContextOf(operation)) {
    if (MayChangeNothing(operation)) return std::nullopt;
    return ledger.HasRequest(context->request_id);
  }
  const std::optional<Uuid> id = ReservationOf(operation);
  if (!id) return std::nullopt;
  const auto* reserve = std::get_if<Reserve>(&operation);
  if (reserve != nullptr && reserve->validate_only) {
    if (!outcome.replayed) return std::nullopt;
  }
  const LedgerAudit::Account* account = ledger.Find(*id);
  if (account == nullptr || !outcome.reservation) return false;
  const bool makes = reserve != nullptr ||
                     std::holds_alternative<RecordUsage>(operation);
  return Went(*account, *outcome.reservation) &&
         (!makes || account->made_by == outcome.ledger_sequence);
}

}  // namespace budget::sim
