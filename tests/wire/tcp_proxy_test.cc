// The proxy before a server whose protocol it does not know.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <string>

#include "tests/wire/proxy.h"
#include "tests/wire/tcp_socket.h"

namespace budget::wire {
namespace {

class TcpProxyTest : public ::testing::Test {
 protected:
  ~TcpProxyTest() override {
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
  // Waits for the end of a connection, whatever comes before it: 0 where it was
  // closed.
  static int EndOf(int socket) {
    char byte;
    while (true) {
      const ssize_t got = recv(socket, &byte, 1, 0);
      if (got <= 0) return got < 0 ? errno : 0;
    }
  }

  const int listener_ = ListenTcp().value();
  const std::unique_ptr<Proxy> proxy_ =
      Proxy::StartTcp(EndpointOf(listener_)).value();
  const int client_ = ConnectTcp(proxy_->address()).value();
  const int server_ = accept(listener_, nullptr, nullptr);
};

TEST_F(TcpProxyTest, ForwardsBothWays) {
  Send(client_, "ask");
  EXPECT_EQ(Receive(server_, 3), "ask");
  Send(server_, "tell");
  EXPECT_EQ(Receive(client_, 4), "tell");
}

TEST_F(TcpProxyTest, CutsARequestWithAReset) {
  proxy_->CutNext(Cut::kInRequest);
  Send(client_, "request.");
  EXPECT_EQ(EndOf(client_), ECONNRESET);
  EXPECT_EQ(EndOf(server_), ECONNRESET);
  EXPECT_TRUE(proxy_->HasCut());
}

TEST_F(TcpProxyTest, CutsAnAnswerWithAReset) {
  proxy_->CutNext(Cut::kInReply);
  Send(client_, "ask");
  EXPECT_EQ(Receive(server_, 3), "ask");
  EXPECT_FALSE(proxy_->HasCut());
  Send(server_, "answer");
  EXPECT_EQ(EndOf(client_), ECONNRESET);
  EXPECT_EQ(EndOf(server_), ECONNRESET);
  EXPECT_TRUE(proxy_->HasCut());
}

TEST_F(TcpProxyTest, SwallowsRequestsUntilItIsHealed) {
  proxy_->SetLink({.swallows_requests = true});
  Send(client_, "ask");
  Send(server_, "tell");
  EXPECT_EQ(Receive(client_, 4), "tell");
  proxy_->SetLink({});
  EXPECT_EQ(Receive(server_, 1), "");
  EXPECT_EQ(EndOf(client_), 0);
}

TEST_F(TcpProxyTest, AServerThatIsGoneIsFoundAgain) {
  EXPECT_EQ(shutdown(server_, SHUT_RDWR), 0);
  EXPECT_EQ(EndOf(client_), 0);
  const int again = ConnectTcp(proxy_->address()).value();
  const int server = accept(listener_, nullptr, nullptr);
  Send(again, "ask");
  EXPECT_EQ(Receive(server, 3), "ask");
  for (int socket : {again, server}) close(socket);
}

}  // namespace
}  // namespace budget::wire
