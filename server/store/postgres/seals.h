#ifndef BUDGET_STORE_POSTGRES_SEALS_H_
#define BUDGET_STORE_POSTGRES_SEALS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "server/domain/seal_check.h"
#include "server/domain/store.h"
#include "server/store/postgres/seals_seen.h"
#include "server/store/postgres/session.h"

// The hash chain in the database. They throw as Session does.
namespace budget::seals {

// As Store::SealLedgers. Begins and commits a transaction. Nothing is sealed of
// a root of which a seal is gone that was `seen`.
SealProgress SealLedgers(Session& session, const std::string& after_root,
                         SealsSeen& seen);

// Within the read transaction that `session` is in.
absl::StatusOr<SealedHead> ReadSealed(Session& session,
                                      absl::string_view root);

// The seals of a root in order, read as they are asked for within the read
// transaction that `session` is in, which must outlive it.
SealCheck::NextSeal ReadInOrder(Session& session, const std::string& root);

}  // namespace budget::seals

#endif  // BUDGET_STORE_POSTGRES_SEALS_H_
