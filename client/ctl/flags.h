#ifndef BUDGET_CTL_FLAGS_H_
#define BUDGET_CTL_FLAGS_H_

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "budget/v1/budget_service.pb.h"
#include "budget/v1/types.pb.h"

namespace budget {

// --usd, --tokens, --requests (with a prefix: --minimum-usd).
class AmountFlags {
 public:
  void Add(CLI::App& command, const std::string& prefix = "");
  bool given() const { return !usd_.empty() || !tokens_.empty() || !requests_.empty(); }
  absl::Status Read(v1::Amounts* amounts) const;

 private:
  std::string usd_;
  std::string tokens_;
  std::string requests_;
};

// --model NAME --meter input_tokens=1200 --meter output_tokens=300.
class UsageFlags {
 public:
  void Add(CLI::App& command);
  bool given() const { return !model_.empty(); }
  absl::Status Read(v1::ModelUsage* usage) const;

 private:
  std::string model_;
  std::vector<std::string> meters_;
};

// "key=value" each.
absl::Status ReadPairs(const std::vector<std::string>& pairs,
                       google::protobuf::Map<std::string, std::string>* out);

// --on-expiry, --overage, --unpriced, --held-denial; "inherit" takes a policy
// back.
class PolicyFlags {
 public:
  void Add(CLI::App& command);
  bool given() const;
  // Changes the policies that were named and leaves the others.
  absl::Status Read(v1::Policies* policies) const;

 private:
  std::string on_expiry_;
  std::string overage_;
  std::string unpriced_;
  std::string held_denial_;
};

// "release", "settle-held", "inherit".
absl::StatusOr<v1::OnExpiry> ParseOnExpiry(const std::string& text);

}  // namespace budget

#endif  // BUDGET_CTL_FLAGS_H_
