#include "tests/metrics/scrape.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "gtest/gtest.h"

namespace budget::testing {
namespace {

int Connect(int port) {
  const int socket_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(socket_fd, reinterpret_cast<sockaddr*>(&address),
              sizeof(address)) == 0) {
    return socket_fd;
  }
  close(socket_fd);
  return -1;
}

std::string ReadAll(int socket_fd) {
  std::string all;
  char buffer[4096];
  ssize_t got = 0;
  while ((got = read(socket_fd, buffer, sizeof(buffer))) > 0) {
    all.append(buffer, static_cast<size_t>(got));
  }
  return all;
}

}  // namespace

HttpAnswer SendHttp(int port, const std::string& request) {
  HttpAnswer answer;
  const int socket_fd = Connect(port);
  if (socket_fd < 0) return answer;
  if (send(socket_fd, request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    close(socket_fd);
    return answer;
  }
  const std::string all = ReadAll(socket_fd);
  close(socket_fd);
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(all, absl::MaxSplits("\r\n\r\n", 1));
  answer.head = parts.first;
  answer.body = parts.second;
  if (absl::StartsWith(answer.head, "HTTP/1.1 ")) {
    EXPECT_TRUE(absl::SimpleAtoi(answer.head.substr(9, 3), &answer.status));
  }
  return answer;
}

HttpAnswer Get(int port, const std::string& path) {
  return SendHttp(port, absl::StrCat("GET ", path,
                                     " HTTP/1.1\r\nHost: localhost\r\n\r\n"));
}

Scrape::Scrape(const std::string& text) {
  for (absl::string_view line : absl::StrSplit(text, '\n', absl::SkipEmpty())) {
    if (line[0] == '#') continue;
    const size_t space = line.rfind(' ');
    const std::string value(line.substr(space + 1));
    series_[std::string(line.substr(0, space))] =
        std::strtod(value.c_str(), nullptr);
  }
}

double Scrape::operator[](const std::string& series) const {
  const auto found = series_.find(series);
  return found == series_.end() ? 0 : found->second;
}

bool Scrape::Has(const std::string& series) const {
  return series_.contains(series);
}

}  // namespace budget::testing
