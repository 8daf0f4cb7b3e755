#include "tests/e2e/fake_upstream.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace budget {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<uint16_t>(port));
  return address;
}

}  // namespace

FakeUpstream::FakeUpstream() {
  listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = Loopback(0);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) == 0 &&
      listen(listener_, SOMAXCONN) == 0 &&
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) ==
          0) {
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { Serve(); });
  }
}

FakeUpstream::~FakeUpstream() {
  shutdown(listener_, SHUT_RDWR);
  if (thread_.joinable()) thread_.join();
  close(listener_);
}

void FakeUpstream::Serve() {
  for (;;) {
    const int call = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (call < 0) return;
    ++hits_;
    const char answer = '!';
    (void)!write(call, &answer, 1);
    close(call);
  }
}

bool FakeUpstream::Call() const {
  const int call = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = Loopback(port_);
  char answer = 0;
  const bool answered =
      connect(call, reinterpret_cast<const sockaddr*>(&address),
              sizeof(address)) == 0 &&
      read(call, &answer, 1) == 1;
  close(call);
  return answered;
}

}  // namespace budget
