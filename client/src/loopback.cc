#include "loopback.h"

#include <arpa/inet.h>

#include <string>

#include "absl/strings/match.h"
#include "absl/strings/strip.h"

namespace budget {

bool IsLoopback(absl::string_view endpoint) {
  if (absl::StartsWith(endpoint, "unix:") ||
      absl::StartsWith(endpoint, "unix-abstract:")) {
    return true;
  }
  for (const absl::string_view prefix :
       {"dns:///", "dns:", "ipv4:", "ipv6:", "passthrough:///"}) {
    if (absl::ConsumePrefix(&endpoint, prefix)) break;
  }
  // gRPC takes several addresses after one prefix.
  if (absl::StrContains(endpoint, ',')) return false;
  const std::string host(endpoint.substr(0, endpoint.rfind(':')));
  in_addr address;
  return host == "localhost" || host == "[::1]" ||
         (absl::StartsWith(host, "127.") &&
          inet_pton(AF_INET, host.c_str(), &address) == 1);
}

}  // namespace budget
