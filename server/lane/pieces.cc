#include "server/lane/pieces.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace budget {
namespace {

size_t OperationsIn(const std::vector<RootBatch>& piece) {
  size_t operations = 0;
  for (const RootBatch& batch : piece) operations += batch.items.size();
  return operations;
}

}  // namespace

Pieces::Pieces(std::vector<RootBatch> batches) {
  if (!batches.empty()) pieces_.push_back(std::move(batches));
}

bool Pieces::Halve() {
  const size_t operations = OperationsIn(first());
  if (operations == 1) return false;
  std::vector<RootBatch> halves[2];
  size_t left = (operations + 1) / 2;
  for (const RootBatch& batch : first()) {
    const auto begin = batch.items.begin();
    const auto middle = begin + std::min(left, batch.items.size());
    left -= middle - begin;
    if (middle != begin) halves[0].push_back({batch.root, {begin, middle}});
    if (middle != batch.items.end()) {
      halves[1].push_back({batch.root, {middle, batch.items.end()}});
    }
  }
  pieces_.front() = std::move(halves[1]);
  pieces_.push_front(std::move(halves[0]));
  return true;
}

bool Pieces::DivideByRoot() {
  if (first().size() == 1) return false;
  std::vector<RootBatch> batches = std::move(pieces_.front());
  pieces_.pop_front();
  for (auto batch = batches.rbegin(); batch != batches.rend(); ++batch) {
    pieces_.push_front({std::move(*batch)});
  }
  return true;
}

void Pieces::Refuse(const absl::Status& status) {
  for (const RootBatch& batch : first()) RefuseAll(batch, status);
  const std::string root = first().back().root;
  pieces_.pop_front();
  while (!pieces_.empty() && first().front().root == root) {
    std::vector<RootBatch>& next = pieces_.front();
    RefuseAll(next.front(), status);
    next.erase(next.begin());
    if (!next.empty()) return;
    pieces_.pop_front();
  }
}

}  // namespace budget
