#include "tests/bench/batch_caller.h"

#include <algorithm>
#include <string>
#include <utility>

#include "budget/v1/budget_service.pb.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/support/proto_buffer_reader.h"
#include "tests/bench/encoded_request.h"
#include "tests/bench/requests.h"

namespace budget::bench {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;

// Settles come first, as the lane would order them.
v1::BatchRequest MakeBatch(int settles, int reserves, size_t path_length) {
  v1::BatchRequest request;
  const std::string id = IdPlaceholder();
  const std::string path = PathPlaceholder(path_length);
  for (int i = 0; i < settles; ++i) {
    *request.add_operations()->mutable_settle() = MakeSettle(id, path);
  }
  for (int i = 0; i < reserves; ++i) {
    *request.add_operations()->mutable_reserve() = MakeReserve(id, path);
  }
  return request;
}

class BatchCaller final : public Caller {
 public:
  BatchCaller(PathPicker picker, size_t path_length, const BatchLoad& load)
      : picker_(std::move(picker)),
        path_length_(path_length),
        half_(load.operations / 2),
        messages_max_(load.messages_max),
        first_(MakeBatch(0, half_, path_length)),
        middle_(MakeBatch(half_, half_, path_length)),
        last_(MakeBatch(half_, 0, path_length)) {}

  // What is open waits for as much as fills a half: all of it, unless something
  // was refused.
  std::optional<Message> Next() override {
    if (messages_max_ != 0 && messages_ == messages_max_) return Finish();
    ++messages_;
    settling_ = open_.size() < half_ ? 0 : half_;
    EncodedRequest& request = settling_ == 0 ? first_ : middle_;
    Settle(request);
    for (size_t i = 0; i < half_; ++i) {
      reserving_.push_back({NewId(), picker_.Next()});
      request.SetId(settling_ + i, reserving_[i].id);
      request.SetPath(settling_ + i, reserving_[i].path);
    }
    return Message{&kBatchMethod, &request.bytes()};
  }

  std::optional<Message> Finish() override {
    if (open_.empty() || std::exchange(finishing_, true)) return std::nullopt;
    settling_ = std::min(open_.size(), 2 * half_);
    last_ = EncodedRequest(
        MakeBatch(static_cast<int>(settling_), 0, path_length_));
    Settle(last_);
    return Message{&kBatchMethod, &last_.bytes()};
  }

  // What was not granted is not settled, and a Settle that was refused is sent
  // again.
  bool Answered(const grpc::Status& status, const grpc::ByteBuffer& answer,
                Counts& counts) override {
    const int64_t shed_before = counts.Shed();
    if (status.ok()) {
      Sort(CountResults(answer, counts), counts);
    } else {
      counts.CountStatus(status);
      counts.settles_failed += static_cast<int64_t>(settling_);
    }
    reserving_.clear();
    return counts.Shed() > shed_before;
  }

 private:
  struct Hold {
    std::string id;
    std::string path;
  };

  void Settle(EncodedRequest& request) {
    for (size_t i = 0; i < settling_; ++i) {
      request.SetId(i, open_[i].id);
      request.SetPath(i, open_[i].path);
    }
  }

  // `codes` are those of the results: of Settles, then of Reserves.
  void Sort(std::vector<int> codes, Counts& counts) {
    codes.resize(settling_ + reserving_.size(), grpc::StatusCode::UNKNOWN);
    std::vector<Hold> open;
    for (size_t i = 0; i < open_.size(); ++i) {
      const bool refused =
          i < settling_ && codes[i] == grpc::StatusCode::UNAVAILABLE;
      counts.settles_failed += refused;
      if (i >= settling_ || refused) open.push_back(std::move(open_[i]));
    }
    for (size_t i = 0; i < reserving_.size(); ++i) {
      if (codes[settling_ + i] != grpc::StatusCode::OK) continue;
      open.push_back(std::move(reserving_[i]));
    }
    open_ = std::move(open);
  }

  PathPicker picker_;
  const size_t path_length_;
  const size_t half_;
  const int messages_max_;
  int messages_ = 0;
  EncodedRequest first_;
  EncodedRequest middle_;
  EncodedRequest last_;
  std::vector<Hold> open_;       // the first `settling_` are on their way
  std::vector<Hold> reserving_;  // by the message that is on its way
  size_t settling_ = 0;
  bool finishing_ = false;
};

// Counts one BatchResult of `length` bytes, goes past it and returns its code.
int CountResult(CodedInputStream& input, int length, Counts& counts) {
  const CodedInputStream::Limit limit = input.PushLimit(length);
  const uint32_t tag = input.ReadTag();
  uint32_t error_length = 0;
  google::rpc::Status error;
  if (WireFormatLite::GetTagFieldNumber(tag) !=
      v1::BatchResult::kErrorFieldNumber) {
    ++counts.ok;
    counts.settles_ok += WireFormatLite::GetTagFieldNumber(tag) ==
                         v1::BatchResult::kSettleFieldNumber;
  } else if (input.ReadVarint32(&error_length)) {
    const CodedInputStream::Limit inner =
        input.PushLimit(static_cast<int>(error_length));
    error.ParseFromCodedStream(&input);
    input.PopLimit(inner);
    counts.CountFailure(error.code());
  }
  input.Skip(input.BytesUntilLimit());
  input.PopLimit(limit);
  return error.code();
}

}  // namespace

std::vector<int> CountResults(const grpc::ByteBuffer& response,
                              Counts& counts) {
  std::vector<int> codes;
  grpc::ByteBuffer bytes = response;
  grpc::ProtoBufferReader reader(&bytes);
  CodedInputStream input(&reader);
  uint32_t length = 0;
  while (input.ReadTag() != 0 && input.ReadVarint32(&length)) {
    codes.push_back(CountResult(input, static_cast<int>(length), counts));
  }
  return codes;
}

std::unique_ptr<Caller> MakeBatchCaller(const PathPicker& picker,
                                        size_t path_length,
                                        const BatchLoad& load) {
  return std::make_unique<BatchCaller>(picker, path_length, load);
}

std::vector<std::unique_ptr<Caller>> MakeBatchCallers(const Workload& workload,
                                                      const BatchLoad& load) {
  const PathPicker picker(workload);
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < load.outstanding; ++i) {
    callers.push_back(MakeBatchCaller(picker.WithSeed(load.first_seed + i),
                                      workload.paths[0].size(), load));
  }
  return callers;
}

}  // namespace budget::bench
