#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "tests/fuzz/require.h"
#include "tests/wire/cutter.h"

// Both sides of a connection to PostgreSQL, with any bytes on it. The first byte
// says how each COMMIT is cut; then come pieces, each with a byte for its side
// and its size.
namespace budget::fuzz {
namespace {

using wire::Cut;

struct Piece {
  bool of_client;
  absl::string_view bytes;
};

// What has gone on to each side, and whether the connection was cut.
struct Passed {
  std::string to_server;
  std::string to_client;
  bool cut = false;
  friend bool operator==(const Passed&, const Passed&) = default;
};

std::vector<Piece> PiecesOf(absl::string_view input) {
  std::vector<Piece> pieces;
  while (!input.empty()) {
    const auto head = static_cast<uint8_t>(input[0]);
    const absl::string_view bytes = input.substr(1, head >> 1);
    pieces.push_back({(head & 1) == 0, bytes});
    input.remove_prefix(1 + bytes.size());
  }
  return pieces;
}

// Lets the pieces pass, each in parts of at most `size` bytes.
Passed Pass(const std::vector<Piece>& pieces, Cut cut, size_t size) {
  wire::Cutter cutter(wire::Protocol::kPostgres,
                      [cut](Cut asked) { return asked == cut; });
  Passed passed;
  for (const Piece& piece : pieces) {
    for (size_t at = 0; at < piece.bytes.size(); at += size) {
      const absl::string_view part = piece.bytes.substr(at, size);
      const bool was_cut = cutter.has_cut();
      const std::string forwarded = piece.of_client ? cutter.FromClient(part)
                                                    : cutter.FromServer(part);
      Require(!was_cut || forwarded.empty(), "nothing passes a cut");
      (piece.of_client ? passed.to_server : passed.to_client) += forwarded;
    }
  }
  passed.cut = cutter.has_cut();
  return passed;
}

std::string AllOf(const std::vector<Piece>& pieces, bool of_client) {
  std::string all;
  for (const Piece& piece : pieces) {
    if (piece.of_client == of_client) all += std::string(piece.bytes);
  }
  return all;
}

void Check(const std::vector<Piece>& pieces, Cut cut) {
  const Passed passed = Pass(pieces, cut, SIZE_MAX / 2);
  const std::string sent = AllOf(pieces, true);
  const std::string answered = AllOf(pieces, false);
  Require(absl::StartsWith(sent, passed.to_server) &&
              absl::StartsWith(answered, passed.to_client),
          "what goes on is what came, in order");
  Require(cut != Cut::kNever || !passed.cut, "nothing is cut unasked");
  Require(Pass(pieces, cut, 1) == passed, "pieces may be of any size");
}

}  // namespace
}  // namespace budget::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using budget::wire::Cut;
  if (size == 0) return 0;
  constexpr Cut kCuts[] = {Cut::kNever, Cut::kBeforeCommit, Cut::kAfterCommit,
                           Cut::kInReply};
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  budget::fuzz::Check(budget::fuzz::PiecesOf(input.substr(1)),
                      kCuts[data[0] % std::size(kCuts)]);
  return 0;
}
