#ifndef BUDGET_ACCESS_ACCESS_STORE_H_
#define BUDGET_ACCESS_ACCESS_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "server/access/grant.h"
#include "server/access/token.h"

namespace budget {

// Where grants and tokens are up to.
struct AccessHead {
  int64_t version = 0;   // moves with every change
  absl::Time read_time;  // the database clock
};

// Every grant and every token, in one consistent read.
struct AccessRecords {
  AccessHead head;
  std::vector<Grant> grants;        // sorted
  std::vector<TokenRecord> tokens;  // by id, revoked ones too
};

// Changes. Each has an effect once: the same again changes nothing.
struct AddToken {
  MintedToken minted;  // its text is not kept
  std::string principal;
  std::string subtree;
  std::optional<absl::Duration> ttl;  // from now, by the database clock
};
struct RevokeToken {
  std::string id;
};
struct AddGrant {
  Grant grant;
};
struct RemoveGrant {
  Grant grant;
};
using AccessChange = std::variant<AddToken, RevokeToken, AddGrant, RemoveGrant>;

// Stored in the database and equal to budget.v1.AccessChangeKind: never
// renumber.
enum class AccessChangeKind : int {
  kCreateToken = 1,
  kRevokeToken = 2,
  kAddGrant = 3,
  kRemoveGrant = 4,
};

// One change in the log, which only grows.
struct AccessLogEntry {
  int64_t sequence = 0;  // 1, 2, 3 ... without holes
  absl::Time at;         // the database clock
  std::string actor;     // who made it
  AccessChangeKind kind = AccessChangeKind::kAddGrant;
  std::string principal;  // whom it concerns
  std::string subtree;    // and where
  std::string from;       // what was, for people; "none" where nothing was
  std::string to;         // what is
};

// Where grants, tokens and the log of their changes are kept, beside the
// budgets. Thread-safe. Every status that is not OK is UNAVAILABLE or INTERNAL,
// as with Store.
class AccessStore {
 public:
  virtual ~AccessStore() = default;

  virtual absl::StatusOr<AccessHead> ReadHead() = 0;
  virtual absl::StatusOr<AccessRecords> ReadAll() = 0;

  // Makes all changes, each with its entry in the log, or none. Those that
  // change nothing make no entry.
  virtual absl::Status Apply(absl::Span<const AccessChange> changes,
                             absl::string_view actor) = 0;

  // Up to `max` entries after `sequence`, in order.
  virtual absl::StatusOr<std::vector<AccessLogEntry>> ListLog(int64_t sequence,
                                                              int max) = 0;
};

// What the log says of a change, the same in every store.
struct AccessLogText {
  AccessChangeKind kind;
  std::string principal;
  std::string subtree;
  std::string from;
  std::string to;
};
AccessLogText TextOf(const AddToken& change,
                     std::optional<absl::Time> expires_at);
AccessLogText TextOf(const TokenRecord& revoked);
AccessLogText TextOf(const AddGrant& change);
AccessLogText TextOf(const RemoveGrant& change);

}  // namespace budget

#endif  // BUDGET_ACCESS_ACCESS_STORE_H_
