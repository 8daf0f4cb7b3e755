#include "server/store/postgres/failure.h"

#include <new>

#include "absl/strings/str_cat.h"
#include "server/store/postgres/pqxx_compat.h"
#include "server/store/postgres/sqlstate.h"

namespace budget {
namespace {

FailureKind KindOf(absl::string_view code) {
  if (sqlstate::IsConflict(code)) return FailureKind::kConflict;
  if (sqlstate::IsDeadlock(code)) return FailureKind::kDeadlock;
  if (sqlstate::IsLockTimeout(code)) return FailureKind::kLockTimeout;
  if (sqlstate::IsConnectionLost(code)) return FailureKind::kConnectionLost;
  if (sqlstate::IsNoRoom(code)) return FailureKind::kNoRoom;
  if (sqlstate::IsOutOfResources(code)) return FailureKind::kOutOfResources;
  if (sqlstate::IsCompletionUnknown(code)) return FailureKind::kInDoubt;
  return FailureKind::kInvariantBroken;
}

std::string StatusMessageFor(absl::string_view code) {
  if (sqlstate::IsUndefinedObject(code)) {
    return "the database schema is missing or incomplete: run the migrations";
  }
  return absl::StrCat("the database refused a statement (SQLSTATE ", code, ")");
}

}  // namespace

// In libpqxx 6 rollbacks are no sql_error, and neither they nor missing
// privileges carry a code; in 7 they do.
Failure DescribeCurrentException() {
  try {
    throw;
  } catch (const InvariantBroken& e) {
    return {FailureKind::kInvariantBroken, e.what(), e.what()};
  } catch (const CommitInDoubt& e) {
    return {FailureKind::kInDoubt, e.what(), ""};
  } catch (const OutOfTime& e) {
    return {FailureKind::kLockTimeout, e.what(), ""};
  } catch (const pqxx::in_doubt_error& e) {
    return {FailureKind::kInDoubt, e.what(), ""};
  } catch (const pqxx::serialization_failure& e) {
    return {FailureKind::kConflict, e.what(), "", "40001"};
  } catch (const pqxx::deadlock_detected& e) {
    return {FailureKind::kDeadlock, e.what(), "", "40P01"};
  } catch (const pqxx::statement_completion_unknown& e) {
    return {FailureKind::kInDoubt, e.what(), "", "40003"};
  } catch (const pqxx::transaction_rollback& e) {
    return {FailureKind::kConflict, e.what(), ""};
  } catch (const pqxx::broken_connection& e) {
    return {FailureKind::kConnectionLost, e.what(), ""};
  } catch (const pqxx::insufficient_privilege& e) {
    return {FailureKind::kInvariantBroken, e.what(),
            StatusMessageFor(sqlstate::kNotPermitted), sqlstate::kNotPermitted};
  } catch (const pqxx::sql_error& e) {
    return {KindOf(e.sqlstate()), absl::StrCat(e.sqlstate(), " ", e.what()),
            StatusMessageFor(e.sqlstate()), e.sqlstate()};
  } catch (const std::bad_alloc& e) {
    return {FailureKind::kOutOfResources, e.what(), ""};
  } catch (const std::exception& e) {
    return {FailureKind::kInvariantBroken, e.what(),
            "a row in the database could not be read or written"};
  }
}

absl::string_view FailureName(FailureKind kind) {
  switch (kind) {
    case FailureKind::kConflict:
      return "serialization conflict";
    case FailureKind::kDeadlock:
      return "deadlock";
    case FailureKind::kLockTimeout:
      return "lock timeout";
    case FailureKind::kConnectionLost:
      return "connection lost";
    case FailureKind::kOutOfResources:
      return "database out of resources";
    case FailureKind::kNoRoom:
      return "no room for a transaction this large";
    case FailureKind::kInDoubt:
      return "commit in doubt";
    case FailureKind::kInvariantBroken:
      return "invariant broken";
  }
  return "failure";
}

absl::Status ToStatus(const Failure& failure) {
  if (failure.kind == FailureKind::kInvariantBroken) {
    return absl::InternalError(failure.status_message);
  }
  return absl::UnavailableError(
      absl::StrCat("the storage is not available: ",
                   FailureName(failure.kind)));
}

}  // namespace budget
