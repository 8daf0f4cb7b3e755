#ifndef BUDGET_TESTS_E2E_FAKE_UPSTREAM_H_
#define BUDGET_TESTS_E2E_FAKE_UPSTREAM_H_

#include <atomic>
#include <thread>

namespace budget {

// A model provider on a loopback port that counts how often it was called.
class FakeUpstream {
 public:
  FakeUpstream();
  ~FakeUpstream();

  // What a gateway does when it dispatches; safe from any thread. Returns once
  // the upstream has counted the call; false if it could not be reached.
  bool Call() const;

  int hits() const { return hits_.load(); }

 private:
  void Serve();

  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> hits_{0};
  std::thread thread_;
};

}  // namespace budget

#endif  // BUDGET_TESTS_E2E_FAKE_UPSTREAM_H_
