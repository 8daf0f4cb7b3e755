#ifndef BUDGET_METRICS_HTTP_SERVER_H_
#define BUDGET_METRICS_HTTP_SERVER_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace budget {

// What a page answers.
struct HttpPage {
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;
};

// A small HTTP server for those who watch: a few pages, a few threads, and a
// time limit for each read and write, so that slow clients hold up each other
// at most. Thread-safe.
class HttpServer {
 public:
  // By path. Called on the server's threads, several at a time.
  using Pages = std::map<std::string, std::function<HttpPage()>>;

  // Serves on "host:port", in plain text; port 0 takes a free one.
  // FAILED_PRECONDITION, naming the address, if it cannot.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(
      const std::string& listen, Pages pages);

  // Waits for what is being answered.
  virtual ~HttpServer() = default;

  virtual int port() const = 0;
};

}  // namespace budget

#endif  // BUDGET_METRICS_HTTP_SERVER_H_
