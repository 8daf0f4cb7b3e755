// Who may call what: every RPC of the contract, by every role, on what is the
// caller's own, what is somebody else's, and what does not exist.

#include "server/access/rights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "budget/v1/access_service.pb.h"
#include "budget/v1/budget_admin.pb.h"
#include "budget/v1/budget_service.pb.h"
#include "budget/v1/ledger_service.pb.h"
#include "google/protobuf/descriptor.h"
#include "tests/rpc/secured_server.h"

namespace budget::testing {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;

// One row for each RPC: the roles that may call it, a request that succeeds,
// and what is answered for what is not the caller's. In the requests, ROOT is a
// root, HELD a hold on ROOT/team/key, MINTED a token for ROOT, and ID a new id.
struct Case {
  const char* method;
  const char* roles;
  const char* request;
  const char* elsewhere;  // a reason; "OK": as for what does not exist
  // The same where the caller has its role in another part of the root; null:
  // no other.
  const char* elsewhere_in_root = nullptr;
};

constexpr Case kCases[] = {
    {"BudgetService/Reserve", "gateway admin",
     "reservation_id: 'ID' allocations: 'ROOT/team/key' amounts { tokens: 1 }",
     "ALLOCATION_NOT_FOUND"},
    {"BudgetService/AdjustReservation", "gateway admin",
     "reservation_id: 'HELD' root: 'ROOT' held { tokens: 2 }",
     "RESERVATION_NOT_FOUND"},
    {"BudgetService/Settle", "gateway admin",
     "reservation_id: 'HELD' root: 'ROOT' actual { tokens: 1 }",
     "RESERVATION_NOT_FOUND"},
    {"BudgetService/Release", "gateway admin",
     "reservation_id: 'HELD' root: 'ROOT'", "RESERVATION_NOT_FOUND"},
    {"BudgetService/RecordUsage", "gateway admin",
     "usage_id: 'ID' allocations: 'ROOT/team/key' actual { tokens: 1 }",
     "ALLOCATION_NOT_FOUND"},
    {"BudgetService/Batch", "gateway admin",
     "operations { release { reservation_id: 'HELD' root: 'ROOT' } } "
     "operations { reserve { reservation_id: 'ID' "
     "allocations: 'ROOT/team/key' } }",
     "OK"},
    {"BudgetService/QueryRemaining", "gateway viewer admin auditor",
     "allocation: 'ROOT/team/key'", "ALLOCATION_NOT_FOUND"},
    {"BudgetService/WatchRemaining", "gateway viewer admin auditor",
     "allocation: 'ROOT/team/key'", "ALLOCATION_NOT_FOUND"},
    {"BudgetService/GetReservation", "gateway viewer admin auditor",
     "reservation_id: 'HELD' root: 'ROOT'", "RESERVATION_NOT_FOUND"},
    {"BudgetService/ListReservations", "viewer admin auditor",
     "allocation: 'ROOT/team'", "ALLOCATION_NOT_FOUND"},

    {"BudgetAdmin/CreateAllocation", "admin",
     "allocation { path: 'ROOT/team/new' } request_id: 'ID'",
     "PERMISSION_DENIED"},
    {"BudgetAdmin/GetAllocation", "viewer admin auditor",
     "path: 'ROOT/team/key'", "ALLOCATION_NOT_FOUND"},
    {"BudgetAdmin/ListAllocations", "viewer admin auditor",
     "under: 'ROOT/team'", "ALLOCATION_NOT_FOUND"},
    {"BudgetAdmin/UpdateAllocation", "admin",
     "allocation { path: 'ROOT/team' display_name: 'x' } "
     "update_mask { paths: 'display_name' } etag: '1' request_id: 'ID'",
     "ALLOCATION_NOT_FOUND"},
    {"BudgetAdmin/ArchiveAllocation", "admin",
     "path: 'ROOT/team/key' etag: '1' request_id: 'ID'",
     "ALLOCATION_NOT_FOUND"},
    {"BudgetAdmin/SetLimit", "admin",
     "path: 'ROOT/team' limit { name: 'new' unit: UNIT_TOKENS cap: 5 "
     "window { lifetime {} } } request_id: 'ID'",
     "ALLOCATION_NOT_FOUND"},
    {"BudgetAdmin/RemoveLimit", "admin",
     "path: 'ROOT/team/key' limit: 'life' etag: '1' request_id: 'ID'",
     "ALLOCATION_NOT_FOUND"},
    {"BudgetAdmin/FreezeAllocation", "admin",
     "path: 'ROOT/team' reason: 'abuse' request_id: 'ID'",
     "ALLOCATION_NOT_FOUND"},
    {"BudgetAdmin/UnfreezeAllocation", "admin",
     "path: 'ROOT/team' request_id: 'ID'", "ALLOCATION_NOT_FOUND"},
    {"BudgetAdmin/AdjustBalance", "admin",
     "path: 'ROOT/team/key' unit: UNIT_TOKENS amount: 1 reason: 'r' "
     "request_id: 'ID'",
     "ALLOCATION_NOT_FOUND"},
    {"BudgetAdmin/TransferCap", "admin",
     "from { path: 'ROOT/team/key' limit: 'life' etag: '1' } "
     "to { path: 'ROOT/team/key2' limit: 'life' etag: '1' } "
     "unit: UNIT_TOKENS amount: 1 request_id: 'ID'",
     "ALLOCATION_NOT_FOUND"},
    {"BudgetAdmin/SetPrices", "admin",
     "root: 'ROOT' replaces_version: 1 prices { model: 'm' } request_id: 'ID'",
     "ALLOCATION_NOT_FOUND"},
    {"BudgetAdmin/GetPrices", "gateway viewer admin auditor", "root: 'ROOT'",
     "OK"},
    {"BudgetAdmin/Verify", "admin auditor", "root: 'ROOT'",
     "ALLOCATION_NOT_FOUND"},
    {"BudgetAdmin/GetServerInfo", "gateway viewer admin auditor", "", "OK"},

    {"LedgerService/ListLedgerEntries", "admin auditor", "root: 'ROOT'",
     "ALLOCATION_NOT_FOUND", "OK"},
    {"LedgerService/ListDenials", "viewer admin auditor",
     "allocation: 'ROOT/team'", "ALLOCATION_NOT_FOUND"},
    {"LedgerService/GetCheckpoint", "admin auditor", "root: 'ROOT'",
     "ALLOCATION_NOT_FOUND"},

    {"AccessService/CreateToken", "admin",
     "principal: 'somebody' subtree: 'ROOT/team' role: ROLE_GATEWAY",
     "PERMISSION_DENIED"},
    {"AccessService/ListTokens", "admin auditor", "", "OK"},
    {"AccessService/RevokeToken", "admin", "token_id: 'MINTED'",
     "TOKEN_NOT_FOUND"},
    {"AccessService/AddGrant", "admin",
     "grant { principal: 'p' role: ROLE_VIEWER subtree: 'ROOT' }",
     "PERMISSION_DENIED"},
    {"AccessService/RemoveGrant", "admin",
     "grant { principal: 'p' role: ROLE_VIEWER subtree: 'ROOT' }",
     "PERMISSION_DENIED"},
    {"AccessService/ListGrants", "admin auditor", "", "OK"},
    {"AccessService/ListAccessChanges", "admin auditor", "", "OK"},
};

// Ours is the caller's, other is somebody else's, and there is no ghost: names
// of one length, so that answers can be compared by their bytes.
constexpr char kOwn[] = "owned";
constexpr char kOther[] = "other";
constexpr char kGhost[] = "ghost";
constexpr char kGhostId[] = "0190a5f4-7c00-4000-8000-00000000dead";
constexpr char kGhostToken[] = "00000000000000aa";

// In the same root there are a team, which is somebody else's, and no gone.
constexpr char kMine[] = "owned/mine";
constexpr char kTeam[] = "/team";
constexpr char kGone[] = "/gone";

// A server with two trees of the same form, and a caller with a role in one or
// in a part of it.
class World {
 public:
  explicit World(Role role, const std::string& subtree = kOwn) {
    gateway_ = server_.TokenOf("gateway", Role::kGateway, kOwn);
    token_ = role == Role::kGateway && subtree == kOwn
                 ? gateway_
                 : server_.TokenOf("caller", role, subtree);
    Plant(kOwn, gateway_);
    Plant(kOther, server_.root_token());
    Create(kMine);
  }

  RawAnswer Call(const Case& c, const std::string& root) {
    return server_.Call(token_, c.method, Request(c, root));
  }
  RawAnswer CallOfGone(const Case& c) {
    return server_.Call(token_, c.method, AsOfGone(Request(c, kOwn)));
  }
  RawAnswer CallByNobody(const Case& c, const std::string& root) {
    return server_.Call("", c.method, Request(c, root));
  }

 private:
  void Create(const std::string& path) {
    server_.MustCall(
        "BudgetAdmin/CreateAllocation",
        absl::StrCat("request_id: '", server_.NewId(), "' allocation { ",
                     "path: '", path,
                     "' limits { name: 'life' unit: UNIT_TOKENS "
                     "cap: 100 window { lifetime {} } } }"));
  }

  void Plant(const std::string& root, const std::string& token) {
    for (const char* below : {"", "/team", "/team/key", "/team/key2"}) {
      Create(root + below);
    }
    server_.MustCall("BudgetAdmin/SetPrices",
                     absl::StrCat("root: '", root, "' prices { model: 'm' } ",
                                  "request_id: '", server_.NewId(), "'"));
    held_[root] = server_.NewId();
    const RawAnswer hold = server_.Call(
        token, "BudgetService/Reserve",
        absl::StrCat("reservation_id: '", held_[root], "' allocations: '", root,
                     "/team/key' amounts { tokens: 1 }"));
    EXPECT_TRUE(hold.ok()) << hold.status.error_message();
    const MintedToken minted = MintToken();
    server_.Apply({AddToken{
        .minted = minted, .principal = "p", .subtree = root}});
    tokens_[root] = minted.id;
  }

  std::string Request(const Case& c, const std::string& root) {
    const bool ghost = root == kGhost;
    return absl::StrReplaceAll(
        c.request, {{"ROOT", root},
                    {"HELD", ghost ? kGhostId : held_[root]},
                    {"MINTED", ghost ? kGhostToken : tokens_[root]},
                    {"'ID'", absl::StrCat("'", server_.NewId(), "'")}});
  }

 public:
  // The answer as if it were about what does not exist.
  std::string AsOfGhost(std::string text) const {
    return absl::StrReplaceAll(text, {{kOther, kGhost},
                                      {held_.at(kOther), kGhostId},
                                      {tokens_.at(kOther), kGhostToken}});
  }
  std::string AsOfGone(std::string text) const {
    return absl::StrReplaceAll(text, {{kTeam, kGone},
                                      {held_.at(kOwn), kGhostId},
                                      {tokens_.at(kOwn), kGhostToken}});
  }

 private:
  SecuredServer server_;
  std::string gateway_;
  std::string token_;
  std::map<std::string, std::string> held_;
  std::map<std::string, std::string> tokens_;
};

std::string NameOf(const Case& c) {
  return absl::StrReplaceAll(c.method, {{"/", "_"}});
}

const char* ElsewhereInRoot(const Case& c) {
  return c.elsewhere_in_root == nullptr ? c.elsewhere : c.elsewhere_in_root;
}

bool MayCall(const Case& c, Role role) {
  const std::set<std::string> roles = absl::StrSplit(c.roles, ' ');
  return roles.count(std::string(RoleName(role))) > 0;
}

// Every file of the contract, found where it lies: a new one is looked at too.
std::vector<std::string> MethodsOfTheContract() {
  std::vector<std::string> methods;
  for (const auto& entry :
       std::filesystem::directory_iterator(BUDGET_PROTO_DIR "/budget/v1")) {
    const FileDescriptor* file =
        DescriptorPool::generated_pool()->FindFileByName(absl::StrCat(
            "budget/v1/", entry.path().filename().string()));
    EXPECT_NE(file, nullptr) << entry.path();
    if (file == nullptr) continue;
    for (int i = 0; i < file->service_count(); ++i) {
      for (int j = 0; j < file->service(i)->method_count(); ++j) {
        methods.push_back(absl::StrCat(file->service(i)->name(), "/",
                                       file->service(i)->method(j)->name()));
      }
    }
  }
  std::sort(methods.begin(), methods.end());
  return methods;
}

TEST(RightsTest, EveryMethodOfTheContractHasARow) {
  std::vector<std::string> rows;
  for (const Rights& rights : AllRights()) {
    rows.emplace_back(absl::StripPrefix(rights.name, "budget.v1."));
  }
  std::sort(rows.begin(), rows.end());
  EXPECT_EQ(rows, MethodsOfTheContract());
}

TEST(RightsTest, EveryMethodOfTheContractIsTriedHere) {
  std::vector<std::string> tried;
  for (const Case& c : kCases) tried.emplace_back(c.method);
  std::sort(tried.begin(), tried.end());
  EXPECT_EQ(tried, MethodsOfTheContract());
}

class MatrixTest : public ::testing::TestWithParam<Case> {};

TEST_P(MatrixTest, NobodyIsLetInWithoutCredentials) {
  World world(Role::kAdmin);
  for (const char* root : {kOwn, kOther, kGhost}) {
    const RawAnswer answer = world.CallByNobody(GetParam(), root);
    EXPECT_EQ(answer.reason(), "UNAUTHENTICATED") << root;
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::UNAUTHENTICATED);
    EXPECT_EQ(answer.bytes, "");
  }
}

TEST_P(MatrixTest, OnlyTheRolesOfTheTableAreLetIn) {
  for (const Role role : kRoles) {
    World world(role);
    const RawAnswer answer = world.Call(GetParam(), kOwn);
    EXPECT_EQ(answer.reason(),
              MayCall(GetParam(), role) ? "OK" : "PERMISSION_DENIED")
        << RoleName(role) << ": " << answer.status.error_message();
  }
}

TEST_P(MatrixTest, WhatIsElsewhereLooksAsIfItDidNotExist) {
  const Case& c = GetParam();
  for (const Role role : kRoles) {
    SCOPED_TRACE(RoleName(role));
    World world(role);
    const RawAnswer foreign = world.Call(c, kOther);
    const RawAnswer missing = world.Call(c, kGhost);
    EXPECT_EQ(foreign.reason(),
              MayCall(c, role) ? c.elsewhere : "PERMISSION_DENIED")
        << foreign.status.error_message();
    EXPECT_EQ(foreign.status.error_code(), missing.status.error_code());
    EXPECT_EQ(world.AsOfGhost(foreign.status.error_message()),
              missing.status.error_message());
    EXPECT_EQ(world.AsOfGhost(foreign.status.error_details()),
              missing.status.error_details());
    EXPECT_EQ(world.AsOfGhost(foreign.bytes), missing.bytes);
  }
}

TEST_P(MatrixTest, WhatIsInAnotherPartOfTheRootLooksAsIfItDidNotExist) {
  const Case& c = GetParam();
  for (const Role role : kRoles) {
    SCOPED_TRACE(RoleName(role));
    World world(role, kMine);
    const RawAnswer foreign = world.Call(c, kOwn);
    const RawAnswer missing = world.CallOfGone(c);
    EXPECT_EQ(foreign.reason(),
              MayCall(c, role) ? ElsewhereInRoot(c) : "PERMISSION_DENIED")
        << foreign.status.error_message();
    EXPECT_EQ(foreign.status.error_code(), missing.status.error_code());
    EXPECT_EQ(world.AsOfGone(foreign.status.error_message()),
              missing.status.error_message());
    EXPECT_EQ(world.AsOfGone(foreign.status.error_details()),
              missing.status.error_details());
    EXPECT_EQ(world.AsOfGone(foreign.bytes), missing.bytes);
  }
}

INSTANTIATE_TEST_SUITE_P(All, MatrixTest, ::testing::ValuesIn(kCases),
                         [](const auto& info) { return NameOf(info.param); });

}  // namespace
}  // namespace budget::testing
