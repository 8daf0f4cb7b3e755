// Uses every public header, and ends without a server.
#include <cstdio>

#include "budget/client.h"
#include "budget/health.h"
#include "budget/reserved_call.h"

int main() {
  budget::ConnectionOptions options;
  options.endpoints = budget::ParseEndpoints("127.0.0.1:1");
  auto connection = budget::MakeConnection(std::move(options));
  if (!connection.ok()) return 1;
  budget::v1::ReserveRequest request;
  request.add_allocations("acme/search");
  const auto call = budget::ReservedCall::Reserve(
      budget::Client(*std::move(connection)), request,
      {absl::Milliseconds(200)});
  std::printf("%s\n", call.status().ToString().c_str());
  return budget::DenialOf(call.status()) || call.ok() ? 1 : 0;
}
