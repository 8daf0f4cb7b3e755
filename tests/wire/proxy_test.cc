// The proxy between a client and a server that the test plays both of.

#include "tests/wire/proxy.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "tests/support/scratch_dir.h"
#include "tests/wire/made_message.h"
#include "tests/wire/unix_socket.h"

namespace budget::wire {
namespace {

std::string Text(const std::string& text) { return text + '\0'; }

const std::string kStartup = MadeMessage('-', "user").substr(1);
const std::string kWrite = MadeMessage('B', Text("") + Text("write"));
const std::string kCommit =
    MadeMessage('B', Text("") + Text("commit")) + MadeMessage('E', Text("") + "....");
const std::string kSync = MadeMessage('S', "");
const std::string kWritten = MadeMessage('C', Text("UPDATE 1"));
const std::string kCommitted = MadeMessage('C', Text("COMMIT"));
const std::string kRolledBack = MadeMessage('C', Text("ROLLBACK"));
const std::string kFailed = MadeMessage('E', Text("C40001") + '\0');

class ProxyTest : public ::testing::Test {
 protected:
  ProxyTest() {
    listener_ = *ListenUnix(scratch_ / "server");
    proxy_ = *Proxy::Start(scratch_.path(), scratch_ / "server");
    client_ = *ConnectUnix(scratch_ / ".s.PGSQL.5432");
    server_ = accept(listener_, nullptr, nullptr);
    Send(client_, kStartup);
    EXPECT_EQ(Receive(server_, kStartup.size()), kStartup);
  }
  ~ProxyTest() override {
    for (int socket : {client_, server_, listener_}) close(socket);
  }

  static void Send(int socket, const std::string& bytes) {
    EXPECT_EQ(send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(bytes.size()));
  }
  static std::string Receive(int socket, size_t size) {
    std::string bytes(size, '\0');
    const ssize_t got = recv(socket, bytes.data(), size, MSG_WAITALL);
    bytes.resize(got < 0 ? 0 : static_cast<size_t>(got));
    return bytes;
  }
  // Everything up to the end of the connection.
  static std::string ReceiveAll(int socket) { return Receive(socket, 100'000); }

  testing::ScratchDir scratch_;
  int listener_ = -1;
  std::unique_ptr<Proxy> proxy_;
  int client_ = -1;
  int server_ = -1;
};

TEST_F(ProxyTest, ForwardsBothWays) {
  Send(client_, kWrite + kCommit + kSync);
  EXPECT_EQ(Receive(server_, (kWrite + kCommit + kSync).size()),
            kWrite + kCommit + kSync);
  Send(server_, kWritten + kCommitted);
  EXPECT_EQ(Receive(client_, (kWritten + kCommitted).size()),
            kWritten + kCommitted);
}

TEST_F(ProxyTest, CutsBeforeCommitButAfterWhatCameInItsFlight) {
  proxy_->CutNext(Cut::kBeforeCommit);
  Send(client_, kWrite + kCommit + kSync);
  EXPECT_EQ(ReceiveAll(server_), kWrite);
  EXPECT_EQ(ReceiveAll(client_), "");
  EXPECT_TRUE(proxy_->HasCut());
}

TEST_F(ProxyTest, CutsAfterTheWholeCommitWasForwarded) {
  proxy_->CutNext(Cut::kAfterCommit);
  Send(client_, kWrite + kCommit + kSync);
  EXPECT_EQ(ReceiveAll(server_), kWrite + kCommit + kSync);
  EXPECT_EQ(ReceiveAll(client_), "");
  EXPECT_TRUE(proxy_->HasCut());
}

TEST_F(ProxyTest, CutsInTheMiddleOfTheAnswerToCommit) {
  proxy_->CutNext(Cut::kInReply);
  Send(client_, kWrite + kCommit + kSync);
  Receive(server_, (kWrite + kCommit + kSync).size());
  EXPECT_FALSE(proxy_->HasCut());
  Send(server_, kWritten + kCommitted);
  EXPECT_EQ(ReceiveAll(client_),
            kWritten + kCommitted.substr(0, kCommitted.size() / 2));
  EXPECT_EQ(ReceiveAll(server_), "");
  EXPECT_TRUE(proxy_->HasCut());
}

TEST_F(ProxyTest, ACommitThatFailsIsNotCutInItsAnswerButTheNextOneIs) {
  proxy_->CutNext(Cut::kInReply);
  for (const std::string& answer : {kFailed, kRolledBack}) {
    Send(client_, kCommit + kSync);
    Receive(server_, (kCommit + kSync).size());
    Send(server_, answer);
    EXPECT_EQ(Receive(client_, answer.size()), answer);
    EXPECT_FALSE(proxy_->HasCut());
  }
  Send(client_, kCommit + kSync);
  Receive(server_, (kCommit + kSync).size());
  Send(server_, kCommitted);
  EXPECT_EQ(ReceiveAll(client_), kCommitted.substr(0, kCommitted.size() / 2));
  EXPECT_TRUE(proxy_->HasCut());
}

TEST_F(ProxyTest, ACutThatIsNotWantedAnyMoreIsNotMade) {
  proxy_->CutNext(Cut::kInReply);
  Send(client_, kCommit + kSync);
  Receive(server_, (kCommit + kSync).size());
  proxy_->CutNext(Cut::kNever);
  Send(server_, kCommitted);
  EXPECT_EQ(Receive(client_, kCommitted.size()), kCommitted);
}

TEST_F(ProxyTest, AFlightAfterTheCommitIsNotCutForIt) {
  Send(client_, kCommit + kSync);
  Receive(server_, (kCommit + kSync).size());
  proxy_->CutNext(Cut::kAfterCommit);
  Send(client_, kWrite + kSync);
  EXPECT_EQ(Receive(server_, (kWrite + kSync).size()), kWrite + kSync);
  EXPECT_FALSE(proxy_->HasCut());
}

TEST_F(ProxyTest, WaitsForACommitThatArrivesInPieces) {
  proxy_->CutNext(Cut::kBeforeCommit);
  const std::string flight = kWrite + kCommit;
  Send(client_, flight.substr(0, kWrite.size() + 3));
  EXPECT_EQ(Receive(server_, kWrite.size()), kWrite);
  EXPECT_FALSE(proxy_->HasCut());
  Send(client_, flight.substr(kWrite.size() + 3));
  EXPECT_EQ(ReceiveAll(server_), "");
  EXPECT_TRUE(proxy_->HasCut());
}

TEST_F(ProxyTest, CutsOneConnectionOnly) {
  proxy_->CutNext(Cut::kBeforeCommit);
  Send(client_, kCommit);
  ReceiveAll(client_);
  const int other = *ConnectUnix(scratch_ / ".s.PGSQL.5432");
  const int server = accept(listener_, nullptr, nullptr);
  Send(other, kStartup + kCommit);
  EXPECT_EQ(Receive(server, (kStartup + kCommit).size()), kStartup + kCommit);
  close(other);
  close(server);
}

TEST_F(ProxyTest, AHalfOpenLinkTellsNobodyUntilItIsHealed) {
  proxy_->SetLink({.swallows_answers = true});
  Send(client_, kWrite);
  EXPECT_EQ(Receive(server_, kWrite.size()), kWrite);
  Send(server_, kWritten);
  Send(client_, kSync);
  EXPECT_EQ(Receive(server_, kSync.size()), kSync);
  char byte;
  EXPECT_LT(recv(client_, &byte, 1, MSG_DONTWAIT), 0);
  EXPECT_EQ(errno, EAGAIN);
  proxy_->SetLink({});
  EXPECT_EQ(ReceiveAll(client_), "");
}

TEST_F(ProxyTest, RequestsThatAreSwallowedNeverArrive) {
  proxy_->SetLink({.swallows_requests = true});
  Send(client_, kWrite);
  Send(server_, kWritten);
  EXPECT_EQ(Receive(client_, kWritten.size()), kWritten);
  proxy_->SetLink({});
  EXPECT_EQ(ReceiveAll(server_), "");
  EXPECT_EQ(ReceiveAll(client_), "");
}

TEST_F(ProxyTest, ASlowLinkKeepsTheOrder) {
  proxy_->SetLink({.delay = absl::Milliseconds(5), .bytes_per_second = 1000});
  Send(client_, kWrite);
  proxy_->SetLink({});
  Send(client_, kSync);
  EXPECT_EQ(Receive(server_, (kWrite + kSync).size()), kWrite + kSync);
}

TEST_F(ProxyTest, GoesToAnotherServer) {
  const int successor = *ListenUnix(scratch_ / "successor");
  proxy_->SetServer(scratch_ / "successor");
  EXPECT_EQ(ReceiveAll(client_), "");
  const int again = *ConnectUnix(scratch_ / ".s.PGSQL.5432");
  const int server = accept(successor, nullptr, nullptr);
  Send(again, kStartup);
  EXPECT_EQ(Receive(server, kStartup.size()), kStartup);
  for (int socket : {again, server, successor}) close(socket);
}

}  // namespace
}  // namespace budget::wire
