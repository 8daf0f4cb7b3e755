#ifndef BUDGET_TESTS_MODEL_GENERATOR_H_
#define BUDGET_TESTS_MODEL_GENERATOR_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "server/domain/operation.h"
#include "tests/model/model.h"

namespace budget::model {

// Makes operations of one root at random: sensible ones most of the time, the
// same again, slightly other ones under the same id, and plain wrong ones. The
// same numbers make the same, on every platform.
class Generator {
 public:
  // Gives a number at each call; must not give the same one for ever.
  using Numbers = std::function<uint64_t()>;

  explicit Generator(uint64_t seed, absl::string_view root = "acme");
  explicit Generator(Numbers numbers, absl::string_view root = "acme");

  // Time passes: mostly a little, now and then past whole windows.
  absl::Time Advance();
  absl::Time now() const { return now_; }

  // Time is somebody else's.
  void MoveTo(absl::Time now) { now_ = now; }

  // The next operation, given how things stand.
  Operation Next(const Model& model);

  // Parts of what Next makes.
  Reserve AnyReserve();
  RecordUsage AnyUsageRecord();
  Operation Admin(const Model& model);
  int64_t Amount();
  int64_t Below(int64_t bound) {
    return static_cast<int64_t>(numbers_() % static_cast<uint64_t>(bound));
  }
  bool Chance(int percent) { return Below(100) < percent; }
  // The same id with something else in it.
  Operation Mutated(Operation operation);

  // A path to read: mostly one that exists.
  std::string AnyPath();

 private:
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[Below(from.size())];
  }
  Uuid NewId();
  PartialAmounts SomeAmounts(int percent_each);
  AdminContext Context();
  Window AnyWindow();
  LimitSpec AnyLimit(const std::string& name);
  Policies AnyPolicies();
  ReservePayload AnyPayload();
  ModelUsage AnyUsage();
  Uuid KnownId(const Model& model);
  std::string LimitName(const Model& model, const std::string& path,
                        bool prefer_known);
  int64_t Version(const Model& model, const std::string& path);

  Operation Fresh(const Model& model);
  Operation AnySettle(const Model& model);
  Operation AnyAdjust(const Model& model);
  Operation AnyCreate(const Model& model);
  Operation AnySetLimit(const Model& model);
  Operation AnyTransfer(const Model& model);
  Operation AnyBalance(const Model& model);
  Operation AnyPrices(const Model& model);
  Operation Again();

  const std::string root_;
  const std::vector<std::string> paths_;
  Numbers numbers_;
  absl::Time now_;
  std::vector<Operation> recent_;
};

}  // namespace budget::model

#endif  // BUDGET_TESTS_MODEL_GENERATOR_H_
