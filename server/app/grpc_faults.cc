#include "server/app/grpc_faults.h"

#include <cstdlib>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "grpcpp/grpcpp.h"

namespace budget {

// maybe_make_read_slices of tcp_posix.cc, in 1.51: with the experiment, which
// is on unless told otherwise, it reads as much at once as came in before it
// last found nothing to read, without a bound, and counts that in an int. The
// way before it reads 4 MiB at most.
void AvoidGrpcFaults() {
  if (!absl::StartsWith(grpc::Version(), "1.51.")) return;
  const char* set = std::getenv("GRPC_EXPERIMENTS");
  const std::string others = set == nullptr ? "" : set;
  if (absl::StrContains(others, "tcp_read_chunks")) return;
  const std::string all =
      absl::StrCat(others, others.empty() ? "" : ",", "-tcp_read_chunks");
  setenv("GRPC_EXPERIMENTS", all.c_str(), /*overwrite=*/1);
}

}  // namespace budget
