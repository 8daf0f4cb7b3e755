#include "server/metrics/http_server.h"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "CivetServer.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace budget {
namespace {

// Each holds one connection at a time; a few more wait for one of them.
constexpr char kThreads[] = "4";
constexpr char kWaitingMax[] = "16";
// For the whole request, and for each write of the answer.
constexpr char kTimeoutMs[] = "2000";
constexpr char kRequestBytesMax[] = "4096";

constexpr absl::Duration kWakePause = absl::Milliseconds(5);
constexpr int kProtocolIpv6 = 2;  // of mg_server_port

constexpr char kTextType[] = "text/plain; charset=utf-8";

absl::string_view StatusText(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    default:
      return "Service Unavailable";
  }
}

void Send(const HttpPage& page, bool with_body, mg_connection* connection) {
  const std::string head = absl::StrCat(
      "HTTP/1.1 ", page.status, " ", StatusText(page.status),
      "\r\nContent-Type: ", page.content_type,
      "\r\nContent-Length: ", page.body.size(),
      "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff"
      "\r\nConnection: close\r\n\r\n");
  mg_write(connection, head.data(), head.size());
  if (with_body) mg_write(connection, page.body.data(), page.body.size());
}

void Wake(const mg_server_port& port) {
  const bool v6 = port.protocol == kProtocolIpv6;
  char error[256];
  mg_connection* const connection =
      mg_connect_client(v6 ? "::1" : "127.0.0.1", port.port, /*use_ssl=*/0,
                        error, sizeof(error));
  if (connection != nullptr) mg_close_connection(connection);
}

// Every path comes here: there are no files behind this server.
class Router final : public CivetHandler {
 public:
  explicit Router(HttpServer::Pages pages) : pages_(std::move(pages)) {}

  bool handleGet(CivetServer*, mg_connection* connection) override {
    return Answer(connection, true);
  }
  bool handleHead(CivetServer*, mg_connection* connection) override {
    return Answer(connection, false);
  }
  bool handlePost(CivetServer*, mg_connection* connection) override {
    return Refuse(connection);
  }
  bool handlePut(CivetServer*, mg_connection* connection) override {
    return Refuse(connection);
  }
  bool handleDelete(CivetServer*, mg_connection* connection) override {
    return Refuse(connection);
  }
  bool handleOptions(CivetServer*, mg_connection* connection) override {
    return Refuse(connection);
  }
  bool handlePatch(CivetServer*, mg_connection* connection) override {
    return Refuse(connection);
  }

 private:
  bool Answer(mg_connection* connection, bool with_body) {
    const char* const path = mg_get_request_info(connection)->local_uri;
    const auto page = pages_.find(path == nullptr ? "" : path);
    Send(page == pages_.end() ? NotFound() : page->second(), with_body,
         connection);
    return true;
  }

  bool Refuse(mg_connection* connection) {
    Send({405, kTextType, "only GET is answered\n"}, true, connection);
    return true;
  }

  HttpPage NotFound() const {
    HttpPage page{404, kTextType, "there are only these pages:\n"};
    for (const auto& [path, unused] : pages_) {
      absl::StrAppend(&page.body, path, "\n");
    }
    return page;
  }

  const HttpServer::Pages pages_;
};

class HttpServerImpl final : public HttpServer {
 public:
  HttpServerImpl(const std::string& listen, Pages pages)
      : router_(std::move(pages)),
        server_({"listening_ports", listen, "num_threads", kThreads,
                 "connection_queue", kWaitingMax, "listen_backlog",
                 kWaitingMax, "request_timeout_ms", kTimeoutMs,
                 "max_request_size", kRequestBytesMax,
                 "enable_directory_listing", "no"}) {
    server_.addHandler("/", router_);
  }

  // civetweb notices that it is to stop when somebody comes, or within two
  // seconds: so somebody comes.
  ~HttpServerImpl() override {
    std::vector<mg_server_port> ports = server_.getListeningPortsFull();
    absl::Notification closed;
    std::thread closer([&] {
      server_.close();
      closed.Notify();
    });
    while (!closed.WaitForNotificationWithTimeout(kWakePause)) {
      if (!ports.empty()) Wake(ports.front());
    }
    closer.join();
  }

  int port() const override { return port_; }

 private:
  Router router_;
  CivetServer server_;
  int port_ = server_.getListeningPorts().at(0);
};

}  // namespace

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    const std::string& listen, Pages pages) {
  try {
    std::unique_ptr<HttpServer> server =
        std::make_unique<HttpServerImpl>(listen, std::move(pages));
    if (server->port() > 0) return server;
  } catch (const CivetException&) {
    // Says nothing of use.
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "--metrics-listen ", listen,
      " cannot be listened on; the port may be in use: choose another, port 0 "
      "takes a free one, \"none\" does without"));
}

}  // namespace budget
