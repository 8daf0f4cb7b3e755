#include "tests/chaos/replicas_well.h"

#include <sys/wait.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "absl/algorithm/container.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace budget::chaos {
namespace {

// What budgetd says of what must never happen: all that it calls an error, be
// the line cut short, and what its storage tells as a warning.
constexpr absl::string_view kAlarms[] = {
    R"("level":"error")", "acknowledged_lost", "invariant broken"};

// How grave a line of budgetd says that it is; empty: it is none of its.
std::string LevelOf(absl::string_view line) {
  const auto json = nlohmann::json::parse(line, nullptr, false);
  if (!json.is_object()) return "";
  const auto level = json.find("level");
  const bool is_text = level != json.end() && level->is_string();
  return is_text ? level->get<std::string>() : "";
}

bool IsAlarm(absl::string_view line, absl::string_view level) {
  return level == "error" ||
         absl::c_any_of(kAlarms, [&](absl::string_view alarm) {
           return absl::StrContains(line, alarm);
         });
}

bool IsWell(const ReplicaEnd& end) {
  if (!end.wait_status) return false;
  const int status = *end.wait_status;
  switch (end.signal) {
    case SIGTERM:
      return WIFEXITED(status) && WEXITSTATUS(status) == 0;
    case SIGKILL:
      return WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    default:
      return false;
  }
}

std::string TextOf(const ReplicaEnd& end) {
  const std::string asked =
      end.signal == 0 ? "by itself" : absl::StrCat("after signal ", end.signal);
  if (!end.wait_status) return absl::StrCat("ended ", asked);
  const int status = *end.wait_status;
  return absl::StrCat("ended ", asked,
                      WIFSIGNALED(status) ? " by signal " : " with ",
                      WIFSIGNALED(status) ? WTERMSIG(status)
                                          : WEXITSTATUS(status));
}

std::string ContentOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

void CheckReplicas(Cluster& cluster, Verdicts& verdicts) {
  for (int i = 0; i < Cluster::kReplicas; ++i) {
    Replica& replica = cluster.replica(i);
    replica.Stop();
    const std::string name = absl::StrCat("replica-", i + 1);
    for (const ReplicaEnd& end : replica.ends()) {
      CheckEnd(name, end, verdicts);
    }
    CheckLog(name, ContentOf(replica.log()), verdicts);
  }
}

void CheckEnd(absl::string_view replica, const ReplicaEnd& end,
              Verdicts& verdicts) {
  verdicts.Check(Invariant::kReplicasWell, IsWell(end), [&] {
    return absl::StrCat(replica, " ", TextOf(end));
  });
}

void CheckLog(absl::string_view replica, absl::string_view log,
              Verdicts& verdicts) {
  bool is_log = false;
  for (const absl::string_view line : absl::StrSplit(log, '\n')) {
    const std::string level = LevelOf(line);
    is_log = is_log || !level.empty();
    if (!IsAlarm(line, level)) continue;
    verdicts.Violated(Invariant::kReplicasWell,
                      absl::StrCat(replica, " says ", line));
  }
  verdicts.Check(Invariant::kReplicasWell, is_log, [&] {
    return absl::StrCat(replica, " has no line of budgetd in its log");
  });
}

}  // namespace budget::chaos
