#include "client/ctl/price_file.h"

#include <google/protobuf/util/json_util.h>

#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/str_cat.h"
#include "client/ctl/amount_text.h"

namespace budget {
namespace {

using Json = nlohmann::json;

absl::Status AddModel(const std::string& model, const Json& meters,
                      v1::SetPricesRequest* request) {
  if (!meters.is_object()) {
    return absl::InvalidArgumentError(
        absl::StrCat("model ", model, ": write {\"input_tokens\": \"$2.50\"}"));
  }
  v1::ModelPrice* price = request->add_prices();
  price->set_model(model);
  for (const auto& [meter, text] : meters.items()) {
    if (!text.is_string()) {
      return absl::InvalidArgumentError(
          absl::StrCat("model ", model, ", meter ", meter,
                       ": write the price of a million as text, \"$2.50\""));
    }
    const auto amount =
        ParseAmount(text.get<std::string>(), v1::UNIT_USD_NANOS);
    if (!amount.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "model ", model, ", meter ", meter, ": ", amount.status().message()));
    }
    auto* out = price->add_meters();
    out->set_meter(meter);
    out->set_usd_nanos_per_million(amount->value);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::SetPricesRequest> ParsePriceFile(absl::string_view json) {
  const Json document =
      Json::parse(json.begin(), json.end(), nullptr, /*allow_exceptions=*/false);
  if (!document.is_object()) {
    return absl::InvalidArgumentError(
        "the price file is not a JSON object like "
        "{\"large\": {\"input_tokens\": \"$2.50\"}}");
  }
  v1::SetPricesRequest request;
  if (document.contains("prices") && document["prices"].is_array()) {
    const auto status = google::protobuf::util::JsonStringToMessage(
        Json{{"prices", document["prices"]}}.dump(), &request);
    if (status.ok()) return request;
    return absl::InvalidArgumentError(
        absl::StrCat("the price file: ", std::string(status.message())));
  }
  for (const auto& [model, meters] : document.items()) {
    const absl::Status status = AddModel(model, meters, &request);
    if (!status.ok()) return status;
  }
  return request;
}

}  // namespace budget
