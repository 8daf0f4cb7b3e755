#include "server/rpc/wire.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/unknown_field_set.h"
#include "grpcpp/support/slice.h"
#include "server/rpc/field_error.h"
#include "server/rpc/utf8.h"

namespace budget {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::UnknownField;
using google::protobuf::UnknownFieldSet;

absl::Status CheckTexts(const Descriptor& type, const std::string& bytes);

absl::Status CheckField(const FieldDescriptor& field,
                        const std::string& value) {
  if (field.type() == FieldDescriptor::TYPE_STRING && !IsUtf8(value)) {
    return FieldError("", "must be valid UTF-8");
  }
  if (field.type() == FieldDescriptor::TYPE_MESSAGE) {
    return CheckTexts(*field.message_type(), value);
  }
  return absl::OkStatus();
}

// Which text in the encoding of a message of `type` is not UTF-8.
absl::Status CheckTexts(const Descriptor& type, const std::string& bytes) {
  UnknownFieldSet fields;
  if (!fields.ParseFromString(bytes)) {
    return FieldError(
        "", absl::StrCat("is no valid ", type.full_name(), " message"));
  }
  int item = 0;
  int previous = 0;
  for (int i = 0; i < fields.field_count(); ++i) {
    const UnknownField& field = fields.field(i);
    item = field.number() == previous ? item + 1 : 0;
    previous = field.number();
    const FieldDescriptor* known = type.FindFieldByNumber(field.number());
    if (known == nullptr ||
        field.type() != UnknownField::TYPE_LENGTH_DELIMITED) {
      continue;
    }
    const absl::Status status = CheckField(*known, field.length_delimited());
    if (status.ok()) continue;
    // Entries of a map come in no order that a caller knows.
    return known->is_repeated() && !known->is_map()
               ? Within(known->name(), item, status)
               : Within(known->name(), status);
  }
  return absl::OkStatus();
}

absl::Status Explain(const grpc::Slice& bytes, const Descriptor& type) {
  const std::string text(reinterpret_cast<const char*>(bytes.begin()),
                         bytes.size());
  absl::Status status = CheckTexts(type, text);
  if (!status.ok() && !FieldOf(status).empty()) return status;
  return FieldError("request", absl::StrCat("is no valid ", type.full_name(),
                                            " message; check that client and "
                                            "server use the same contract"));
}

}  // namespace

absl::Status Decode(const grpc::ByteBuffer& bytes,
                    google::protobuf::Message& request) {
  grpc::Slice slice;
  const bool whole =
      bytes.TrySingleSlice(&slice).ok() || bytes.DumpToSingleSlice(&slice).ok();
  if (whole && request.ParseFromArray(slice.begin(),
                                      static_cast<int>(slice.size()))) {
    return absl::OkStatus();
  }
  return Explain(slice, *request.GetDescriptor());
}

// gRPC's own serializer measures a message twice and cuts it into blocks.
void Encode(const google::protobuf::Message& answer, grpc::ByteBuffer& bytes) {
  const size_t size = answer.ByteSizeLong();
  const grpc::Slice slice(size);
  // The slice is new and nobody else's.
  answer.SerializeWithCachedSizesToArray(const_cast<uint8_t*>(slice.begin()));
  grpc::ByteBuffer encoded(&slice, 1);
  bytes.Swap(&encoded);
}

}  // namespace budget
