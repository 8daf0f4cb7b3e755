#ifndef BUDGET_APP_GRPC_LOG_H_
#define BUDGET_APP_GRPC_LOG_H_

namespace budget {

// From now on, what gRPC has to say goes into our log, in its form and within
// its bounds, instead of beside it. Call it before gRPC is used.
void LogGrpcToo();

}  // namespace budget

#endif  // BUDGET_APP_GRPC_LOG_H_
