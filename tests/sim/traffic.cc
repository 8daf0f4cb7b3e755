#include "tests/sim/traffic.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "absl/strings/str_cat.h"

namespace budget::sim {

Traffic::Traffic(Scene& scene) : scene_(scene) {
  for (int i = 0; i < scene.profile.roots; ++i) {
    std::string name = absl::StrCat("root-", i);
    roots_.push_back(
        {name, model::Generator(scene.random.Bits() >> 1, name)});
  }
}

model::Generator& Traffic::GeneratorOf(size_t root) {
  model::Generator& generator = roots_[root].generator;
  generator.MoveTo(scene_.database.Now());
  return generator;
}

const model::Model& Traffic::ModelOf(size_t root) {
  return scene_.auditor.oracle().ModelOf(NameOf(root));
}

Reserve Traffic::AnyReserve(size_t root) {
  Operation fit = Fit(root, GeneratorOf(root).AnyReserve());
  return std::get<Reserve>(std::move(fit));
}

RecordUsage Traffic::AnyUsage(size_t root) {
  return GeneratorOf(root).AnyUsageRecord();
}

Operation Traffic::Anything(size_t root) {
  return Fit(root, GeneratorOf(root).Next(ModelOf(root)));
}

Operation Traffic::AnyChange(size_t root) {
  return scene_.random.OneIn(2)
             ? Relief(root)
             : Fit(root, GeneratorOf(root).Admin(ModelOf(root)));
}

Operation Traffic::Mutated(size_t root, const Operation& operation) {
  return Fit(root, GeneratorOf(root).Mutated(operation));
}

std::string Traffic::AnyPath(size_t root) {
  return GeneratorOf(root).AnyPath();
}

PartialAmounts Traffic::UsageOf(const Amounts& held, int percent) {
  PartialAmounts usage;
  for (const Unit unit : kUnits) {
    if (scene_.random.OneIn(5)) continue;
    usage[unit] = held[unit] * percent / 100;
  }
  return usage;
}

AdminContext Traffic::Context() {
  const std::pair random(scene_.random.Bits(), scene_.random.Bits());
  return {.request_id = Uuid::Version7(scene_.database.Now(), random),
          .actor = "tester"};
}

// Thaws what is frozen, or sets a cap with some room above what is used: or
// soon everything would be denied.
Operation Traffic::Relief(size_t root) {
  const model::Model& model = ModelOf(root);
  for (const auto& [path, allocation] : model.allocations()) {
    if (!allocation.frozen) continue;
    return Unfreeze{.context = Context(), .path = path};
  }
  const auto size = static_cast<int64_t>(model.limits().size());
  if (size == 0) return Fit(root, GeneratorOf(root).Admin(model));
  const auto index = static_cast<int>(scene_.random.Below(size));
  const model::ModelLimit& limit = model.limits()[static_cast<size_t>(index)];
  const absl::Time now = scene_.database.Now();
  SetLimit op{.context = Context(), .path = limit.path, .limit = limit.spec};
  op.version = model.allocations().at(limit.path).version;
  const model::Sums sums =
      model.SumsOf(index, KeyAt(limit.spec.window, now), now);
  op.limit.cap = sums.spent + sums.reserved + scene_.random.Below(600);
  return Fit(root, std::move(op));
}

bool Traffic::IsDull(size_t root, const Operation& operation) {
  // What is archived stays so: few leaves. A batch that archives a leaf and
  // what is above it refuses the latter, for it knows the children as of its
  // beginning; so what has leaves is never archived, and the root only asked.
  if (const auto* archive = std::get_if<ArchiveAllocation>(&operation)) {
    const std::string with_leaves = NameOf(root) + "/a";
    if (archive->path == with_leaves) return true;
    if (archive->path == NameOf(root)) {
      return !ModelOf(root).allocations().contains(with_leaves);
    }
    return archive->context.request_id.bytes[15] % 8 != 0;
  }
  if (!scene_.profile.credits_chains) return false;
  // What a limit starts from once a chain was credited is not for the model
  // to say: no limit is added in such a root.
  if (std::holds_alternative<RemoveLimit>(operation)) return true;
  const auto* set = std::get_if<SetLimit>(&operation);
  if (set == nullptr) return false;
  const auto& limits = ModelOf(root).limits();
  return std::none_of(limits.begin(), limits.end(), [&](const auto& limit) {
    return limit.path == set->path && limit.spec.name == set->limit.name;
  });
}

Operation Traffic::Fit(size_t root, Operation operation) {
  if (IsDull(root, operation)) return Sweep{.root = NameOf(root)};
  const absl::Duration ttl_max = scene_.profile.ttl_max;
  if (auto* reserve = std::get_if<Reserve>(&operation)) {
    if (reserve->payload->ttl > ttl_max) reserve->payload.Edit().ttl = ttl_max;
  }
  if (auto* adjust = std::get_if<AdjustReservation>(&operation)) {
    if (adjust->ttl) adjust->ttl = std::min(*adjust->ttl, ttl_max);
  }
  if (auto* balance = std::get_if<AdjustBalance>(&operation)) {
    const bool credits_chain = balance->limit.empty() && balance->amount < 0;
    if (credits_chain && !scene_.profile.credits_chains) {
      balance->amount = -balance->amount;
    }
  }
  return operation;
}

}  // namespace budget::sim
