#include "server/app/grpc_faults.h"

#include <cstdlib>

#include "absl/strings/match.h"
#include "grpcpp/grpcpp.h"

namespace budget {

// maybe_make_read_slices of tcp_posix.cc, in 1.51: with the experiment, which
// is on unless told otherwise, it reads as much at once as came in before it
// last found nothing to read, without a bound, and counts that in an int. The
// way before it reads 4 MiB at most.
void AvoidGrpcFaults() {
  if (!absl::StartsWith(grpc::Version(), "1.51.")) return;
  setenv("GRPC_EXPERIMENTS", "-tcp_read_chunks", /*overwrite=*/0);
}

}  // namespace budget
