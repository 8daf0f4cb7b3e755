#include "tests/bench/batch_caller.h"

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
        half_(load.operations / 2),
        messages_max_(load.messages_max),
        first_(MakeBatch(0, half_, path_length)),
        middle_(MakeBatch(half_, half_, path_length)),
        last_(MakeBatch(half_, 0, path_length)) {}

  std::optional<Message> Next() override {
    if (messages_max_ != 0 && messages_ == messages_max_) return Finish();
    ++messages_;
    EncodedRequest& request = open_.empty() ? first_ : middle_;
    const size_t settles = open_.size();
    Settle(request);
    for (size_t i = 0; i < half_; ++i) {
      next_open_.push_back({NewId(), picker_.Next()});
      request.SetId(settles + i, next_open_[i].id);
      request.SetPath(settles + i, next_open_[i].path);
    }
    return Message{&kBatchMethod, &request.bytes()};
  }

  std::optional<Message> Finish() override {
    if (open_.empty() || std::exchange(finishing_, true)) return std::nullopt;
    Settle(last_);
    return Message{&kBatchMethod, &last_.bytes()};
  }

  bool Answered(const grpc::Status& status, const grpc::ByteBuffer& answer,
                Counts& counts) override {
    const int64_t shed_before = counts.Shed();
    if (status.ok()) {
      CountResults(answer, counts);
      open_ = std::exchange(next_open_, {});
    } else {
      counts.CountStatus(status);
      next_open_.clear();  // and what is open is settled once more
    }
    return counts.Shed() > shed_before;
  }

 private:
  struct Hold {
    std::string id;
    std::string path;
  };

  void Settle(EncodedRequest& request) {
    for (size_t i = 0; i < open_.size(); ++i) {
      request.SetId(i, open_[i].id);
      request.SetPath(i, open_[i].path);
    }
  }

  PathPicker picker_;
  const size_t half_;
  const int messages_max_;
  int messages_ = 0;
  EncodedRequest first_;
  EncodedRequest middle_;
  EncodedRequest last_;
  std::vector<Hold> open_;       // reserved by the last message
  std::vector<Hold> next_open_;  // by the one that is on its way
  bool finishing_ = false;
};

// Counts one BatchResult of `length` bytes and goes past it.
void CountResult(CodedInputStream& input, int length, Counts& counts) {
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
}

}  // namespace

void CountResults(const grpc::ByteBuffer& response, Counts& counts) {
  grpc::ByteBuffer bytes = response;
  grpc::ProtoBufferReader reader(&bytes);
  CodedInputStream input(&reader);
  uint32_t length = 0;
  while (input.ReadTag() != 0 && input.ReadVarint32(&length)) {
    CountResult(input, static_cast<int>(length), counts);
  }
}

std::vector<std::unique_ptr<Caller>> MakeBatchCallers(const Workload& workload,
                                                      const BatchLoad& load) {
  const PathPicker picker(workload);
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < load.outstanding; ++i) {
    callers.push_back(std::make_unique<BatchCaller>(
        picker.WithSeed(load.first_seed + i), workload.paths[0].size(), load));
  }
  return callers;
}

}  // namespace budget::bench
