#ifndef BUDGET_RPC_GUARD_H_
#define BUDGET_RPC_GUARD_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"
#include "grpcpp/server_context.h"
#include "server/access/authenticator.h"
#include "server/access/rights.h"
#include "server/domain/operation.h"
#include "server/domain/outcome.h"
#include "server/domain/path.h"

namespace budget {

// What somebody may see and do in one method. Where nobody is asked who they
// are, that is everything. Cheap to copy; thread-safe.
class Pass {
 public:
  // Everything.
  Pass() = default;
  Pass(Recognised caller, const Rights& rights)
      : caller_(std::move(caller)), rights_(&rights) {}

  bool everything() const { return caller_.identity == nullptr; }

  // Whether the caller has a role of the method at `path`; at any allocation of
  // `root`.
  bool Covers(absl::string_view path) const;
  bool SharesRoot(absl::string_view root) const;
  // Where it has one; nullopt: everywhere.
  std::optional<std::vector<std::string>> Subtrees() const;

  // Whether the caller has any role at `path`: what others do there is no
  // secret to it. SeesAll: everywhere.
  bool Sees(absl::string_view path) const;
  bool SeesAll() const { return Sees(kEverything); }

  // Which reservations it may change or read; null: all.
  CallerRef writer() const;
  CallerRef reader() const;

  // Empty where nobody was asked.
  absl::string_view principal() const;

  // The same caller in another method.
  Pass For(Method method) const;

  // Whoever makes a call as it was recognised; no identity: nobody was asked.
  const Recognised& caller() const { return caller_; }
  const Rights& rights() const { return *rights_; }

 private:
  Recognised caller_;
  const Rights* rights_ = nullptr;  // null with everything()
};

// Stands before every method. Thread-safe.
class Guard {
 public:
  // `authenticator` must outlive it; null: nobody is asked who they are.
  explicit Guard(const Authenticator* authenticator)
      : authenticator_(authenticator) {}

  // Lets a call in, and says by `pass` how far; or why not. Nothing of the
  // request has been looked at by then.
  std::optional<Refusal> Admit(Method method,
                               const grpc::CallbackServerContext& context,
                               Pass& pass) const;

  // Lets the caller of `pass` in again: for what lasts longer than a call.
  std::optional<Refusal> AdmitAgain(Pass& pass) const;

 private:
  const Authenticator* const authenticator_;
};

// The refusal if `request` concerns a part of the tree where its caller has no
// role of the method: what the table of rights says. It does not depend on what
// exists there.
std::optional<Refusal> CheckScope(const Pass& pass,
                                  const google::protobuf::Message& request);

// Who makes an administrative change, for the ledger: the principal, with what
// the caller says of itself in the metadata key "budget-actor" in brackets.
// Where nobody was asked, only that, otherwise the network address. Bytes that
// metadata may not have (gRPC over HTTP/2, ASCII-Value), which gRPC lets through,
// become '?': no database would store them.
std::string ActorOf(const Pass& pass,
                    const grpc::CallbackServerContext& context);

}  // namespace budget

#endif  // BUDGET_RPC_GUARD_H_
