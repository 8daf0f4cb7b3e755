#ifndef BUDGET_APP_GRPC_FAULTS_H_
#define BUDGET_APP_GRPC_FAULTS_H_

namespace budget {

// Turns off what in the gRPC of Debian 12 ends the process: after 2 GB on one
// connection that never lets it come to rest, the size of its next read
// overflows, and it aborts for having read nothing. Call it before gRPC is
// used and before there are threads. What GRPC_EXPERIMENTS says of it stays.
void AvoidGrpcFaults();

}  // namespace budget

#endif  // BUDGET_APP_GRPC_FAULTS_H_
