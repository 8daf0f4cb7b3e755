#include "server/rpc/guard.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "google/protobuf/descriptor.h"
#include "server/domain/path.h"
#include "server/domain/refusal.h"
#include "server/rpc/peer.h"

namespace budget {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

constexpr char kAuthorizationKey[] = "authorization";
constexpr char kActorKey[] = "budget-actor";
constexpr size_t kActorBytesMax = 128;

Credentials CredentialsOf(const grpc::CallbackServerContext& context) {
  Credentials credentials;
  const auto [begin, end] =
      context.client_metadata().equal_range(kAuthorizationKey);
  for (auto it = begin; it != end; ++it) {
    ++credentials.authorizations;
    credentials.authorization = {it->second.data(), it->second.size()};
  }
  if (credentials.authorizations == 0) {
    credentials.peer = PeerNamesOf(*context.auth_context());
  }
  return credentials;
}

Refusal Unauthenticated(const absl::Status& status) {
  return {.reason = Reason::kUnauthenticated,
          .message = std::string(status.message())};
}

Refusal Denied(std::string message) {
  return {.reason = Reason::kPermissionDenied, .message = std::move(message)};
}

std::string RolesText(RoleSet roles) {
  std::string text;
  for (const Role role : kRoles) {
    if (!roles.Has(role)) continue;
    absl::StrAppend(&text, text.empty() ? "" : " or ", RoleName(role));
  }
  return text;
}

std::optional<Refusal> CheckRole(const Pass& pass) {
  const Rights& rights = pass.rights();
  if (pass.caller().identity->HasAny(rights.roles)) return std::nullopt;
  return Denied(absl::StrCat(
      "principal ", pass.principal(), " may not call ", rights.name,
      ", which is for the role ", RolesText(rights.roles),
      "; an administrator grants it with budgetctl grants add"));
}

// The way to a field of a request: "from.path" is two steps.
using Way = std::vector<const FieldDescriptor*>;

Way WayTo(absl::string_view name, const Descriptor* type) {
  Way way;
  for (absl::string_view step : absl::StrSplit(name, '.')) {
    way.push_back(type->FindFieldByName(std::string(step)));
    type = way.back()->message_type();
  }
  return way;
}

std::vector<Way> WaysOf(const Rights& rights) {
  std::vector<Way> ways;
  const Descriptor* request =
      DescriptorPool::generated_pool()
          ->FindMethodByName(absl::StrReplaceAll(rights.name, {{"/", "."}}))
          ->input_type();
  for (absl::string_view name :
       absl::StrSplit(rights.fields, ',', absl::SkipEmpty())) {
    ways.push_back(WayTo(name, request));
  }
  return ways;
}

// Looked up once: calls come by the ten thousand.
const std::vector<Way>& WaysOf(Method method) {
  static const auto& all = *[] {
    auto* ways = new std::vector<std::vector<Way>>;
    for (const Rights& rights : AllRights()) ways->push_back(WaysOf(rights));
    return ways;
  }();
  return all[static_cast<size_t>(method)];
}

// Calls `check` with each text at the end of `way`, up to the first refusal.
template <typename Check>
std::optional<Refusal> ForEachText(const Message& request, const Way& way,
                                   Check check) {
  const Message* message = &request;
  for (size_t i = 0; i + 1 < way.size(); ++i) {
    message = &message->GetReflection()->GetMessage(*message, way[i]);
  }
  const google::protobuf::Reflection& fields = *message->GetReflection();
  const FieldDescriptor* field = way.back();
  std::string unused;
  if (!field->is_repeated()) {
    return check(fields.GetStringReference(*message, field, &unused));
  }
  for (int i = 0; i < fields.FieldSize(*message, field); ++i) {
    const std::string& text =
        fields.GetRepeatedStringReference(*message, field, i, &unused);
    if (auto refusal = check(text)) return refusal;
  }
  return std::nullopt;
}

// Reserve and RecordUsage name the topmost allocation that is missing.
absl::string_view MissingAt(const Pass& pass, absl::string_view path) {
  if (pass.rights().method != Method::kReserve &&
      pass.rights().method != Method::kRecordUsage) {
    return path;
  }
  const std::vector<std::string> subtrees = *pass.Subtrees();
  for (absl::string_view prefix : ChainOf(path)) {
    const bool known = std::any_of(
        subtrees.begin(), subtrees.end(), [&](const std::string& subtree) {
          return IsAtOrUnder(subtree, prefix);
        });
    if (!known) return prefix;
  }
  return path;
}

Refusal Elsewhere(const Pass& pass, absl::string_view path) {
  if (pass.rights().scope == Scope::kAt) {
    return AllocationNotFound(MissingAt(pass, path));
  }
  return Denied(absl::StrCat("principal ", pass.principal(),
                             " may not call ", pass.rights().name, " for ",
                             path, "; an administrator of that subtree may"));
}

// Without a limit, the ancestors' counters are moved too.
std::optional<Refusal> CheckWholeChain(const Pass& pass,
                                       const Message& request,
                                       absl::string_view path) {
  if (pass.rights().method != Method::kAdjustBalance ||
      pass.Covers(RootOf(path))) {
    return std::nullopt;
  }
  const FieldDescriptor* limit =
      request.GetDescriptor()->FindFieldByName("limit");
  if (!request.GetReflection()->GetString(request, limit).empty()) {
    return std::nullopt;
  }
  return Denied(absl::StrCat(
      "without a limit, the limits above ", path,
      " are moved too, for which this caller is no admin; name one limit of ",
      path));
}

}  // namespace

bool Pass::Covers(absl::string_view path) const {
  return everything() || caller_.identity->Covers(rights_->roles, path);
}

bool Pass::SharesRoot(absl::string_view root) const {
  return everything() || caller_.identity->SharesRoot(rights_->roles, root);
}

std::optional<std::vector<std::string>> Pass::Subtrees() const {
  if (everything() || Covers(kEverything)) return std::nullopt;
  return caller_.identity->SubtreesOf(rights_->roles);
}

bool Pass::Sees(absl::string_view path) const {
  return everything() || caller_.identity->Covers(kAnyRole, path);
}

CallerRef Pass::writer() const {
  return everything() ? nullptr : caller_.identity->writer();
}

CallerRef Pass::reader() const {
  return everything() ? nullptr : caller_.identity->reader();
}

absl::string_view Pass::principal() const {
  return everything() ? absl::string_view() : caller_.identity->principal();
}

Pass Pass::For(Method method) const {
  return everything() ? Pass() : Pass(caller_, RightsOf(method));
}

std::optional<Refusal> Guard::Admit(Method method,
                                    const grpc::CallbackServerContext& context,
                                    Pass& pass) const {
  if (authenticator_ == nullptr) return std::nullopt;
  absl::StatusOr<Recognised> caller =
      authenticator_->Authenticate(CredentialsOf(context));
  if (!caller.ok()) return Unauthenticated(caller.status());
  pass = Pass(*std::move(caller), RightsOf(method));
  return CheckRole(pass);
}

std::optional<Refusal> Guard::AdmitAgain(Pass& pass) const {
  if (pass.everything()) return std::nullopt;
  absl::StatusOr<Recognised> caller = authenticator_->Again(pass.caller());
  if (!caller.ok()) return Unauthenticated(caller.status());
  pass = Pass(*std::move(caller), pass.rights());
  return CheckRole(pass);
}

std::optional<Refusal> CheckScope(const Pass& pass,
                                  const Message& request) {
  if (pass.everything()) return std::nullopt;
  const Scope scope = pass.rights().scope;
  if (scope != Scope::kAt && scope != Scope::kDeniedElsewhere) {
    return std::nullopt;
  }
  const auto check = [&](const std::string& path) -> std::optional<Refusal> {
    if (pass.Covers(path)) return CheckWholeChain(pass, request, path);
    // What is no path is told by the parser, which lets it no further.
    if (path != kEverything && !CheckPath(path).ok()) return std::nullopt;
    return Elsewhere(pass, path);
  };
  for (const Way& way : WaysOf(pass.rights().method)) {
    if (auto refusal = ForEachText(request, way, check)) return refusal;
  }
  return std::nullopt;
}

std::string ActorOf(const Pass& pass,
                    const grpc::CallbackServerContext& context) {
  std::string claimed;
  const auto it = context.client_metadata().find(kActorKey);
  if (it != context.client_metadata().end()) {
    claimed.assign(it->second.data(),
                   std::min(it->second.size(), kActorBytesMax));
    std::replace_if(
        claimed.begin(), claimed.end(),
        [](char c) { return c < 0x20 || c > 0x7e; }, '?');
  }
  if (pass.everything()) return claimed.empty() ? context.peer() : claimed;
  if (claimed.empty()) return std::string(pass.principal());
  return absl::StrCat(pass.principal(), " (", claimed, ")");
}

}  // namespace budget
