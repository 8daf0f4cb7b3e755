#include <set>
#include <string>
#include <utility>

#include "server/store/postgres/columns.h"
#include "server/store/postgres/history.h"
#include "server/store/postgres/load_statements.h"
#include "server/store/postgres/loading.h"
#include "server/store/postgres/rows.h"

namespace budget {

void Loading::LoadOpenUnder() {
  Columns needs(4);
  ForEach([&](const LoadPlan& plan, WorkingSet&) {
    for (const LoadPlan::HistoryNeed& need : plan.histories) {
      needs.Row().Text(plan.root).Text(need.path).Text(need.limit.name).Bool(
          MayChangeTwice(plan));
    }
  });
  if (needs.empty()) return;
  PutReservations(session_.Run(ReservationsOpenUnder(), needs.Take()));
}

// Those in force are there.
void Loading::LoadOlderPrices() {
  Columns wanted(3);
  ForEach([&](const LoadPlan& plan, WorkingSet& set) {
    if (plan.models.empty()) return;
    std::set<int64_t> versions;
    for (const auto& [id, slot] : set.reservations) {
      versions.insert(slot.reservation.terms->price_version);
    }
    versions.erase(0);
    versions.erase(set.root.price_version);
    for (const int64_t version : versions) {
      for (const std::string& model : plan.models) {
        wanted.Row().Text(plan.root).Text(model).Int(version);
      }
    }
  });
  if (!wanted.empty()) PutPrices(session_.Run(kPrices, wanted.Take()));
}

void Loading::LoadRequests() {
  Columns wanted(2);
  ForEach([&](const LoadPlan& plan, WorkingSet&) {
    for (const Uuid& id : plan.requests) wanted.Row().Text(plan.root).Id(id);
  });
  if (wanted.empty()) return;
  const Result rows = session_.Run(kRequests, wanted.Take());
  for (RowReader row : rows) {
    WorkingSet& set = SetOf(row);
    const Uuid id = row.Id();
    const auto kind = row.Number<EntryKind>();
    set.requests[id] = {.kind = kind, .fingerprint = row.Text()};
  }
}

void Loading::LoadChildren() {
  Columns wanted(2);
  ForEach([&](const LoadPlan& plan, WorkingSet&) {
    for (const std::string& path : plan.children_of) {
      wanted.Row().Text(plan.root).Text(path);
    }
  });
  if (wanted.empty()) return;
  const Result rows = session_.Run(kChildren, wanted.Take());
  for (RowReader row : rows) {
    WorkingSet& set = SetOf(row);
    set.with_children.insert(row.Text());
  }
}

void Loading::LoadHistories() {
  ForEach([&](const LoadPlan& plan, WorkingSet& set) {
    for (const LoadPlan::HistoryNeed& need : plan.histories) {
      LoadHistory(session_, plan, need, loaded_.now, set);
    }
  });
}

}  // namespace budget
