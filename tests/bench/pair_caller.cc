#include "tests/bench/pair_caller.h"

#include <string>
#include <utility>

#include "tests/bench/encoded_request.h"
#include "tests/bench/requests.h"

namespace budget::bench {
namespace {

class PairCaller final : public Caller {
 public:
  PairCaller(PathPicker picker, size_t path_length)
      : picker_(std::move(picker)),
        reserve_(MakeReserve(IdPlaceholder(), PathPlaceholder(path_length))),
        settle_(MakeSettle(IdPlaceholder(), PathPlaceholder(path_length))) {}

  std::optional<Message> Next() override {
    if (open_) return Message{&kSettleMethod, &settle_.bytes()};
    const std::string id = NewId();
    const std::string& path = picker_.Next();
    reserve_.SetId(0, id);
    reserve_.SetPath(0, path);
    settle_.SetId(0, id);
    settle_.SetPath(0, path);
    return Message{&kReserveMethod, &reserve_.bytes()};
  }

  std::optional<Message> Finish() override {
    // One try: a server that is gone must not hold up the end.
    if (!open_ || std::exchange(finishing_, true)) return std::nullopt;
    return Message{&kSettleMethod, &settle_.bytes()};
  }

  bool Answered(const grpc::Status& status, const grpc::ByteBuffer&,
                Counts& counts) override {
    counts.CountStatus(status);
    if (!status.ok()) {
      counts.settles_failed += open_;
      return status.error_code() == grpc::StatusCode::UNAVAILABLE;
    }
    counts.settles_ok += open_;
    open_ = !open_;
    return false;
  }

 private:
  PathPicker picker_;
  EncodedRequest reserve_;
  EncodedRequest settle_;
  bool open_ = false;  // there is something to settle
  bool finishing_ = false;
};

}  // namespace

std::vector<std::unique_ptr<Caller>> MakePairCallers(const Workload& workload,
                                                     int count,
                                                     uint64_t first_seed) {
  const PathPicker picker(workload);
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < count; ++i) {
    callers.push_back(MakePairCaller(picker.WithSeed(first_seed + i),
                                     workload.paths[0].size()));
  }
  return callers;
}

std::unique_ptr<Caller> MakePairCaller(const PathPicker& picker,
                                       size_t path_length) {
  return std::make_unique<PairCaller>(picker, path_length);
}

}  // namespace budget::bench
