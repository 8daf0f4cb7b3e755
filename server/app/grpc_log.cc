#include "server/app/grpc_log.h"

#include "grpc/support/log.h"
#include "server/app/log.h"

namespace budget {

void LogGrpcToo() {
  gpr_set_log_function([](gpr_log_func_args* args) {
    LogRepeating("grpc", {{"message", args->message}});
  });
}

}  // namespace budget
