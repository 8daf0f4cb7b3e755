// TLS with real handshakes: who is let in, who is not, and certificates that
// are replaced while calls go on.

#include "server/app/tls.h"

#include <grpc/grpc_security_constants.h>
#include <grpcpp/grpcpp.h>

#include <atomic>
#include <filesystem>
#include <memory>
#include <ostream>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "budget/client.h"
#include "budget/security.h"
#include "budget/v1/budget_service.grpc.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "server/access/certificate.h"
#include "server/base/clock.h"
#include "server/lane/dispatcher.h"
#include "server/rpc/peer.h"
#include "server/rpc/server.h"
#include "server/store/memory/memory_store.h"
#include "tests/support/scratch_dir.h"
#include "tests/support/test_ca.h"

namespace budget::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

// Says who calls, in place of a reservation's id.
class WhoService final : public v1::BudgetService::Service {
 public:
  explicit WhoService(const std::string& trust_domain)
      : trust_domain_(trust_domain) {}

  grpc::Status Reserve(grpc::ServerContext* context,
                       const v1::ReserveRequest*,
                       v1::ReserveResponse* response) override {
    const auto principal = PrincipalOfPeer(
        PeerNamesOf(*context->auth_context()), trust_domain_);
    response->mutable_reservation()->set_reservation_id(
        principal.ok() ? *principal : "nobody");
    return grpc::Status::OK;
  }

 private:
  const std::string trust_domain_;
};

std::string FirstOf(const grpc::AuthContext& context, const char* name) {
  const auto values = context.FindPropertyValues(name);
  return values.empty() ? std::string()
                        : std::string(values[0].data(), values[0].size());
}

class TlsTest : public ::testing::Test {
 protected:
  TlsTest() {
    PutServerPair(server_ca_.IssueServer());
    ReplaceFile(client_ca_file_, client_ca_.certificate());
    ReplaceFile(roots_file_, server_ca_.certificate());
    config_.tls_cert = cert_file_;
    config_.tls_key = key_file_;
    trusting_.tls = true;
    trusting_.roots_file = roots_file_;
  }

  void PutServerPair(const PemPair& pair) {
    ReplaceFile(cert_file_, pair.certificate);
    ReplaceFile(key_file_, pair.key);
  }

  void AskForCertificates(ClientAuth auth) {
    config_.tls_client_auth = auth;
    config_.tls_client_ca = client_ca_file_;
  }

  void OpenTls() {
    auto tls = ServerTls::Open(config_, SystemClock());
    ASSERT_TRUE(tls.ok()) << tls.status();
    tls_ = *std::move(tls);
  }

  // Serves WhoService.
  void Serve() {
    OpenTls();
    who_ = std::make_unique<WhoService>(config_.spiffe_trust_domain);
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", tls_->credentials(), &port);
    builder.RegisterService(who_.get());
    who_server_ = builder.BuildAndStart();
    ASSERT_NE(who_server_, nullptr);
    endpoint_ = absl::StrCat("127.0.0.1:", port);
  }

  // A client that shows a certificate of `ca`.
  Security Showing(const TestCa& ca, const CertificateSpec& spec) {
    const PemPair pair = ca.Issue(spec);
    Security security = trusting_;
    security.certificate_file = scratch_ / "client.crt";
    security.key_file = scratch_ / "client.key";
    ReplaceFile(security.certificate_file, pair.certificate);
    ReplaceFile(security.key_file, pair.key);
    return security;
  }

  // A connection that no other channel shares, and that shows every failure.
  std::shared_ptr<grpc::Channel> Connect(const Security& security) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
    return ChannelOpener::Make(security)
        .value()
        .Open(endpoint_, arguments)
        .value();
  }

  // Who the server says calls, or why it was not reached.
  std::string Who(const Security& security) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    v1::ReserveResponse response;
    const grpc::Status status =
        v1::BudgetService::NewStub(Connect(security))
            ->Reserve(&context, v1::ReserveRequest(), &response);
    if (status.ok()) return response.reservation().reservation_id();
    return status.error_code() == grpc::StatusCode::UNAVAILABLE
               ? "refused"
               : absl::StrCat("error ", status.error_code());
  }

  // The certificate that a new connection is shown; empty if there is none.
  std::string ShownTo(const std::shared_ptr<grpc::Channel>& channel) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
    v1::ReserveResponse response;
    v1::BudgetService::NewStub(channel)->Reserve(
        &context, v1::ReserveRequest(), &response);
    const auto peer = context.auth_context();
    return peer == nullptr ? ""
                           : FirstOf(*peer, GRPC_X509_PEM_CERT_PROPERTY_NAME);
  }
  std::string Shown() { return ShownTo(Connect(trusting_)); }

  const ScratchDir scratch_;
  const std::string cert_file_ = scratch_ / "server.crt";
  const std::string key_file_ = scratch_ / "server.key";
  const std::string client_ca_file_ = scratch_ / "client-ca.crt";
  const std::string roots_file_ = scratch_ / "roots.crt";
  const TestCa server_ca_{"servers"};
  const TestCa client_ca_{"clients"};
  Config config_;
  Security trusting_;  // a client that trusts the server's authority
  std::unique_ptr<ServerTls> tls_;
  std::unique_ptr<WhoService> who_;
  std::unique_ptr<grpc::Server> who_server_;
  std::string endpoint_;
};

const CertificateSpec kGateway{.names = {"URI:spiffe://prod/gateway"}};

TEST_F(TlsTest, AClientThatTrustsTheAuthorityIsServed) {
  Serve();
  EXPECT_EQ(Who(trusting_), "nobody");
}

TEST_F(TlsTest, PlainTextIsNotServed) {
  Serve();
  EXPECT_EQ(Who({}), "refused");
}

TEST_F(TlsTest, AServerOfAnotherAuthorityIsNotTrusted) {
  Serve();
  ReplaceFile(roots_file_, client_ca_.certificate());
  EXPECT_EQ(Who(trusting_), "refused");
}

TEST_F(TlsTest, TheCertificateIsForTheNameThatIsAskedFor) {
  PutServerPair(server_ca_.Issue({.names = {"DNS:budget.example"}}));
  Serve();
  EXPECT_EQ(Who(trusting_), "refused");
  trusting_.server_name = "budget.example";
  EXPECT_EQ(Who(trusting_), "nobody");
}

TEST_F(TlsTest, AServerThatExpiredMeanwhileIsNotTrusted) {
  // Valid when it is read, and not by the time of the handshake.
  PutServerPair(
      server_ca_.Issue({.names = {"IP:127.0.0.1"},
                        .not_after = absl::Now() + absl::Seconds(3)}));
  Serve();
  EXPECT_TRUE(Eventually([&] { return Who(trusting_) == "refused"; }));
}

TEST_F(TlsTest, AClientCertificateSaysWhoCalls) {
  AskForCertificates(ClientAuth::kRequire);
  Serve();
  EXPECT_EQ(Who(Showing(client_ca_, kGateway)), "spiffe://prod/gateway");
  EXPECT_EQ(Who(Showing(client_ca_, {.names = {"DNS:gw.example"}})),
            "dns:gw.example");
}

TEST_F(TlsTest, WhereCertificatesAreRequestedACallerMayHaveNone) {
  AskForCertificates(ClientAuth::kRequest);
  Serve();
  EXPECT_EQ(Who(trusting_), "nobody");
  EXPECT_EQ(Who(Showing(client_ca_, kGateway)), "spiffe://prod/gateway");
  EXPECT_EQ(Who(Showing(server_ca_, kGateway)), "refused");
}

TEST_F(TlsTest, WhereNoneAreAskedForACertificateIsNoProof) {
  Serve();
  EXPECT_EQ(Who(Showing(client_ca_, kGateway)), "nobody");
}

TEST_F(TlsTest, WhereCertificatesAreRequiredACallerHasOne) {
  AskForCertificates(ClientAuth::kRequire);
  Serve();
  EXPECT_EQ(Who(trusting_), "refused");
}

TEST_F(TlsTest, ACertificateOfAnotherAuthorityIsRefused) {
  AskForCertificates(ClientAuth::kRequire);
  Serve();
  EXPECT_EQ(Who(Showing(server_ca_, kGateway)), "refused");
  EXPECT_EQ(Who(Showing(TestCa("clients"), kGateway)), "refused");
}

struct BadCertificate {
  const char* name;
  CertificateSpec spec;
};

void PrintTo(const BadCertificate& bad, std::ostream* out) {
  *out << bad.name;
}

class BadCertificateTest
    : public TlsTest,
      public ::testing::WithParamInterface<BadCertificate> {};

TEST_P(BadCertificateTest, IsRefusedAtTheHandshake) {
  AskForCertificates(ClientAuth::kRequire);
  config_.spiffe_trust_domain = "prod";
  Serve();
  EXPECT_EQ(Who(Showing(client_ca_, GetParam().spec)), "refused");
  EXPECT_EQ(Who(Showing(client_ca_, kGateway)), "spiffe://prod/gateway");
}

INSTANTIATE_TEST_SUITE_P(
    All, BadCertificateTest,
    ::testing::Values(
        BadCertificate{"Expired",
                       {.names = kGateway.names,
                        .not_after = absl::Now() - absl::Minutes(1)}},
        BadCertificate{"NotValidYet",
                       {.names = kGateway.names,
                        .not_before = absl::Now() + absl::Hours(1)}},
        BadCertificate{"SeveralUris",
                       {.names = {"URI:spiffe://prod/gateway",
                                  "URI:spiffe://prod/admin"}}},
        BadCertificate{"MaySign", {.names = kGateway.names, .is_ca = true}},
        BadCertificate{"MaySignByUsage",
                       {.names = kGateway.names,
                        .key_usage = "digitalSignature,keyCertSign"}},
        BadCertificate{"OtherTrustDomain",
                       {.names = {"URI:spiffe://test/gateway"}}},
        BadCertificate{"NoPath", {.names = {"URI:spiffe://prod"}}},
        BadCertificate{"NoSpiffeId", {.names = {"DNS:prod"}}},
        BadCertificate{"NoNames", {}}),
    [](const auto& info) { return info.param.name; });

// ---- what is wrong at the start ----

class TlsStartTest : public TlsTest {
 protected:
  std::string Error() {
    const auto tls = ServerTls::Open(config_, SystemClock());
    EXPECT_EQ(tls.status().code(), absl::StatusCode::kFailedPrecondition);
    return std::string(tls.status().message());
  }
};

TEST_F(TlsStartTest, AMissingFileIsNamedWithItsFlag) {
  std::filesystem::remove(key_file_);
  EXPECT_THAT(Error(), AllOf(HasSubstr("--tls-key"), HasSubstr(key_file_),
                             HasSubstr("cannot be read"), HasSubstr("give")));
  std::filesystem::remove(cert_file_);
  EXPECT_THAT(Error(), HasSubstr("--tls-cert"));
}

TEST_F(TlsStartTest, AMissingAuthorityIsNamedWithItsFlag) {
  AskForCertificates(ClientAuth::kRequire);
  ReplaceFile(client_ca_file_, "nothing of use");
  EXPECT_THAT(Error(),
              AllOf(HasSubstr("--tls-client-ca"), HasSubstr("no certificate")));
  std::filesystem::remove(client_ca_file_);
  EXPECT_THAT(Error(), HasSubstr("--tls-client-ca"));
}

TEST_F(TlsStartTest, AKeyThatDoesNotFitIsRefused) {
  ReplaceFile(key_file_, server_ca_.IssueServer().key);
  EXPECT_THAT(Error(), HasSubstr("do not belong together"));
}

TEST_F(TlsStartTest, AnExpiredCertificateIsRefused) {
  PutServerPair(server_ca_.Issue({.not_after = absl::Now() - absl::Hours(1)}));
  EXPECT_THAT(Error(), AllOf(HasSubstr("expired"), HasSubstr("issue a new")));
}

// ---- certificates that are replaced ----

TEST_F(TlsTest, ANewCertificateIsShownToNewConnections) {
  Serve();
  const std::string before = Shown();
  const PemPair next = server_ca_.Issue(
      {.names = {"IP:127.0.0.1"},
       .not_after = absl::FromUnixSeconds(4'000'000'000)});
  PutServerPair(next);
  EXPECT_TRUE(Eventually([&] { return Shown() != before; }));
  EXPECT_EQ(Shown(), next.certificate);
  EXPECT_EQ(tls_->certificate_expiry(), absl::FromUnixSeconds(4'000'000'000));
  EXPECT_EQ(CertificateExpiry(cert_file_).value(), tls_->certificate_expiry());
}

TEST_F(TlsTest, APairThatCannotBeUsedIsLeftAloneUntilItCan) {
  Serve();
  const std::string before = Shown();
  const PemPair next = server_ca_.IssueServer();
  ReplaceFile(cert_file_, next.certificate);
  EXPECT_THAT(tls_->Reload().message(), HasSubstr("do not belong together"));
  EXPECT_EQ(Shown(), before);
  ReplaceFile(cert_file_, next.certificate.substr(0, 200));
  EXPECT_THAT(tls_->Reload().message(), HasSubstr("cannot be read"));
  EXPECT_EQ(Shown(), before);
  PutServerPair(server_ca_.Issue({.not_after = absl::Now() - absl::Hours(1)}));
  EXPECT_THAT(tls_->Reload().message(), HasSubstr("expired"));
  EXPECT_EQ(Shown(), before);
  PutServerPair(next);
  EXPECT_TRUE(Eventually([&] { return Shown() == next.certificate; }));
}

TEST_F(TlsTest, NewAuthoritiesOfClientsAreTaken) {
  AskForCertificates(ClientAuth::kRequire);
  Serve();
  const TestCa next("next clients");
  const Security client = Showing(next, kGateway);
  EXPECT_EQ(Who(client), "refused");
  ReplaceFile(client_ca_file_, client_ca_.certificate() + next.certificate());
  EXPECT_TRUE(
      Eventually([&] { return Who(client) == "spiffe://prod/gateway"; }));
  EXPECT_EQ(Who(Showing(client_ca_, kGateway)), "spiffe://prod/gateway");
}

// The service itself over TLS.
class TlsRotationTest : public TlsTest {
 protected:
  void Serve(absl::Duration connection_age_max = absl::Seconds(1)) {
    OpenTls();
    RpcOptions options;
    options.credentials = tls_->credentials();
    options.connection_age_max = connection_age_max;
    options.connection_age_grace = absl::Seconds(1);
    auto server =
        RpcServer::Start(store_, dispatcher_, SystemClock(), options);
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    endpoint_ = absl::StrCat("127.0.0.1:", server_->port());
    v1::CreateAllocationRequest request;
    request.mutable_allocation()->set_path("acme");
    ASSERT_TRUE(MakeClient().CreateAllocation(request).ok());
  }

  Client MakeClient() {
    return Client(
        *MakeConnection({.endpoints = {endpoint_}, .security = trusting_}));
  }

  // Reserves and releases until it is told to stop; the number of failures.
  int Load(const std::atomic<bool>& stop, std::atomic<int>& done) {
    Client client = MakeClient();
    int failures = 0;
    while (!stop) {
      v1::ReserveRequest request;
      request.add_allocations("acme");
      request.mutable_amounts()->set_tokens(1);
      const auto held = client.Reserve(request);
      if (!held.ok()) {
        ADD_FAILURE() << held.status();
        ++failures;
        continue;
      }
      v1::ReleaseRequest release;
      release.set_root("acme");
      release.set_reservation_id(held->reservation().reservation_id());
      failures += client.Release(release).ok() ? 0 : 1;
      ++done;
    }
    return failures;
  }

  // Puts another pair in place of the server's while calls go on; `done` counts
  // them. Returns the new certificate.
  std::string Replace(const std::atomic<int>& done) {
    const PemPair next = server_ca_.IssueServer();
    const int before = done;
    // The certificate first: for a while it has the key of another.
    ReplaceFile(cert_file_, next.certificate);
    EXPECT_TRUE(Eventually([&] { return done > before + 10; }));
    ReplaceFile(key_file_, next.key);
    EXPECT_TRUE(Eventually([&] { return Shown() == next.certificate; }));
    return next.certificate;
  }

  MemoryStore store_{{.clock = [] { return absl::Now(); }}};
  Dispatcher dispatcher_{store_, SystemClock(), nullptr, {}};
  std::unique_ptr<RpcServer> server_;
};

TEST_F(TlsRotationTest, NoCallFailsWhileCertificatesAreReplaced) {
  Serve();
  std::atomic<bool> stop = false;
  std::atomic<int> done = 0;
  std::atomic<int> failures = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i) {
    callers.emplace_back([&] { failures += Load(stop, done); });
  }
  for (int i = 0; i < 3; ++i) Replace(done);
  stop = true;
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(failures, 0);
  EXPECT_GT(done, 0);
}

// Nothing is repeated here, so that a call that is dropped shows.
TEST_F(TlsRotationTest, AConnectionLosesNoCallWhileCertificatesAreReplaced) {
  Serve(absl::Hours(1));
  const auto channel = Connect(trusting_);
  const std::string before = ShownTo(channel);
  std::atomic<bool> stop = false;
  std::atomic<int> done = 0;
  std::thread caller([&] {
    const auto stub = v1::BudgetService::NewStub(channel);
    v1::QueryRemainingRequest request;
    request.set_allocation("acme");
    while (!stop) {
      grpc::ClientContext context;
      v1::QueryRemainingResponse response;
      const auto status = stub->QueryRemaining(&context, request, &response);
      EXPECT_TRUE(status.ok()) << status.error_message();
      ++done;
    }
  });
  for (int i = 0; i < 3; ++i) EXPECT_NE(Replace(done), before);
  stop = true;
  caller.join();
  // All of it went over the one connection.
  EXPECT_EQ(ShownTo(channel), before);
}

TEST_F(TlsRotationTest, AnOldConnectionEndsWithItsAge) {
  Serve();
  const auto channel = Connect(trusting_);
  const std::string before = ShownTo(channel);
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(1)));
  v1::WatchRemainingRequest request;
  request.set_allocation("acme");
  const auto stream =
      v1::BudgetService::NewStub(channel)->WatchRemaining(&context, request);
  const PemPair next = server_ca_.IssueServer();
  PutServerPair(next);
  // A call keeps its connection no longer than the grace.
  v1::WatchRemainingResponse message;
  while (stream->Read(&message)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_TRUE(Eventually([&] { return ShownTo(channel) == next.certificate; }));
  EXPECT_NE(before, next.certificate);
}

}  // namespace
}  // namespace budget::testing
