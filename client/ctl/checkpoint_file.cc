#include "client/ctl/checkpoint_file.h"

#include <google/protobuf/util/time_util.h>

#include <nlohmann/json.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace budget {
namespace {

using google::protobuf::util::TimeUtil;
using Json = nlohmann::json;

constexpr absl::string_view kFormat = "budget.checkpoint.1";
constexpr size_t kHexSize = 64;

std::string SignedText(const v1::LedgerCheckpoint& checkpoint) {
  return absl::StrCat(kFormat, "\n", checkpoint.root(), "\n",
                      checkpoint.sequence(), "\n",
                      absl::BytesToHexString(checkpoint.hash()), "\n",
                      TimeUtil::ToString(checkpoint.read_time()), "\n");
}

// The text under `key`; empty if there is none.
std::string TextOf(const Json& line, const char* key) {
  const auto item = line.find(key);
  return item != line.end() && item->is_string() ? item->get<std::string>()
                                                 : std::string();
}

bool IsHash(absl::string_view hex) {
  return hex.size() == kHexSize &&
         hex.find_first_not_of("0123456789abcdef") == absl::string_view::npos;
}

bool IsSigned(const Json& line, const v1::LedgerCheckpoint& checkpoint,
              const VerifyingKey& key) {
  std::string signature;
  return absl::Base64Unescape(TextOf(line, "signature"), &signature) &&
         key.Verifies(SignedText(checkpoint), signature);
}

}  // namespace

std::string CheckpointLine(const v1::LedgerCheckpoint& checkpoint,
                           const std::optional<SigningKey>& key) {
  Json line = {{"format", std::string(kFormat)},
               {"root", checkpoint.root()},
               {"sequence", checkpoint.sequence()},
               {"hash", absl::BytesToHexString(checkpoint.hash())},
               {"readTime", TimeUtil::ToString(checkpoint.read_time())}};
  if (key) {
    line["signature"] = absl::Base64Escape(key->Sign(SignedText(checkpoint)));
  }
  return line.dump();
}

absl::StatusOr<v1::LedgerCheckpoint> ParseCheckpointLine(
    const std::string& text, const std::optional<VerifyingKey>& key) {
  const Json line =
      Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!line.is_object() || TextOf(line, "format") != kFormat) {
    return absl::InvalidArgumentError(
        "is no checkpoint: give a file that budgetctl checkpoint export wrote");
  }
  v1::LedgerCheckpoint checkpoint;
  checkpoint.set_root(TextOf(line, "root"));
  const auto sequence = line.find("sequence");
  const std::string hex = TextOf(line, "hash");
  if (checkpoint.root().empty() || sequence == line.end() ||
      !sequence->is_number_unsigned() || !IsHash(hex) ||
      !TimeUtil::FromString(TextOf(line, "readTime"),
                            checkpoint.mutable_read_time())) {
    return absl::InvalidArgumentError(
        "is a damaged checkpoint: root, sequence, hash or readTime is missing "
        "or has another form");
  }
  checkpoint.set_sequence(sequence->get<int64_t>());
  checkpoint.set_hash(absl::HexStringToBytes(hex));
  if (key && !IsSigned(line, checkpoint, *key)) {
    return absl::InvalidArgumentError(
        "is not signed with the key of --public-key, or was changed");
  }
  return checkpoint;
}

}  // namespace budget
