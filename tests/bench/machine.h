#ifndef BUDGET_TESTS_BENCH_MACHINE_H_
#define BUDGET_TESTS_BENCH_MACHINE_H_

#include <map>
#include <string>

namespace budget::bench {

// What a run was measured on and with, by name: cpu, cores, memory, kernel,
// versions, commit.
using Machine = std::map<std::string, std::string>;

// `commit` is what the caller says was built.
Machine DescribeMachine(const std::string& commit);

}  // namespace budget::bench

#endif  // BUDGET_TESTS_BENCH_MACHINE_H_
