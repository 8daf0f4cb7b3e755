#include "server/domain/ledger_seal.h"

#include <optional>
#include <utility>

namespace budget {
namespace {

// Names the layout: another one begins with another name.
constexpr absl::string_view kLayout = "budget.ledger.1";

void Put(int64_t value, std::string& out) {
  for (int shift = 56; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<uint64_t>(value) >> shift));
  }
}

class Writer {
 public:
  Writer& Int(int64_t value) {
    Put(value, bytes_);
    return *this;
  }
  Writer& Time(absl::Time time) { return Int(absl::ToUnixMicros(time)); }
  Writer& Size(size_t size) { return Int(static_cast<int64_t>(size)); }
  Writer& Text(absl::string_view text) {
    Size(text.size());
    bytes_.append(text.data(), text.size());
    return *this;
  }
  Writer& Units(const Amounts& amounts) {
    for (Unit unit : kUnits) Int(amounts[unit]);
    return *this;
  }
  Writer& Id(const Uuid& id) {
    bytes_.append(id.bytes.begin(), id.bytes.end());
    return *this;
  }
  // One byte, 1 and the value or 0 and nothing.
  template <typename T, typename Put>
  Writer& Optional(const std::optional<T>& value, Put put) {
    bytes_.push_back(value ? 1 : 0);
    if (value) (this->*put)(*value);
    return *this;
  }

  std::string Take() && { return std::move(bytes_); }

 private:
  std::string bytes_;
};

}  // namespace

std::string CanonicalBytes(absl::string_view root, const LedgerEntry& entry) {
  Writer out;
  out.Text(kLayout).Text(root).Time(entry.at);
  out.Int(static_cast<int>(entry.kind));
  out.Optional(entry.reservation, &Writer::Id);
  out.Size(entry.allocations.size());
  for (const AllocationId id : entry.allocations) out.Int(id);
  out.Optional(entry.admitted_at, &Writer::Time);
  out.Size(entry.pins.size());
  for (const Pin& pin : entry.pins) out.Int(pin.limit).Int(pin.window);
  out.Units(entry.spent).Units(entry.reserved).Units(entry.overage);
  out.Int(entry.unpriced);
  out.Size(entry.caps.size());
  for (const CapChange& change : entry.caps) {
    out.Int(change.limit).Optional(change.cap, &Writer::Int);
  }
  out.Text(entry.actor).Optional(entry.request, &Writer::Id);
  out.Size(entry.detail.size());
  for (const auto& [key, value] : entry.detail) out.Text(key).Text(value);
  return std::move(out).Take();
}

Sha256Digest DigestOf(absl::string_view root, const LedgerEntry& entry) {
  return Sha256(CanonicalBytes(root, entry));
}

ChainHead Extend(const ChainHead& head, const Sha256Digest& entry) {
  std::string bytes(BytesOf(head.hash));
  Put(head.sequence + 1, bytes);
  bytes.append(entry.begin(), entry.end());
  return {head.sequence + 1, Sha256(bytes)};
}

absl::string_view MarkOf(const Sha256Digest& entry) {
  return BytesOf(entry).substr(0, Seal::kMarkBytes);
}

bool Sealing::Add(const LedgerEntry& entry) {
  if (entry.sequence != head_.sequence + 1) return false;
  const Sha256Digest digest = DigestOf(root_, entry);
  head_ = Extend(head_, digest);
  marks_.append(MarkOf(digest).data(), Seal::kMarkBytes);
  return true;
}

}  // namespace budget
