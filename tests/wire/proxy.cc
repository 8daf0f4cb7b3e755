#include "tests/wire/proxy.h"

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "tests/wire/proxy_connection.h"
#include "tests/wire/tcp_socket.h"
#include "tests/wire/unix_socket.h"

namespace budget::wire {
namespace {

bool IsPath(const std::string& address) {
  return !address.empty() && address[0] == '/';
}

absl::StatusOr<int> Connect(const std::string& address) {
  return IsPath(address) ? ConnectUnix(address) : ConnectTcp(address);
}

bool Swallows(const Link& link) {
  return link.swallows_answers || link.swallows_requests;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Proxy>> Proxy::Start(
    const std::string& directory, std::string server) {
  std::string path = directory + "/.s.PGSQL.5432";
  const absl::StatusOr<int> listener = ListenUnix(path);
  if (!listener.ok()) return listener.status();
  return std::unique_ptr<Proxy>(new Proxy(Protocol::kPostgres, std::move(path),
                                          *listener, std::move(server)));
}

absl::StatusOr<std::unique_ptr<Proxy>> Proxy::StartTcp(std::string server) {
  const absl::StatusOr<int> listener = ListenTcp();
  if (!listener.ok()) return listener.status();
  return std::unique_ptr<Proxy>(new Proxy(
      Protocol::kBytes, EndpointOf(*listener), *listener, std::move(server)));
}

Proxy::Proxy(Protocol protocol, std::string address, int listener,
             std::string server)
    : protocol_(protocol),
      address_(std::move(address)),
      listener_(listener),
      server_(std::move(server)),
      acceptor_([this] { Accept(); }) {}

Proxy::~Proxy() {
  shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  {
    absl::MutexLock lock(&mutex_);
    for (const auto& connection : connections_) connection->Close();
  }
  // Their threads ask for the link, which needs the mutex.
  std::vector<std::unique_ptr<Connection>> ending;
  {
    absl::MutexLock lock(&mutex_);
    ending.swap(connections_);
  }
  ending.clear();
  close(listener_);
  if (IsPath(address_)) unlink(address_.c_str());
}

void Proxy::Accept() {
  while (true) {
    const int client = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    SendAtOnce(client);
    Reap();
    const std::string address = this->server();
    const absl::StatusOr<int> server = Connect(address);
    if (!server.ok()) {
      close(client);
      continue;
    }
    absl::MutexLock lock(&mutex_);
    // SetServer closes the connections it knows: not yet this one.
    if (address != server_) {
      close(client);
      close(*server);
      continue;
    }
    connections_.push_back(
        std::make_unique<Connection>(*this, client, *server));
  }
}

// Lets go of those that have ended.
void Proxy::Reap() {
  std::vector<std::unique_ptr<Connection>> ended;
  absl::MutexLock lock(&mutex_);
  for (auto& connection : connections_) {
    if (connection->ended()) ended.push_back(std::move(connection));
  }
  std::erase(connections_, nullptr);
}

Link Proxy::link() const {
  absl::MutexLock lock(&mutex_);
  return link_;
}

std::string Proxy::server() const {
  absl::MutexLock lock(&mutex_);
  return server_;
}

// One connection gets it.
bool Proxy::TakeCut(Cut cut) {
  return cut_.compare_exchange_strong(cut, Cut::kNever);
}

void Proxy::SetLink(const Link& link) {
  absl::MutexLock lock(&mutex_);
  link_ = link;
  if (Swallows(link)) return;
  for (const auto& connection : connections_) {
    if (connection->has_swallowed()) connection->Close();
  }
}

void Proxy::SetServer(std::string server) {
  {
    absl::MutexLock lock(&mutex_);
    server_ = std::move(server);
  }
  CloseAll();
}

int Proxy::CloseAll() {
  absl::MutexLock lock(&mutex_);
  for (const auto& connection : connections_) connection->Close();
  return static_cast<int>(connections_.size());
}

}  // namespace budget::wire
