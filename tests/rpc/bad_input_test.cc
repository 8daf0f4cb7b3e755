// Every malformed request, through the server: one line a case.

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "grpcpp/generic/generic_stub.h"
#include "tests/rpc/rpc_fixture.h"

namespace budget::testing {
namespace {

constexpr char kA[] = "reservation_id: '0190a5f4-7c00-4000-8000-000000000001' ";

// A good request without the fields in `clear`, with `spoil` merged into it,
// is refused for `field`.
struct BadInput {
  std::string clear;
  std::string spoil;
  std::string field;
};

class BadInputTest : public RpcTest {
 protected:
  template <typename Stub, typename Request, typename Response>
  void ExpectRefused(Stub& stub,
                     grpc::Status (Stub::*method)(grpc::ClientContext*,
                                                  const Request&, Response*),
                     const std::string& good,
                     const std::vector<BadInput>& cases) {
    for (const BadInput& bad : cases) {
      SCOPED_TRACE(absl::StrCat("-", bad.clear, " +", bad.spoil));
      auto request = FromText<Request>(good);
      Clear(bad.clear, request);
      ASSERT_TRUE(
          google::protobuf::TextFormat::MergeFromString(bad.spoil, &request));
      ExpectField(Call(stub, method, request), bad.field);
    }
  }

  static void ExpectField(const grpc::Status& status,
                          const std::string& field) {
    ASSERT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT)
        << status.error_message();
    const ErrorDetails details(status);
    EXPECT_EQ(details.reason(), "INVALID_FIELD");
    EXPECT_EQ(details.metadata("field"), field);
    ASSERT_EQ(details.bad_request.field_violations_size(), 1);
    EXPECT_EQ(details.bad_request.field_violations(0).field(), field);
    EXPECT_EQ(status.error_message().find(field), 0u) << status.error_message();
  }

 private:
  static void Clear(const std::string& field,
                    google::protobuf::Message& message) {
    if (field.empty()) return;
    const auto* descriptor = message.GetDescriptor()->FindFieldByName(field);
    ASSERT_NE(descriptor, nullptr) << field;
    message.GetReflection()->ClearField(&message, descriptor);
  }
};

std::string Repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) {
    absl::StrAppend(&all, absl::StrReplaceAll(text, {{"#", absl::StrCat(i)}}));
  }
  return all;
}

TEST_F(BadInputTest, Reserve) {
  const std::string big(129, 'x');
  ExpectRefused(
      *budget_, &v1::BudgetService::Stub::Reserve,
      absl::StrCat(kA, "allocations: 'acme/a' amounts { tokens: 1 }"),
      {
          {"", "reservation_id: 'x'", "reservation_id"},
          {"reservation_id", "", "reservation_id"},
          {"allocations", "", "allocations"},
          {"", Repeated("allocations: 'acme/b#' ", 8), "allocations"},
          {"allocations", "allocations: ''", "allocations[0]"},
          {"allocations", "allocations: 'Acme'", "allocations[0]"},
          {"allocations", "allocations: 'a//b'", "allocations[0]"},
          {"allocations", "allocations: 'a/'", "allocations[0]"},
          {"allocations", "allocations: 'a/b/c/d/e/f/g/h/i'", "allocations[0]"},
          {"", "allocations: 'other/a'", "allocations[1]"},
          {"", "allocations: 'acme/a'", "allocations[1]"},
          {"", "amounts { tokens: -1 }", "amounts.tokens"},
          {"", "amounts { usd_nanos: -5 }", "amounts.usd_nanos"},
          {"", "amounts { requests: 2305843009213693953 }", "amounts.requests"},
          {"", "minimum { tokens: 2 }", "minimum.tokens"},
          {"", "minimum { tokens: -1 }", "minimum.tokens"},
          {"", "minimum { requests: 2 }", "minimum.requests"},
          {"", "minimum { usd_nanos: 1 }", "minimum.usd_nanos"},
          {"amounts", "minimum { }", "minimum"},
          {"", "ttl { }", "ttl"},
          {"", "ttl { nanos: 999999999 }", "ttl"},
          {"", "ttl { seconds: 86401 }", "ttl"},
          {"", "ttl { seconds: -1 }", "ttl"},
          {"", "ttl { seconds: 5 nanos: -1 }", "ttl"},
          {"", "ttl { seconds: 5 nanos: 1000000000 }", "ttl"},
          {"", "ttl { seconds: 9223372036854775807 }", "ttl"},
          {"", Repeated("tags { key: 'k#' value: 'v' } ", 17), "tags"},
          {"", "tags { key: 'K' value: 'v' }", "tags[\"K\"]"},
          {"", "tags { key: '' value: 'v' }", "tags[\"\"]"},
          {"", "tags { key: 'k' value: '" + big + "' }", "tags[\"k\"]"},
          {"", "tags { key: 'k' value: 'a\\000b' }", "tags[\"k\"]"},
          {"", "on_expiry: 7", "on_expiry"},
          {"", "usd_unknown: true amounts { usd_nanos: 1 }", "usd_unknown"},
          {"", "usd_unknown: true usage { model: 'm' }", "usd_unknown"},
          {"", "amounts { usd_nanos: 1 } usage { model: 'm' }", "usage"},
          {"", "usage { }", "usage.model"},
          {"", "usage { model: '" + big + "' }", "usage.model"},
          {"", "usage { model: 'm' quantities { meter: 'M' } }",
           "usage.quantities[0].meter"},
          {"", "usage { model: 'm' quantities { meter: 'a' quantity: -1 } }",
           "usage.quantities[0].quantity"},
          {"",
           "usage { model: 'm' quantities { meter: 'a' } "
           "quantities { meter: 'a' } }",
           "usage.quantities[1].meter"},
          {"",
           "usage { model: 'm' " + Repeated("quantities { meter: 'm#' } ", 17) +
               "}",
           "usage.quantities"},
      });
}

TEST_F(BadInputTest, SettleAndItsSiblings) {
  const std::string good = absl::StrCat(kA, "root: 'acme'");
  ExpectRefused(
      *budget_, &v1::BudgetService::Stub::Settle, good,
      {
          {"", "reservation_id: '123'", "reservation_id"},
          {"root", "", "root"},
          {"", "root: 'A'", "root"},
          {"", "actual { tokens: -1 }", "actual.tokens"},
          {"", "usd_unknown: true actual { usd_nanos: 1 }", "usd_unknown"},
          {"", "usage { model: 'm' } actual { usd_nanos: 1 }", "usage"},
      });
  ExpectRefused(*budget_, &v1::BudgetService::Stub::AdjustReservation, good,
                {
                    {"", "held { usd_nanos: -1 }", "held.usd_nanos"},
                    {"", "ttl { seconds: 86401 }", "ttl"},
                    {"root", "", "root"},
                });
  ExpectRefused(
      *budget_, &v1::BudgetService::Stub::Release, good,
      {{"", "reservation_id: ''", "reservation_id"}, {"root", "", "root"}});
  ExpectRefused(*budget_, &v1::BudgetService::Stub::GetReservation, good,
                {{"", "reservation_id: ''", "reservation_id"},
                 {"", "root: '/'", "root"}});
}

TEST_F(BadInputTest, RecordUsage) {
  ExpectRefused(
      *budget_, &v1::BudgetService::Stub::RecordUsage,
      "usage_id: '0190a5f4-7c00-4000-8000-000000000001' "
      "allocations: 'acme'",
      {
          {"usage_id", "", "usage_id"},
          {"allocations", "", "allocations"},
          {"", "actual { tokens: -1 }", "actual.tokens"},
          {"", "usd_unknown: true usage { model: 'm' }", "usd_unknown"},
          {"", "tags { key: 'k/' }", "tags[\"k/\"]"},
      });
}

constexpr char kRequestId[] =
    "request_id: '0190a5f4-7c00-4000-8000-000000000009' ";

TEST_F(BadInputTest, CreateAllocation) {
  const std::string limit =
      "name: 'a' unit: UNIT_TOKENS window { lifetime { } }";
  const auto limits = [&](const std::string& spoil) {
    return absl::StrCat("allocation { limits { ", limit, " ", spoil, " } }");
  };
  const std::string calendar = "calendar { period: CALENDAR_PERIOD_DAY ";
  ExpectRefused(
      *admin_, &v1::BudgetAdmin::Stub::CreateAllocation,
      absl::StrCat("allocation { path: 'acme' } ", kRequestId),
      {
          {"allocation", "", "allocation.path"},
          {"", "allocation { path: 'acme/' }", "allocation.path"},
          {"request_id", "", "request_id"},
          {"", "allocation { display_name: '" + std::string(201, 'x') + "' }",
           "allocation.display_name"},
          {"", "allocation { labels { key: 'K' } }",
           "allocation.labels[\"K\"]"},
          {"", "allocation { " + Repeated("labels { key: 'k#' } ", 33) + "}",
           "allocation.labels"},
          {"", "allocation { policies { overage: 9 } }",
           "allocation.policies.overage"},
          {"", "allocation { policies { on_expiry: 9 } }",
           "allocation.policies.on_expiry"},
          {"", "allocation { policies { held_denial: 9 } }",
           "allocation.policies.held_denial"},
          {"", "allocation { policies { unpriced: 9 } }",
           "allocation.policies.unpriced"},
          {"",
           "allocation { policies { unpriced: UNPRICED_POLICY_ALLOW "
           "unpriced_charge_usd_nanos: 1 } }",
           "allocation.policies.unpriced_charge_usd_nanos"},
          {"", "allocation { policies { unpriced: UNPRICED_POLICY_FIXED } }",
           "allocation.policies.unpriced_charge_usd_nanos"},
          {"",
           "allocation { policies { unpriced: UNPRICED_POLICY_FIXED "
           "unpriced_charge_usd_nanos: -1 } }",
           "allocation.policies.unpriced_charge_usd_nanos"},
          {"", absl::StrCat(limits(""), limits("")),
           "allocation.limits[1].name"},
          {"", limits("name: 'A'"), "allocation.limits[0].name"},
          {"", limits("unit: UNIT_UNSPECIFIED"), "allocation.limits[0].unit"},
          {"", limits("unit: 9"), "allocation.limits[0].unit"},
          {"", limits("cap: -1"), "allocation.limits[0].cap"},
          {"", limits("cap: 2305843009213693953"), "allocation.limits[0].cap"},
          {"", "allocation { limits { name: 'a' unit: UNIT_TOKENS } }",
           "allocation.limits[0].window"},
          {"", limits("warn_percent: [50, 50]"),
           "allocation.limits[0].warn_percent[1]"},
          {"", limits("warn_percent: [90, 50]"),
           "allocation.limits[0].warn_percent[1]"},
          {"", limits("warn_percent: 0"),
           "allocation.limits[0].warn_percent[0]"},
          {"", limits("warn_percent: 1001"),
           "allocation.limits[0].warn_percent[0]"},
          {"", limits("warn_percent: [1, 2, 3, 4, 5, 6, 7, 8, 9]"),
           "allocation.limits[0].warn_percent"},
      });
}

TEST_F(BadInputTest, Windows) {
  const auto window = [](const std::string& text) {
    return absl::StrCat("limit { window { ", text, " } }");
  };
  ExpectRefused(
      *admin_, &v1::BudgetAdmin::Stub::SetLimit,
      absl::StrCat("path: 'acme' limit { name: 'a' unit: UNIT_TOKENS "
                   "window { lifetime { } } } ",
                   kRequestId),
      {
          {"limit", "", "limit.name"},
          {"", window("calendar { }"), "limit.window.calendar.period"},
          {"", window("calendar { period: 77 }"),
           "limit.window.calendar.period"},
          {"",
           window("calendar { period: CALENDAR_PERIOD_DAY "
                  "time_zone: 'Mars/Olympus' }"),
           "limit.window.calendar.time_zone"},
          {"",
           window("calendar { period: CALENDAR_PERIOD_DAY "
                  "time_zone: '/etc/passwd' }"),
           "limit.window.calendar.time_zone"},
          {"",
           window("calendar { period: CALENDAR_PERIOD_DAY "
                  "time_zone: 'localtime' }"),
           "limit.window.calendar.time_zone"},
          {"", window("rolling { }"), "limit.window.rolling.duration"},
          {"", window("rolling { duration { seconds: 5 nanos: 1000 } }"),
           "limit.window.rolling.duration"},
          {"", window("rolling { duration { seconds: 31622401 } }"),
           "limit.window.rolling.duration"},
          {"", "etag: 'abc'", "etag"},
          {"", "etag: '-1'", "etag"},
          {"", "etag: '01'", "etag"},
          {"path", "", "path"},
          {"request_id", "", "request_id"},
      });
}

TEST_F(BadInputTest, AdministrativeChanges) {
  const std::string reason = std::string(501, 'x');
  ExpectRefused(
      *admin_, &v1::BudgetAdmin::Stub::UpdateAllocation,
      absl::StrCat("allocation { path: 'acme' } "
                   "update_mask { paths: 'display_name' } etag: '1' ",
                   kRequestId),
      {
          {"allocation", "", "allocation.path"},
          {"update_mask", "", "update_mask"},
          {"", "update_mask { paths: 'limits' }", "update_mask.paths[1]"},
          {"etag", "", "etag"},
          {"request_id", "", "request_id"},
          {"", "allocation { display_name: '" + std::string(201, 'x') + "' }",
           "allocation.display_name"},
      });
  ExpectRefused(*admin_, &v1::BudgetAdmin::Stub::ArchiveAllocation,
                absl::StrCat("path: 'acme' etag: '1' ", kRequestId),
                {{"etag", "", "etag"}, {"path", "", "path"}});
  ExpectRefused(*admin_, &v1::BudgetAdmin::Stub::RemoveLimit,
                absl::StrCat("path: 'acme' limit: 'a' etag: '1' ", kRequestId),
                {{"limit", "", "limit"}, {"etag", "", "etag"}});
  ExpectRefused(
      *admin_, &v1::BudgetAdmin::Stub::FreezeAllocation,
      absl::StrCat("path: 'acme' reason: 'r' ", kRequestId),
      {{"reason", "", "reason"}, {"", "reason: '" + reason + "'", "reason"}});
  ExpectRefused(*admin_, &v1::BudgetAdmin::Stub::UnfreezeAllocation,
                absl::StrCat("path: 'acme' ", kRequestId),
                {{"path", "", "path"}, {"request_id", "", "request_id"}});
  ExpectRefused(
      *admin_, &v1::BudgetAdmin::Stub::AdjustBalance,
      absl::StrCat("path: 'acme' unit: UNIT_TOKENS amount: 1 reason: 'r' ",
                   kRequestId),
      {
          {"unit", "", "unit"},
          {"amount", "", "amount"},
          {"", "amount: -2305843009213693953", "amount"},
          {"reason", "", "reason"},
          {"", "limit: 'A'", "limit"},
      });
}

TEST_F(BadInputTest, TransferCap) {
  ExpectRefused(*admin_, &v1::BudgetAdmin::Stub::TransferCap,
                absl::StrCat("from { path: 'acme/a' limit: 'l' etag: '1' } "
                             "to { path: 'acme/b' limit: 'l' etag: '1' } "
                             "unit: UNIT_TOKENS amount: 1 ",
                             kRequestId),
                {
                    {"from", "", "from.path"},
                    {"to", "", "to.path"},
                    {"", "to { path: 'acme/a' }", "to.path"},
                    {"", "to { path: 'acme/a/b' }", "to.path"},
                    {"", "from { etag: 'x' }", "from.etag"},
                    {"", "to { limit: '' }", "to.limit"},
                    {"unit", "", "unit"},
                    {"amount", "", "amount"},
                    {"", "amount: -1", "amount"},
                });
}

TEST_F(BadInputTest, Prices) {
  ExpectRefused(
      *admin_, &v1::BudgetAdmin::Stub::SetPrices,
      absl::StrCat("root: 'acme' ", kRequestId),
      {
          {"root", "", "root"},
          {"", "root: 'acme/a'", "root"},
          {"", "replaces_version: -1", "replaces_version"},
          {"", "prices { }", "prices[0].model"},
          {"", "prices { model: 'm' } prices { model: 'm' }",
           "prices[1].model"},
          {"", "prices { model: 'm' meters { meter: 'M' } }",
           "prices[0].meters[0].meter"},
          {"",
           "prices { model: 'm' meters { meter: 'a' "
           "usd_nanos_per_million: -1 } }",
           "prices[0].meters[0].usd_nanos_per_million"},
          {"",
           "prices { model: 'm' meters { meter: 'a' } meters { meter: 'a' } }",
           "prices[0].meters[1].meter"},
          {"", Repeated("prices { model: 'm#' } ", 2001), "prices"},
      });
  ExpectRefused(*admin_, &v1::BudgetAdmin::Stub::GetPrices, "root: 'acme'",
                {{"", "version: -1", "version"}, {"root", "", "root"}});
}

TEST_F(BadInputTest, Reads) {
  ExpectRefused(*budget_, &v1::BudgetService::Stub::QueryRemaining,
                "allocation: 'acme'",
                {{"allocation", "", "allocation"},
                 {"", "allocation: 'a b'", "allocation"}});
  ExpectRefused(*budget_, &v1::BudgetService::Stub::ListReservations,
                "allocation: 'acme'",
                {
                    {"allocation", "", "allocation"},
                    {"", "state: 9", "state"},
                    {"", "page_size: -1", "page_size"},
                    {"", "page_size: 1001", "page_size"},
                    {"", "page_token: 'x'", "page_token"},
                });
  ExpectRefused(*admin_, &v1::BudgetAdmin::Stub::ListAllocations, "",
                {{"", "under: '/'", "under"},
                 {"", "page_size: 1001", "page_size"},
                 {"", "page_token: '!!'", "page_token"}});
  ExpectRefused(*ledger_, &v1::LedgerService::Stub::ListLedgerEntries,
                "root: 'acme'",
                {
                    {"root", "", "root"},
                    {"", "after_sequence: -1", "after_sequence"},
                    {"", "reservation_id: 'x'", "reservation_id"},
                    {"", "page_token: 'x'", "page_token"},
                });
  ExpectRefused(
      *ledger_, &v1::LedgerService::Stub::ListDenials, "allocation: 'acme'",
      {{"allocation", "", "allocation"}, {"", "page_size: -1", "page_size"}});
  ExpectRefused(*admin_, &v1::BudgetAdmin::Stub::Verify, "root: 'acme'",
                {
                    {"root", "", "root"},
                    {"", "root: 'acme/a'", "root"},
                    {"", "expected {}", "expected[0].sequence"},
                    {"", "expected { sequence: 1 } expected { sequence: 2 "
                         "reservation_id: 'x' }",
                     "expected[1].reservation_id"},
                    {"", Repeated("expected { sequence: 1 } ", 10'001),
                     "expected"},
                    {"", "checkpoints { hash: 'short' }", "checkpoints[0].hash"},
                    {"", "checkpoints { root: 'other' }", "checkpoints[0].root"},
                    {"", "checkpoints { sequence: -1 }",
                     "checkpoints[0].sequence"},
                    {"", Repeated("checkpoints { } ", 1001), "checkpoints"},
                });
  ExpectRefused(*ledger_, &v1::LedgerService::Stub::GetCheckpoint,
                "root: 'acme'",
                {{"root", "", "root"}, {"", "root: 'acme/a'", "root"}});
}

// Sends bytes that no client library of ours would make.
class RawBytesTest : public BadInputTest {
 protected:
  grpc::Status Send(const std::string& method, const std::string& bytes) {
    grpc::TemplatedGenericStub<grpc::ByteBuffer, grpc::ByteBuffer> stub(
        channel_);
    grpc::ClientContext context;
    grpc::CompletionQueue queue;
    grpc::Slice slice(bytes);
    const grpc::ByteBuffer request(&slice, 1);
    grpc::ByteBuffer response;
    grpc::Status status;
    auto call = stub.PrepareUnaryCall(
        &context, "/budget.v1.BudgetService/" + method, request, &queue);
    call->StartCall();
    call->Finish(&response, &status, this);
    void* tag = nullptr;
    bool ok = false;
    EXPECT_TRUE(queue.Next(&tag, &ok));
    return status;
  }

  static std::string Replace(std::string bytes, const std::string& from,
                             const std::string& to) {
    return absl::StrReplaceAll(bytes, {{from, to}});
  }
};

TEST_F(RawBytesTest, TextThatIsNotUtf8NamesItsField) {
  const auto request = FromText<v1::ReserveRequest>(absl::StrCat(
      kA,
      "allocations: 'acme/a' allocations: 'acme/b' "
      "tags { key: 'model' value: 'BAD' } usage { model: 'WRONG' }"));
  const std::string good = request.SerializeAsString();
  ExpectField(Send("Reserve", Replace(good, "acme/b", "acme/\xff")),
              "allocations[1]");
  ExpectField(Send("Reserve", Replace(good, "BAD", "\xc3(x")), "tags.value");
  ExpectField(Send("Reserve", Replace(good, "WRONG", "\xed\xa0\x80zz")),
              "usage.model");
  ExpectField(Send("QueryRemaining", "\x0a\x01\xff"), "allocation");
}

TEST_F(RawBytesTest, BytesThatAreNoMessageAreRefused) {
  ExpectField(Send("Reserve", "\xff\xff\xff"), "request");
}

}  // namespace
}  // namespace budget::testing
