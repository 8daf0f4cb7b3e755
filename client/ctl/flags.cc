#include "client/ctl/flags.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "client/ctl/amount_text.h"

namespace budget {
namespace {

absl::Status Unknown(absl::string_view flag, absl::string_view text,
                     absl::string_view known) {
  return absl::InvalidArgumentError(absl::StrCat(
      flag, ": \"", text, "\" is unknown; write ", known));
}

absl::Status ReadUnpriced(absl::string_view text, v1::Policies* policies) {
  policies->clear_unpriced_charge_usd_nanos();
  if (text == "inherit") {
    policies->set_unpriced(v1::UNPRICED_POLICY_UNSPECIFIED);
  } else if (text == "deny") {
    policies->set_unpriced(v1::UNPRICED_POLICY_DENY);
  } else if (text == "allow") {
    policies->set_unpriced(v1::UNPRICED_POLICY_ALLOW);
  } else if (absl::ConsumePrefix(&text, "fixed:")) {
    const auto charge = ParseAmount(text, v1::UNIT_USD_NANOS);
    if (!charge.ok()) return charge.status();
    policies->set_unpriced(v1::UNPRICED_POLICY_FIXED);
    policies->set_unpriced_charge_usd_nanos(charge->value);
  } else {
    return Unknown("--unpriced", text, "deny, allow, fixed:$0.01 or inherit");
  }
  return absl::OkStatus();
}

}  // namespace

void AmountFlags::Add(CLI::App& command, const std::string& prefix) {
  command.add_option("--" + prefix + "usd", usd_, "dollars, such as $0.25");
  command.add_option("--" + prefix + "tokens", tokens_, "tokens, such as 1.5k");
  command.add_option("--" + prefix + "requests", requests_, "requests");
}

absl::Status AmountFlags::Read(v1::Amounts* amounts) const {
  const auto read = [](const std::string& text, v1::Unit unit, auto set) {
    if (text.empty()) return absl::OkStatus();
    const auto amount = ParseAmount(text, unit);
    if (amount.ok()) set(amount->value);
    return amount.status();
  };
  absl::Status status = read(usd_, v1::UNIT_USD_NANOS, [&](int64_t value) {
    amounts->set_usd_nanos(value);
  });
  status.Update(read(tokens_, v1::UNIT_TOKENS,
                     [&](int64_t value) { amounts->set_tokens(value); }));
  status.Update(read(requests_, v1::UNIT_REQUESTS,
                     [&](int64_t value) { amounts->set_requests(value); }));
  return status;
}

void UsageFlags::Add(CLI::App& command) {
  command.add_option("--model", model_, "price the call by this model");
  command.add_option("--meter", meters_,
                     "with --model: a quantity, such as input_tokens=1200")
      ->allow_extra_args(false);
}

absl::Status UsageFlags::Read(v1::ModelUsage* usage) const {
  usage->set_model(model_);
  for (const std::string& text : meters_) {
    const size_t equals = text.find('=');
    int64_t quantity = 0;
    if (equals == text.npos ||
        !absl::SimpleAtoi(text.substr(equals + 1), &quantity)) {
      return Unknown("--meter", text, "name=quantity");
    }
    auto* meter = usage->add_quantities();
    meter->set_meter(text.substr(0, equals));
    meter->set_quantity(quantity);
  }
  return absl::OkStatus();
}

absl::Status ReadPairs(const std::vector<std::string>& pairs,
                       google::protobuf::Map<std::string, std::string>* out) {
  for (const std::string& pair : pairs) {
    const size_t equals = pair.find('=');
    if (equals == pair.npos || equals == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", pair, "\" is not key=value"));
    }
    (*out)[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::OnExpiry> ParseOnExpiry(const std::string& text) {
  if (text == "inherit") return v1::ON_EXPIRY_UNSPECIFIED;
  if (text == "release") return v1::ON_EXPIRY_RELEASE;
  if (text == "settle-held") return v1::ON_EXPIRY_SETTLE_HELD;
  return Unknown("--on-expiry", text, "release, settle-held or inherit");
}

void PolicyFlags::Add(CLI::App& command) {
  command.add_option("--on-expiry", on_expiry_,
                     "what a TTL that passes does: release, settle-held");
  command.add_option("--overage", overage_,
                     "whether overage blocks new holds: block, report");
  command.add_option("--unpriced", unpriced_,
                     "calls of unknown cost: deny, allow, fixed:$0.01");
  command.add_option("--held-denial", held_denial_,
                     "lifetime limits that only holds fill: final, retry");
}

bool PolicyFlags::given() const {
  return !on_expiry_.empty() || !overage_.empty() || !unpriced_.empty() ||
         !held_denial_.empty();
}

absl::Status PolicyFlags::Read(v1::Policies* policies) const {
  if (!on_expiry_.empty()) {
    const auto on_expiry = ParseOnExpiry(on_expiry_);
    if (!on_expiry.ok()) return on_expiry.status();
    policies->set_on_expiry(*on_expiry);
  }
  if (overage_ == "inherit") {
    policies->set_overage(v1::OVERAGE_POLICY_UNSPECIFIED);
  } else if (overage_ == "block") {
    policies->set_overage(v1::OVERAGE_POLICY_BLOCK);
  } else if (overage_ == "report") {
    policies->set_overage(v1::OVERAGE_POLICY_REPORT);
  } else if (!overage_.empty()) {
    return Unknown("--overage", overage_, "block, report or inherit");
  }
  if (held_denial_ == "inherit") {
    policies->set_held_denial(v1::HELD_DENIAL_POLICY_UNSPECIFIED);
  } else if (held_denial_ == "final") {
    policies->set_held_denial(v1::HELD_DENIAL_POLICY_FINAL);
  } else if (held_denial_ == "retry") {
    policies->set_held_denial(v1::HELD_DENIAL_POLICY_RETRY);
  } else if (!held_denial_.empty()) {
    return Unknown("--held-denial", held_denial_, "final, retry or inherit");
  }
  if (unpriced_.empty()) return absl::OkStatus();
  return ReadUnpriced(unpriced_, policies);
}

}  // namespace budget
