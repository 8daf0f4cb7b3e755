#include "server/rpc/read.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/decide.h"
#include "server/domain/path.h"
#include "server/domain/refusal.h"
#include "server/domain/shown.h"
#include "server/rpc/convert.h"
#include "server/rpc/error.h"
#include "server/rpc/field_error.h"
#include "server/rpc/parse_field.h"
#include "server/rpc/time.h"

namespace budget {
namespace {

constexpr int kExpectedMax = 10'000;
constexpr int kCheckpointsMax = 1000;

absl::Status CheckRootName(absl::string_view root, std::string& out) {
  BUDGET_RETURN_IF_ERROR(ParsePath("root", root, out));
  if (ParentOf(out).empty()) return absl::OkStatus();
  return FieldError(
      "root", absl::StrCat("is \"", out, "\"; give the first segment only"));
}

absl::Status ParseExpected(const v1::ExpectedEntry& entry,
                           ExpectedEntry& out) {
  if (entry.sequence() < 1) {
    return FieldError("sequence",
                      absl::StrCat("is ", entry.sequence(),
                                   "; entries are numbered from 1"));
  }
  out.sequence = entry.sequence();
  if (entry.has_time()) out.at = FromProto(entry.time());
  if (entry.reservation_id().empty()) return absl::OkStatus();
  return ParseUuid("reservation_id", entry.reservation_id(),
                   out.reservation.emplace());
}

absl::Status ParseExpected(const v1::VerifyRequest& request,
                           std::vector<ExpectedEntry>& out) {
  if (request.expected_size() > kExpectedMax) {
    return FieldError("expected",
                      absl::StrCat("has ", request.expected_size(),
                                   " entries; give at most ", kExpectedMax,
                                   ", the latest of them"));
  }
  for (int i = 0; i < request.expected_size(); ++i) {
    BUDGET_RETURN_IF_ERROR(Within(
        "expected", i, ParseExpected(request.expected(i), out.emplace_back())));
  }
  return absl::OkStatus();
}

absl::Status ParseCheckpoint(const v1::LedgerCheckpoint& checkpoint,
                             const std::string& root, ChainHead& out) {
  if (!checkpoint.root().empty() && checkpoint.root() != root) {
    return FieldError("root", absl::StrCat("is \"", checkpoint.root(),
                                           "\"; give checkpoints of ", root,
                                           " only"));
  }
  if (checkpoint.sequence() < 0) {
    return FieldError("sequence",
                      absl::StrCat("is ", checkpoint.sequence(),
                                   "; give it as it was exported"));
  }
  if (checkpoint.hash().size() != out.hash.size()) {
    return FieldError("hash",
                      absl::StrCat("has ", checkpoint.hash().size(),
                                   " bytes; give the 32 that were exported"));
  }
  out.sequence = checkpoint.sequence();
  std::copy(checkpoint.hash().begin(), checkpoint.hash().end(),
            out.hash.begin());
  return absl::OkStatus();
}

absl::Status ParseCheckpoints(const v1::VerifyRequest& request,
                              const std::string& root,
                              std::vector<ChainHead>& out) {
  if (request.checkpoints_size() > kCheckpointsMax) {
    return FieldError("checkpoints",
                      absl::StrCat("has ", request.checkpoints_size(),
                                   " items; give at most ", kCheckpointsMax));
  }
  for (int i = 0; i < request.checkpoints_size(); ++i) {
    BUDGET_RETURN_IF_ERROR(
        Within("checkpoints", i,
               ParseCheckpoint(request.checkpoints(i), root,
                               out.emplace_back())));
  }
  return absl::OkStatus();
}

bool IsFrozen(absl::string_view path, const Catalog& catalog) {
  for (absl::string_view prefix : ChainOf(path)) {
    const Allocation* allocation = catalog.FindAllocation(prefix);
    if (allocation != nullptr && allocation->frozen) return true;
  }
  return false;
}

}  // namespace

std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::QueryRemainingRequest& request,
                            v1::QueryRemainingResponse& out) {
  std::string path;
  const absl::Status parsed =
      ParsePath("allocation", request.allocation(), path);
  if (!parsed.ok()) return RefusalOf(parsed);
  absl::StatusOr<Snapshot> snapshot = store.Read(PlanForChain(path));
  if (!snapshot.ok()) return RefusalOf(snapshot.status());
  WorkingSet& set = *snapshot->set;
  if (set.catalog.FindAllocation(path) == nullptr) {
    return AllocationNotFound(path);
  }
  // Reading expires what is due in the set, with entries of its own.
  out.set_ledger_sequence(set.root.last_sequence);
  out.set_frozen(IsFrozen(path, set.catalog));
  std::vector<LimitReading> readings =
      ReadChain(path, snapshot->read_time, set);
  if (!pass.SeesAll()) {
    HideForeign([&](absl::string_view at) { return pass.Sees(at); },
                set.catalog, readings);
  }
  for (const LimitReading& reading : readings) {
    ToProto(reading, set.catalog, *out.add_limits());
  }
  ToProto(snapshot->read_time, *out.mutable_read_time());
  return std::nullopt;
}

std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::GetReservationRequest& request,
                            v1::GetReservationResponse& out) {
  Uuid id;
  std::string root;
  absl::Status parsed =
      ParseUuid("reservation_id", request.reservation_id(), id);
  if (parsed.ok()) parsed = ParseRoot("root", request.root(), root);
  if (!parsed.ok()) return RefusalOf(parsed);
  absl::StatusOr<Snapshot> snapshot = store.Read(PlanForReservation(root, id));
  if (!snapshot.ok()) return RefusalOf(snapshot.status());
  WorkingSet& set = *snapshot->set;
  const auto slot = set.reservations.find(id);
  if (slot == set.reservations.end() ||
      !MayTouch(pass.reader(), slot->second.reservation)) {
    return ReservationNotFound(id);
  }
  ExpireDue(snapshot->read_time, set);
  ToProto(slot->second.reservation, set.catalog, *out.mutable_reservation());
  ToProto(snapshot->read_time, *out.mutable_read_time());
  return std::nullopt;
}

std::optional<Refusal> Read(Store& store, const Pass&,
                            const v1::GetAllocationRequest& request,
                            v1::GetAllocationResponse& out) {
  std::string path;
  const absl::Status parsed = ParsePath("path", request.path(), path);
  if (!parsed.ok()) return RefusalOf(parsed);
  const absl::StatusOr<Snapshot> snapshot = store.Read(PlanForChain(path));
  if (!snapshot.ok()) return RefusalOf(snapshot.status());
  const Catalog& catalog = snapshot->set->catalog;
  const Allocation* allocation = catalog.FindAllocation(path);
  if (allocation == nullptr) return AllocationNotFound(path);
  ToProto(*allocation, catalog.LimitsOf(*allocation),
          *out.mutable_allocation());
  return std::nullopt;
}

std::optional<Refusal> Read(Store& store, const Pass& pass,
                            const v1::GetPricesRequest& request,
                            v1::GetPricesResponse& out) {
  std::string root;
  absl::Status parsed = CheckRootName(request.root(), root);
  if (parsed.ok() && request.version() < 0) {
    parsed = FieldError("version", absl::StrCat("is ", request.version(),
                                                "; give 0 for the version in "
                                                "force, or one above 0"));
  }
  if (!parsed.ok()) return RefusalOf(parsed);
  // A root without prices is answered like one that does not exist.
  const absl::StatusOr<PriceTable> table =
      pass.SharesRoot(root) ? store.ReadPrices(root, request.version())
                            : PriceTable();
  if (!table.ok()) return RefusalOf(table.status());
  if (request.version() != 0 && table->version == 0) {
    return Refusal{
        .reason = Reason::kPriceVersionNotFound,
        .message = absl::StrCat("root ", root, " has no prices of version ",
                                request.version()),
        .subject = absl::StrCat(root, "@", request.version())};
  }
  out.set_version(table->version);
  for (const ModelPrice& price : table->prices) {
    ToProto(price, *out.add_prices());
  }
  return std::nullopt;
}

std::optional<Refusal> Read(Store& store, const Pass&,
                            const v1::VerifyRequest& request,
                            v1::VerifyResponse& out) {
  std::string root;
  KnownElsewhere elsewhere;
  absl::Status parsed = CheckRootName(request.root(), root);
  if (parsed.ok()) parsed = ParseExpected(request, elsewhere.entries);
  if (parsed.ok()) {
    parsed = ParseCheckpoints(request, root, elsewhere.checkpoints);
  }
  if (!parsed.ok()) return RefusalOf(parsed);
  const absl::StatusOr<VerifyReport> report =
      store.Verify(root, std::move(elsewhere));
  if (absl::IsNotFound(report.status())) return AllocationNotFound(root);
  if (!report.ok()) return RefusalOf(report.status());
  ToProto(*report, out);
  return std::nullopt;
}

std::optional<Refusal> Read(Store& store, const Pass&,
                            const v1::GetServerInfoRequest&,
                            v1::GetServerInfoResponse& out) {
  const auto page = store.ListAllocations({.page_size = 1});
  if (!page.ok()) return RefusalOf(page.status());
  ToProto(page->read_time, *out.mutable_database_time());
  return std::nullopt;
}

std::optional<Refusal> Read(Store& store, const Pass&,
                            const v1::GetCheckpointRequest& request,
                            v1::GetCheckpointResponse& out) {
  std::string root;
  const absl::Status parsed = CheckRootName(request.root(), root);
  if (!parsed.ok()) return RefusalOf(parsed);
  const absl::StatusOr<SealedHead> sealed = store.ReadSealed(root);
  if (absl::IsNotFound(sealed.status())) return AllocationNotFound(root);
  if (!sealed.ok()) return RefusalOf(sealed.status());
  v1::LedgerCheckpoint& checkpoint = *out.mutable_checkpoint();
  checkpoint.set_root(root);
  checkpoint.set_sequence(sealed->head.sequence);
  checkpoint.set_hash(std::string(BytesOf(sealed->head.hash)));
  ToProto(sealed->read_time, *checkpoint.mutable_read_time());
  return std::nullopt;
}

}  // namespace budget
