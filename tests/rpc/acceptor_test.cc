#include "server/rpc/acceptor.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace budget::testing {
namespace {

using ::testing::HasSubstr;

constexpr int kThreads = 2;
constexpr absl::Duration kLongEnough = absl::Seconds(20);

// A client of 127.0.0.`host`.
class Client {
 public:
  Client(int port, int host = 1) : Client() { Connect(port, host); }
  Client() : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval patience = {.tv_sec = 20, .tv_usec = 0};
    setsockopt(socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience,
               sizeof(patience));
  }

  void Connect(int port, int host = 1) {
    sockaddr_in own = Address(host, 0);
    sockaddr_in there = Address(1, port);
    EXPECT_EQ(bind(socket_.get(), reinterpret_cast<sockaddr*>(&own),
                   sizeof(own)), 0);
    EXPECT_EQ(connect(socket_.get(), reinterpret_cast<sockaddr*>(&there),
                      sizeof(there)), 0);
  }

  // Whether the server ends the connection, before long.
  bool IsClosed() {
    char byte;
    return recv(socket_.get(), &byte, 1, 0) == 0 || errno == ECONNRESET;
  }

  // Whether the server has not ended the connection so far.
  bool IsOpen() {
    char byte;
    return recv(socket_.get(), &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }

  // Sends without end and reads what comes, for else the server waits until it
  // does, and reads no more; whether the server ends the connection, before
  // long. That may be read where it can no longer be written: what is in flight
  // stays so where the server had no room for it.
  bool IsStoppedFromSending() {
    const std::string block(64 << 10, 'x');
    std::string answers(64 << 10, '\0');
    const absl::Time last = absl::Now() + kLongEnough;
    while (absl::Now() < last) {
      pollfd ready = {socket_.get(), POLLIN | POLLOUT, 0};
      poll(&ready, 1, /*timeout_ms=*/1000);
      const ssize_t got =
          recv(socket_.get(), answers.data(), answers.size(), MSG_DONTWAIT);
      if (got == 0 || (got < 0 && errno == ECONNRESET)) return true;
      if (send(socket_.get(), block.data(), block.size(),
               MSG_NOSIGNAL | MSG_DONTWAIT) < 0 && errno != EAGAIN) {
        return errno == EPIPE || errno == ECONNRESET;
      }
    }
    return false;
  }

  bool Send(const std::string& text) {
    return send(socket_.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(text.size());
  }
  char Receive() {
    char byte = 0;
    recv(socket_.get(), &byte, 1, 0);
    return byte;
  }

 private:
  static sockaddr_in Address(int host, int port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<in_port_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + host);
    return address;
  }

  Descriptor socket_;
};

// Stands for gRPC: reads a connection to its end, and answers with the first
// byte of every read.
void ReadToTheEnd(int fd) {
  const Descriptor connection(fd);
  fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
  std::string buffer(1 << 20, '\0');
  while (true) {
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
    if (got <= 0) return;
    send(fd, buffer.data(), 1, MSG_NOSIGNAL);
  }
}

// Each connection on a thread.
class Readers {
 public:
  ~Readers() {
    for (std::thread& thread : threads_) thread.join();
  }

  void Read(int fd, std::function<void()> closed) {
    threads_.emplace_back([fd, closed = std::move(closed)] {
      ReadToTheEnd(fd);
      closed();
    });
  }

 private:
  std::vector<std::thread> threads_;
};

class AcceptorTest : public ::testing::Test {
 protected:
  // On a free port, which it returns.
  int Start(const ConnectionBounds& bounds) {
    connections_.emplace(bounds, meters_, [this](const TurnedAway& away) {
      absl::MutexLock lock(&mutex_);
      told_.push_back(absl::StrCat(away.event, " ", away.address, " ",
                                   away.why));
    });
    auto listening = ListenTcp("127.0.0.1:0");
    EXPECT_TRUE(listening.ok()) << listening.status();
    const int port = listening->port;
    acceptor_ = std::make_unique<Acceptor>(
        *std::move(listening), *connections_,
        std::vector<Acceptor::Hand>(kThreads, [this](int fd) { Hand(fd); }));
    return port;
  }

  void Hand(int fd) {
    if (!hand_on_a_thread_) ReadToTheEnd(fd);
    absl::MutexLock lock(&mutex_);
    if (hand_on_a_thread_) {
      readers_.Read(fd, [this] {
        absl::MutexLock lock(&mutex_);
        ++closed_;
      });
    }
    ++handed_;
  }
  // Until so many were: whoever accepts, on several threads, keeps no order.
  bool Handed(int connections) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return handed_ >= connections;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&enough), kLongEnough);
  }
  bool Closed(int connections) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return closed_ >= connections;
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&enough), kLongEnough);
  }
  bool Told(const std::string& line) {
    absl::MutexLock lock(&mutex_);
    const auto told = [&]() ABSL_SHARED_LOCKS_REQUIRED(mutex_) {
      return std::find(told_.begin(), told_.end(), line) != told_.end();
    };
    return mutex_.AwaitWithTimeout(absl::Condition(&told), kLongEnough);
  }
  int64_t refused(NoRoom why) const {
    return meters_.refused[static_cast<size_t>(why)].value();
  }
  int64_t cut(Cut why) const {
    return meters_.cut[static_cast<size_t>(why)].value();
  }

  bool hand_on_a_thread_ = true;
  ConnectionMeters meters_;
  absl::Mutex mutex_;
  int handed_ ABSL_GUARDED_BY(mutex_) = 0;
  int closed_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> told_ ABSL_GUARDED_BY(mutex_);
  Readers readers_;
  std::optional<Connections> connections_;
  std::unique_ptr<Acceptor> acceptor_;
};

TEST_F(AcceptorTest, HandsOnWhatItAccepts) {
  const int port = Start({});
  Client client(port);
  EXPECT_TRUE(client.Send("a"));
  EXPECT_EQ(client.Receive(), 'a');
  EXPECT_EQ(meters_.open.value(), 1);
}

TEST_F(AcceptorTest, RefusesMoreThanFit) {
  const int port = Start({.connections_max = 2});
  Client first(port);
  Client second(port);
  ASSERT_TRUE(Handed(2));
  Client third(port);
  EXPECT_TRUE(third.IsClosed());
  EXPECT_EQ(refused(NoRoom::kFull), 1);
  EXPECT_TRUE(Told("connection_refused 127.0.0.1 full"));
  EXPECT_TRUE(first.Send("a"));
  EXPECT_EQ(first.Receive(), 'a');
}

TEST_F(AcceptorTest, OneAddressLeavesRoomForOthers) {
  const int port = Start({.per_address_max = 1});
  Client first(port, /*host=*/1);
  ASSERT_TRUE(Handed(1));
  Client second(port, /*host=*/1);
  EXPECT_TRUE(second.IsClosed());
  EXPECT_EQ(refused(NoRoom::kAddress), 1);
  Client other(port, /*host=*/2);
  EXPECT_TRUE(other.Send("b"));
  EXPECT_EQ(other.Receive(), 'b');
}

TEST_F(AcceptorTest, TheQuietestOfACrowdMakesRoomForOthers) {
  const int port = Start({.connections_max = 3});
  Client quietest(port, /*host=*/1);
  Client second(port, /*host=*/1);
  Client third(port, /*host=*/1);
  for (Client* busy : {&second, &third}) {
    EXPECT_TRUE(busy->Send("a"));
    EXPECT_EQ(busy->Receive(), 'a');
  }
  ASSERT_TRUE(Handed(3));
  connections_->Look();
  Client other(port, /*host=*/2);
  EXPECT_TRUE(other.IsClosed());
  EXPECT_TRUE(quietest.IsClosed());
  EXPECT_TRUE(Told("connection_cut 127.0.0.1 made_room"));
  Client again(port, /*host=*/2);
  EXPECT_TRUE(again.Send("a"));
  EXPECT_EQ(again.Receive(), 'a');
  EXPECT_TRUE(second.Send("b"));
  EXPECT_EQ(second.Receive(), 'b');
}

TEST_F(AcceptorTest, WhoIsClosedMakesRoom) {
  const int port = Start({.connections_max = 1});
  { Client first(port); }
  ASSERT_TRUE(Closed(1));
  connections_->Look();
  Client next(port);
  EXPECT_TRUE(next.Send("a"));
  EXPECT_EQ(next.Receive(), 'a');
}

TEST_F(AcceptorTest, CutsWhoSendsWithoutEnd) {
  const int port = Start({.unanswered_bytes_max = 4 << 20});
  Client honest(port);
  Client flooding(port);
  EXPECT_TRUE(flooding.IsStoppedFromSending());
  EXPECT_TRUE(Told("connection_cut 127.0.0.1 unanswered"));
  EXPECT_EQ(cut(Cut::kUnanswered), 1);
  EXPECT_TRUE(honest.Send("a"));
  EXPECT_EQ(honest.Receive(), 'a');
}

TEST_F(AcceptorTest, InShortMemoryCutsWhoeverSendsMuch) {
  constexpr int64_t kNoBound = int64_t{1} << 40;
  const int port = Start({.unanswered_bytes_max = kNoBound,
                          .unanswered_bytes_total_max = kNoBound,
                          .memory_bytes_max = 1});
  Client honest(port);
  Client flooding(port);
  EXPECT_TRUE(flooding.IsStoppedFromSending());
  EXPECT_TRUE(Told("connection_cut 127.0.0.1 memory"));
  EXPECT_EQ(cut(Cut::kMemory), 1);
  // Memory stays short, so that even a byte would be much.
  EXPECT_TRUE(honest.IsOpen());
}

TEST_F(AcceptorTest, WhoWasCutIsRefusedForAWhile) {
  const int port = Start({.unanswered_bytes_max = 4 << 20});
  Client flooding(port, /*host=*/2);
  EXPECT_TRUE(flooding.IsStoppedFromSending());
  Client again(port, /*host=*/2);
  EXPECT_TRUE(again.IsClosed());
  EXPECT_TRUE(Told("connection_refused 127.0.0.2 cut_lately"));
  Client other(port, /*host=*/1);
  EXPECT_TRUE(other.Send("a"));
  EXPECT_EQ(other.Receive(), 'a');
}

TEST_F(AcceptorTest, CutsWhoKeepsTheThreadsThatHandOn) {
  hand_on_a_thread_ = false;
  constexpr int64_t kNoBound = int64_t{1} << 40;
  const int port = Start({.unanswered_bytes_max = kNoBound,
                          .unanswered_bytes_total_max = kNoBound,
                          .memory_bytes_max = kNoBound});
  std::vector<Client> flooding;
  for (int i = 0; i < kThreads; ++i) flooding.emplace_back(port, /*host=*/2);
  for (Client& client : flooding) {
    EXPECT_TRUE(client.IsStoppedFromSending());
  }
  EXPECT_TRUE(Told("connection_cut 127.0.0.2 in_the_way"));
  Client next(port);
  EXPECT_TRUE(next.Send("a"));
  EXPECT_EQ(next.Receive(), 'a');
}

TEST_F(AcceptorTest, GoesOnOnceThereAreDescriptorsAgain) {
  const int port = Start({});
  Client client;
  std::vector<Descriptor> all;
  rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 64;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  while (true) {
    Descriptor another(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (another.get() < 0) break;
    all.push_back(std::move(another));
  }
  client.Connect(port);
  EXPECT_TRUE(Told("connection_refused  descriptors"));
  EXPECT_GE(refused(NoRoom::kDescriptors), 1);
  all.clear();
  EXPECT_TRUE(client.Send("a"));
  EXPECT_EQ(client.Receive(), 'a');
  setrlimit(RLIMIT_NOFILE, &before);
}

TEST_F(AcceptorTest, StopsAlthoughSomebodySendsWithoutEnd) {
  hand_on_a_thread_ = false;
  const int port = Start({});
  Client flooding(port);
  EXPECT_TRUE(flooding.Send("a"));
  EXPECT_EQ(flooding.Receive(), 'a');  // it is being handed on
  acceptor_->StopAccepting();
}

TEST_F(AcceptorTest, KeepsConnectionsOnceItsPortIsClosed) {
  const int port = Start({.unanswered_bytes_max = 4 << 20});
  Client client(port);
  Client flooding(port);
  ASSERT_TRUE(Handed(2));
  acceptor_->StopAccepting();
  EXPECT_TRUE(ListenTcp(absl::StrCat("127.0.0.1:", port)).ok());
  EXPECT_TRUE(client.Send("a"));
  EXPECT_EQ(client.Receive(), 'a');
  EXPECT_TRUE(flooding.IsStoppedFromSending());
  EXPECT_TRUE(Told("connection_cut 127.0.0.1 unanswered"));
  EXPECT_EQ(cut(Cut::kUnanswered), 1);
}

TEST(ListenTcpTest, SaysWhyItCannot) {
  const auto taken = ListenTcp("127.0.0.1:0");
  ASSERT_TRUE(taken.ok());
  EXPECT_THAT(
      ListenTcp(absl::StrCat("127.0.0.1:", taken->port)).status().message(),
      HasSubstr("Address already in use"));
  EXPECT_THAT(ListenTcp("no.such.host.invalid:0").status().message(),
              HasSubstr("cannot listen on no.such.host.invalid:0: "));
}

TEST(ListenTcpTest, SharesNoNameWithAnother) {
  const auto taken = ListenTcp("127.0.0.1:0");
  ASSERT_TRUE(taken.ok());
  EXPECT_FALSE(ListenTcp(absl::StrCat("localhost:", taken->port)).ok());
}

TEST(ListenTcpTest, AnywhereIsIPv4Too) {
  for (const char* anywhere : {"0.0.0.0:0", "[::]:0"}) {
    const auto listening = ListenTcp(anywhere);
    ASSERT_TRUE(listening.ok()) << listening.status();
    Client client(listening->port);
  }
}

TEST(TcpConnectionTest, IsNoOtherThatHasItsNumber) {
  const auto listening = ListenTcp("127.0.0.1:0");
  ASSERT_TRUE(listening.ok());
  std::optional<Client> first(listening->port);
  Client second(listening->port);
  const int listener = listening->sockets[0].get();
  const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
  const std::optional<TcpConnection> connection = IdentifyTcp(fd);
  ASSERT_TRUE(connection);
  EXPECT_TRUE(TrafficOf(*connection));
  // The next one takes its place.
  const Descriptor next(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  ASSERT_EQ(dup2(next.get(), fd), fd);
  const Descriptor same_number(fd);
  EXPECT_FALSE(TrafficOf(*connection));
  ShutDown(*connection);
  EXPECT_EQ(send(fd, "a", 1, MSG_NOSIGNAL), 1);
  EXPECT_EQ(second.Receive(), 'a');
}

}  // namespace
}  // namespace budget::testing
