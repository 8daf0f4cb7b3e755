#include <map>
#include <string>
#include <variant>

#include "absl/strings/str_cat.h"
#include "server/domain/admin.h"

namespace budget {
namespace {

// Writes every field with its length, so that no two lists of fields read the
// same.
class Writer {
 public:
  void operator()(const CreateAllocation& op) {
    Text(op.path).Text(op.display_name).Labels(op.labels).Rules(op.policies);
    Number(op.limits.size());
    for (const LimitSpec& limit : op.limits) Spec(limit);
  }
  void operator()(const UpdateAllocation& op) {
    Text(op.path).Number(op.version);
    Number(op.display_name.has_value()).Text(op.display_name.value_or(""));
    Number(op.labels.has_value());
    if (op.labels) Labels(*op.labels);
    Number(op.policies.has_value());
    if (op.policies) Rules(*op.policies);
  }
  void operator()(const ArchiveAllocation& op) {
    Text(op.path).Number(op.version);
  }
  void operator()(const SetLimit& op) {
    Text(op.path).Spec(op.limit).Optional(op.version);
  }
  void operator()(const RemoveLimit& op) {
    Text(op.path).Text(op.limit).Number(op.version);
  }
  void operator()(const Freeze& op) { Text(op.path).Text(op.reason); }
  void operator()(const Unfreeze& op) { Text(op.path); }
  void operator()(const AdjustBalance& op) {
    Text(op.path).Text(op.limit).Number(static_cast<int>(op.unit));
    Number(op.amount).Text(op.reason);
  }
  void operator()(const TransferCap& op) {
    for (const TransferCap::Side* side : {&op.from, &op.to}) {
      Text(side->path).Text(side->limit).Number(side->version);
    }
    Number(static_cast<int>(op.unit)).Number(op.amount).Text(op.reason);
  }
  void operator()(const SetPrices& op) {
    Text(op.root).Number(op.replaces_version).Number(op.prices.size());
    for (const ModelPrice& price : op.prices) {
      Text(price.model).Number(price.usd_nanos_per_million.size());
      for (const auto& [meter, nanos] : price.usd_nanos_per_million) {
        Text(meter).Number(nanos);
      }
    }
  }
  template <typename T>
  void operator()(const T&) {}  // not administrative: never asked for

  std::string Take() && { return std::move(text_); }

 private:
  Writer& Text(absl::string_view value) {
    absl::StrAppend(&text_, value.size(), ":", value);
    return *this;
  }
  Writer& Number(int64_t value) {
    absl::StrAppend(&text_, value, ";");
    return *this;
  }
  Writer& Optional(std::optional<int64_t> value) {
    return value ? Number(*value) : Text("none");
  }
  Writer& Labels(const std::map<std::string, std::string>& labels) {
    Number(labels.size());
    for (const auto& [key, value] : labels) Text(key).Text(value);
    return *this;
  }
  Writer& Rules(const Policies& policies) {
    return Number(static_cast<int>(policies.on_expiry))
        .Number(static_cast<int>(policies.overage))
        .Number(static_cast<int>(policies.unpriced))
        .Number(policies.unpriced_charge_usd_nanos)
        .Number(static_cast<int>(policies.held_denial));
  }
  Writer& Spec(const LimitSpec& spec) {
    Text(spec.name).Number(static_cast<int>(spec.unit));
    Number(static_cast<int>(spec.window.kind));
    Number(static_cast<int>(spec.window.period)).Text(spec.window.zone_name);
    Number(absl::ToInt64Seconds(spec.window.duration)).Optional(spec.cap);
    Number(spec.warn_percent.size());
    for (int percent : spec.warn_percent) Number(percent);
    return *this;
  }

  std::string text_;
};

}  // namespace

std::string FingerprintOf(const Operation& operation) {
  Writer writer;
  std::visit(writer, operation);
  return std::move(writer).Take();
}

}  // namespace budget
