#ifndef BUDGET_TESTS_CHAOS_REPLIES_H_
#define BUDGET_TESTS_CHAOS_REPLIES_H_

#include <string>
#include <utility>

#include "tests/chaos/history.h"
#include "tests/chaos/story.h"
#include "tests/chaos/verdicts.h"

namespace budget::chaos {

// Checks what was answered under one id of a root: each OK has its entry,
// nothing took effect twice, and whoever repeated was answered as before. Not
// thread-safe.
class Replies {
 public:
  // `verdicts` must outlive this.
  Replies(std::string root, Verdicts& verdicts)
      : root_(std::move(root)), verdicts_(verdicts) {}

  // `story` is whole.
  void Check(const Uuid& id, const Story& story);

 private:
  void CheckOnce(const Uuid& id, const Story& story);
  void CheckAdjustments(const Uuid& id, const Story& story);
  void CheckAnswers(const Story& story, Verb verb);
  void CheckRepeat(const Call& first, const Call& call);
  void CheckDenial(const Call& denied, const Story& story);
  std::string Name(const Uuid& id) const;

  const std::string root_;
  Verdicts& verdicts_;
};

}  // namespace budget::chaos

#endif  // BUDGET_TESTS_CHAOS_REPLIES_H_
