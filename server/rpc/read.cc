#include "server/rpc/read.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "server/domain/decide.h"
#include "server/domain/path.h"
#include "server/domain/refusal.h"
#include "server/rpc/convert.h"
#include "server/rpc/error.h"
#include "server/rpc/field_error.h"
#include "server/rpc/parse_field.h"
#include "server/rpc/time.h"

namespace budget {
namespace {

absl::Status CheckRootName(absl::string_view root, std::string& out) {
  BUDGET_RETURN_IF_ERROR(ParsePath("root", root, out));
  if (ParentOf(out).empty()) return absl::OkStatus();
  return FieldError(
      "root", absl::StrCat("is \"", out, "\"; give the first segment only"));
}

constexpr int kCheckpointsMax = 1000;

absl::Status ParseCheckpoint(int i, const std::string& root,
                             const v1::LedgerCheckpoint& checkpoint,
                             ChainHead& out) {
  const std::string field = absl::StrCat("checkpoints[", i, "]");
  if (!checkpoint.root().empty() && checkpoint.root() != root) {
    return FieldError(absl::StrCat(field, ".root"),
                      absl::StrCat("is \"", checkpoint.root(),
                                   "\"; give checkpoints of ", root, " only"));
  }
  if (checkpoint.sequence() < 0) {
    return FieldError(absl::StrCat(field, ".sequence"),
                      absl::StrCat("is ", checkpoint.sequence(),
                                   "; give it as it was exported"));
  }
  if (checkpoint.hash().size() != out.hash.size()) {
    return FieldError(absl::StrCat(field, ".hash"),
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
    BUDGET_RETURN_IF_ERROR(ParseCheckpoint(i, root, request.checkpoints(i),
                                           out.emplace_back()));
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

std::optional<Refusal> Read(Store& store,
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
  for (const LimitReading& reading :
       ReadChain(path, snapshot->read_time, set)) {
    ToProto(reading, set.catalog, *out.add_limits());
  }
  ToProto(snapshot->read_time, *out.mutable_read_time());
  return std::nullopt;
}

std::optional<Refusal> Read(Store& store,
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
  if (slot == set.reservations.end()) return ReservationNotFound(id);
  ExpireDue(snapshot->read_time, set);
  ToProto(slot->second.reservation, set.catalog, *out.mutable_reservation());
  ToProto(snapshot->read_time, *out.mutable_read_time());
  return std::nullopt;
}

std::optional<Refusal> Read(Store& store,
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

std::optional<Refusal> Read(Store& store, const v1::GetPricesRequest& request,
                            v1::GetPricesResponse& out) {
  std::string root;
  absl::Status parsed = CheckRootName(request.root(), root);
  if (parsed.ok() && request.version() < 0) {
    parsed = FieldError("version", absl::StrCat("is ", request.version(),
                                                "; give 0 for the version in "
                                                "force, or one above 0"));
  }
  if (!parsed.ok()) return RefusalOf(parsed);
  const absl::StatusOr<PriceTable> table =
      store.ReadPrices(root, request.version());
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

std::optional<Refusal> Read(Store& store, const v1::VerifyRequest& request,
                            v1::VerifyResponse& out) {
  std::string root;
  absl::Status parsed = CheckRootName(request.root(), root);
  std::vector<ChainHead> checkpoints;
  if (parsed.ok()) parsed = ParseCheckpoints(request, root, checkpoints);
  if (!parsed.ok()) return RefusalOf(parsed);
  const absl::StatusOr<VerifyReport> report =
      store.VerifyAgainst(root, checkpoints);
  if (absl::IsNotFound(report.status())) return AllocationNotFound(root);
  if (!report.ok()) return RefusalOf(report.status());
  ToProto(*report, out);
  return std::nullopt;
}

std::optional<Refusal> Read(Store& store,
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
