#ifndef BUDGET_CTL_DOCTOR_REPLICAS_H_
#define BUDGET_CTL_DOCTOR_REPLICAS_H_

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "budget/client.h"
#include "client/ctl/doctor/diagnosis.h"

namespace budget {

// What one replica says of itself.
struct ReplicaFacts {
  std::string endpoint;
  absl::Status serving;  // as its health service says
  absl::StatusOr<v1::GetServerInfoResponse> info =
      absl::UnknownError("not asked");
  absl::Duration round_trip;  // of the question that `info` answers
  // When allocations were created, by path: some of them.
  absl::StatusOr<std::map<std::string, absl::Time>> allocations =
      absl::UnknownError("not asked");
  // What it answers who does not say who they are.
  absl::Status stranger = absl::UnknownError("not asked");
};

// Asks the replica behind `client`, which knows no other endpoint.
ReplicaFacts AskReplica(const std::string& endpoint, Client& client,
                        const absl::Status& serving,
                        const CallOptions& options);

// What is to be said of one, and of all of them beside each other.
void JudgeReplica(const ReplicaFacts& replica, Diagnosis& diagnosis);
void JudgeReplicas(absl::Span<const ReplicaFacts> replicas,
                   Diagnosis& diagnosis);

// Verifies up to `max` roots, spread over all that there are.
void VerifySample(Client& client, int max, const CallOptions& options,
                  Diagnosis& diagnosis);

}  // namespace budget

#endif  // BUDGET_CTL_DOCTOR_REPLICAS_H_
