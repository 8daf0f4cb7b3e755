#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "tests/fuzz/require.h"
#include "tests/wire/cutter.h"

// Both sides of a connection, to PostgreSQL or of a protocol that is not known,
// with any bytes on it. The first byte says which and how it is cut; then come
// pieces, each with a byte for its side and its size.
namespace budget::fuzz {
namespace {

using wire::Cut;
using wire::Protocol;

struct Mode {
  Protocol protocol;
  Cut cut;
};

// New modes go to the end: the corpus counts on the order.
constexpr Mode kModes[] = {
    {Protocol::kPostgres, Cut::kNever},
    {Protocol::kPostgres, Cut::kBeforeCommit},
    {Protocol::kPostgres, Cut::kAfterCommit},
    {Protocol::kPostgres, Cut::kInReply},
    {Protocol::kBytes, Cut::kNever},
    {Protocol::kBytes, Cut::kInRequest},
    {Protocol::kBytes, Cut::kInReply},
};

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

std::string& SideOf(const Piece& piece, Passed& passed) {
  return piece.of_client ? passed.to_server : passed.to_client;
}

// Lets the pieces pass, each in parts of at most `size` bytes.
Passed Pass(const std::vector<Piece>& pieces, const Mode& mode, size_t size) {
  wire::Cutter cutter(mode.protocol,
                      [&mode](Cut asked) { return asked == mode.cut; });
  Passed passed;
  for (const Piece& piece : pieces) {
    for (size_t at = 0; at < piece.bytes.size(); at += size) {
      const absl::string_view part = piece.bytes.substr(at, size);
      const bool was_cut = cutter.has_cut();
      const std::string forwarded = piece.of_client ? cutter.FromClient(part)
                                                    : cutter.FromServer(part);
      Require(!was_cut || forwarded.empty(), "nothing passes a cut");
      SideOf(piece, passed) += forwarded;
    }
  }
  passed.cut = cutter.has_cut();
  return passed;
}

// Where messages are not known, each piece is one, and half of the first on the
// side that is cut is the last to go on.
Passed PassedUnknown(const std::vector<Piece>& pieces, Cut cut) {
  Passed passed;
  for (const Piece& piece : pieces) {
    if (passed.cut || piece.bytes.empty()) continue;
    passed.cut = cut == (piece.of_client ? Cut::kInRequest : Cut::kInReply);
    const size_t size = piece.bytes.size();
    SideOf(piece, passed) +=
        std::string(piece.bytes.substr(0, passed.cut ? size / 2 : size));
  }
  return passed;
}

std::string AllOf(const std::vector<Piece>& pieces, bool of_client) {
  std::string all;
  for (const Piece& piece : pieces) {
    if (piece.of_client == of_client) all += std::string(piece.bytes);
  }
  return all;
}

void Check(const std::vector<Piece>& pieces, const Mode& mode) {
  const Passed passed = Pass(pieces, mode, SIZE_MAX / 2);
  const std::string sent = AllOf(pieces, true);
  const std::string answered = AllOf(pieces, false);
  Require(absl::StartsWith(sent, passed.to_server) &&
              absl::StartsWith(answered, passed.to_client),
          "what goes on is what came, in order");
  Require(mode.cut != Cut::kNever || !passed.cut, "nothing is cut unasked");
  if (mode.protocol == Protocol::kPostgres) {
    Require(Pass(pieces, mode, 1) == passed, "pieces may be of any size");
  } else {
    Require(PassedUnknown(pieces, mode.cut) == passed,
            "what is not known goes on at once, or by half");
  }
}

}  // namespace
}  // namespace budget::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using budget::fuzz::kModes;
  if (size == 0) return 0;
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  budget::fuzz::Check(budget::fuzz::PiecesOf(input.substr(1)),
                      kModes[data[0] % std::size(kModes)]);
  return 0;
}
