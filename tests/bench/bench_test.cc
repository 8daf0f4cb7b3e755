// What is pure in the benchmark: if this is wrong, its figures are.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "budget/v1/budget_service.pb.h"
#include "tests/bench/arrivals.h"
#include "tests/bench/batch_caller.h"
#include "tests/bench/encoded_request.h"
#include "tests/bench/flags.h"
#include "tests/bench/histogram.h"
#include "tests/bench/recovery.h"
#include "tests/bench/requests.h"
#include "tests/bench/statistics.h"
#include "tests/bench/wire_tape.h"
#include "tests/bench/workload.h"

namespace budget::bench {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(HistogramTest, PercentilesAreExactToOnePercent) {
  Histogram histogram;
  for (int i = 1; i <= 10'000; ++i) histogram.Record(absl::Microseconds(i));
  const auto micros = [&](double percent) {
    return absl::ToDoubleMicroseconds(histogram.Percentile(percent));
  };
  EXPECT_THAT(micros(50), DoubleNear(5'000, 50));
  EXPECT_THAT(micros(99), DoubleNear(9'900, 99));
  EXPECT_THAT(micros(99.9), DoubleNear(9'990, 100));
  EXPECT_EQ(histogram.Percentile(100), absl::Microseconds(10'000));
  EXPECT_EQ(histogram.Max(), absl::Microseconds(10'000));
}

TEST(HistogramTest, SmallValuesHaveBucketsOfTheirOwn) {
  Histogram histogram;
  for (const int nanos : {0, 1, 200, 255}) histogram.RecordNanos(nanos);
  EXPECT_EQ(histogram.Percentile(25), absl::Nanoseconds(0));
  EXPECT_EQ(histogram.Percentile(50), absl::Nanoseconds(1));
  EXPECT_EQ(histogram.Percentile(75), absl::Nanoseconds(200));
  EXPECT_EQ(histogram.Percentile(100), absl::Nanoseconds(255));
}

TEST(HistogramTest, NeverAnswersLessThanWhatWasRecorded) {
  for (int64_t nanos = 1; nanos < int64_t{1} << 62; nanos = nanos * 3 + 1) {
    Histogram histogram;
    histogram.RecordNanos(nanos);
    histogram.RecordNanos(int64_t{1} << 62);
    const int64_t told = absl::ToInt64Nanoseconds(histogram.Percentile(50));
    EXPECT_GE(told, nanos);
    EXPECT_LE(told, nanos + nanos / 100);
  }
}

TEST(HistogramTest, AddsUpToTheSameAsOne) {
  Histogram one, first, second;
  for (int i = 0; i < 1'000; ++i) {
    one.RecordNanos(i * 977);
    (i % 2 == 0 ? first : second).RecordNanos(i * 977);
  }
  first.Add(second);
  EXPECT_EQ(first.count(), one.count());
  EXPECT_EQ(first.Percentile(90), one.Percentile(90));
  EXPECT_EQ(first.Max(), one.Max());
}

TEST(HistogramTest, IsZeroWithoutSamples) {
  EXPECT_EQ(Histogram().Percentile(99), absl::ZeroDuration());
}

TEST(StatisticsTest, MedianIsTheMiddleOrTheMeanOfTheTwoThere) {
  EXPECT_EQ(Median({}), 0);
  EXPECT_EQ(Median({3, 1, 2}), 2);
  EXPECT_EQ(Median({4, 1, 2, 3}), 2.5);
}

TEST(StatisticsTest, QuotientsArePerRoundAndOnlyWhereBothWereMeasured) {
  EXPECT_THAT(Quotients({6, 8, 9}, {2, 4}), ElementsAre(3, 2));
  EXPECT_THAT(Quotients({1}, {0}), ElementsAre(0));
}

TEST(StatisticsTest, BestHasTheLargestMedianNotTheLargestRound) {
  EXPECT_THAT(BestOf({{1, 2, 9}, {5, 2, 7}}), ElementsAre(5, 2, 7));
  EXPECT_THAT(BestOf({}), IsEmpty());
}

TEST(WorkloadTest, PathsOfManyAllocationsAreOfOneLength) {
  const Workload workload = ManyAllocations("uniform", "bench-u", 12);
  EXPECT_EQ(workload.paths.front(), "bench-u00000");
  EXPECT_EQ(workload.paths.back(), "bench-u00011");
}

TEST(WorkloadTest, UniformChoosesAllAlike) {
  PathPicker picker =
      PathPicker(ManyAllocations("uniform", "u", 10)).WithSeed(7);
  std::map<std::string, int> chosen;
  for (int i = 0; i < 100'000; ++i) ++chosen[picker.Next()];
  ASSERT_EQ(chosen.size(), 10u);
  for (const auto& [path, count] : chosen) EXPECT_NEAR(count, 10'000, 600);
}

TEST(WorkloadTest, ZipfChoosesTheNthInProportionToOneOverN) {
  Workload workload = ManyAllocations("zipf", "z", 100);
  workload.zipf_exponent = 1;
  PathPicker picker = PathPicker(workload).WithSeed(7);
  std::map<std::string, int> chosen;
  for (int i = 0; i < 200'000; ++i) ++chosen[picker.Next()];
  const double first = chosen["z00000"];
  EXPECT_NEAR(chosen["z00001"] / first, 1.0 / 2, 0.03);
  EXPECT_NEAR(chosen["z00009"] / first, 1.0 / 10, 0.02);
}

TEST(WorkloadTest, TheSameSeedChoosesTheSame) {
  const PathPicker picker(ManyAllocations("uniform", "u", 1'000));
  PathPicker a = picker.WithSeed(1);
  PathPicker b = picker.WithSeed(1);
  PathPicker c = picker.WithSeed(2);
  int equal = 0;
  for (int i = 0; i < 100; ++i) {
    const std::string& path = a.Next();
    EXPECT_EQ(path, b.Next());
    equal += path == c.Next();
  }
  EXPECT_LT(equal, 50);
}

TEST(EncodedRequestTest, HoldsWhatWasWrittenIntoIt) {
  EncodedRequest encoded(
      MakeReserve(IdPlaceholder(), PathPlaceholder(12)));
  ASSERT_EQ(encoded.ids(), 1u);
  ASSERT_EQ(encoded.paths(), 1u);
  const std::string id = NewId();
  encoded.SetId(0, id);
  encoded.SetPath(0, "bench-u00042");
  EXPECT_EQ(encoded.bytes(),
            MakeReserve(id, "bench-u00042").SerializeAsString());
}

// The answer to a Batch of so many Settles and Reserves, granted one and all
// but for the operations at `refused`.
grpc::ByteBuffer BatchAnswer(int settles, int reserves,
                             const std::set<int>& refused = {}) {
  v1::BatchResponse response;
  for (int i = 0; i < settles + reserves; ++i) {
    v1::BatchResult& result = *response.add_results();
    if (refused.contains(i)) {
      result.mutable_error()->set_code(grpc::UNAVAILABLE);
    } else if (i < settles) {
      result.mutable_settle();
    } else {
      result.mutable_reserve();
    }
  }
  const grpc::Slice slice(response.SerializeAsString());
  return grpc::ByteBuffer(&slice, 1);
}

TEST(BatchCallerTest, SettlesWhatItsLastMessageReserved) {
  const auto callers = MakeBatchCallers(OneAllocation("hot", "hot-root"),
                                        {.operations = 8, .outstanding = 1});
  ASSERT_EQ(callers.size(), 1u);
  v1::BatchRequest first, second, last;
  Counts counts;
  ASSERT_TRUE(first.ParseFromString(*callers[0]->Next()->bytes));
  callers[0]->Answered(grpc::Status::OK, BatchAnswer(0, 4), counts);
  ASSERT_TRUE(second.ParseFromString(*callers[0]->Next()->bytes));
  callers[0]->Answered(grpc::Status::OK, BatchAnswer(4, 4), counts);
  ASSERT_TRUE(last.ParseFromString(*callers[0]->Finish()->bytes));
  ASSERT_EQ(first.operations_size(), 4);
  ASSERT_EQ(second.operations_size(), 8);
  ASSERT_EQ(last.operations_size(), 4);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(second.operations(i).settle().reservation_id(),
              first.operations(i).reserve().reservation_id());
    EXPECT_EQ(last.operations(i).settle().reservation_id(),
              second.operations(i + 4).reserve().reservation_id());
  }
  EXPECT_FALSE(callers[0]->Finish().has_value());
}

TEST(BatchCallerTest, SettlesAgainWhatWasRefusedAndOnlyWhatWasGranted) {
  const auto callers = MakeBatchCallers(OneAllocation("hot", "hot-root"),
                                        {.operations = 4, .outstanding = 1});
  v1::BatchRequest first, second, third, fourth;
  Counts counts;
  ASSERT_TRUE(first.ParseFromString(*callers[0]->Next()->bytes));
  callers[0]->Answered(grpc::Status::OK, BatchAnswer(0, 2, {1}), counts);
  // One alone fills no half.
  ASSERT_TRUE(second.ParseFromString(*callers[0]->Next()->bytes));
  ASSERT_EQ(second.operations_size(), 2);
  callers[0]->Answered(grpc::Status::OK, BatchAnswer(0, 2, {1}), counts);
  ASSERT_TRUE(third.ParseFromString(*callers[0]->Next()->bytes));
  ASSERT_EQ(third.operations_size(), 4);
  EXPECT_EQ(third.operations(0).settle().reservation_id(),
            first.operations(0).reserve().reservation_id());
  EXPECT_EQ(third.operations(1).settle().reservation_id(),
            second.operations(0).reserve().reservation_id());
  callers[0]->Answered(grpc::Status::OK, BatchAnswer(2, 2, {1, 2}), counts);
  ASSERT_TRUE(fourth.ParseFromString(*callers[0]->Next()->bytes));
  EXPECT_EQ(fourth.operations(0).settle().reservation_id(),
            second.operations(0).reserve().reservation_id());
  EXPECT_EQ(fourth.operations(1).settle().reservation_id(),
            third.operations(3).reserve().reservation_id());
  EXPECT_EQ(counts.settles_failed, 1);
}

TEST(BatchCallerTest, EndsAfterTheMessagesItMaySend) {
  const auto callers = MakeBatchCallers(
      OneAllocation("hot", "hot-root"),
      {.operations = 2, .outstanding = 1, .messages_max = 2});
  Counts counts;
  int messages = 0;
  while (callers[0]->Next() && messages < 10) {
    const int settles = messages == 0 ? 0 : 1;
    const int reserves = messages == 2 ? 0 : 1;
    ++messages;
    callers[0]->Answered(grpc::Status::OK, BatchAnswer(settles, reserves),
                         counts);
  }
  EXPECT_EQ(messages, 3);  // the last one only settles
}

TEST(WorkloadTest, InTurnGoesFromTheFirstToTheLast) {
  Workload workload = ManyAllocations("turn", "t", 3);
  workload.order = Order::kInTurn;
  PathPicker picker = PathPicker(workload).WithSeed(9);
  EXPECT_EQ(picker.Next(), "t00000");
  EXPECT_EQ(picker.Next(), "t00001");
  EXPECT_EQ(picker.Next(), "t00002");
  EXPECT_EQ(picker.Next(), "t00000");
}

TEST(BatchCallerTest, CountsResultsByWhatBecameOfThem) {
  v1::BatchResponse response;
  response.add_results()->mutable_reserve()->set_ledger_sequence(7);
  response.add_results()->mutable_settle();
  response.add_results()->mutable_error()->set_code(grpc::UNAVAILABLE);
  response.mutable_results(2)->mutable_error()->set_message("later");
  response.add_results()->mutable_error()->set_code(grpc::RESOURCE_EXHAUSTED);
  response.add_results()->mutable_reserve();
  const grpc::Slice slice(response.SerializeAsString());
  Counts counts;
  EXPECT_THAT(CountResults(grpc::ByteBuffer(&slice, 1), counts),
              ElementsAre(0, 0, grpc::UNAVAILABLE, grpc::RESOURCE_EXHAUSTED, 0));
  EXPECT_EQ(counts.ok, 3);
  EXPECT_EQ(counts.settles_ok, 1);
  EXPECT_EQ(counts.denied, 1);
  EXPECT_THAT(counts.errors,
              ElementsAre(testing::Pair("UNAVAILABLE", 1)));
}

TEST(ArrivalsTest, ComeAsOftenAsTheRateSaysAndInOrder) {
  Arrivals arrivals({{1'000, absl::Seconds(10)}, {5'000, absl::Seconds(2)}}, 3);
  EXPECT_EQ(arrivals.length(), absl::Seconds(12));
  int first = 0;
  int second = 0;
  absl::Duration last;
  while (const auto at = arrivals.Next()) {
    EXPECT_GE(*at, last);
    last = *at;
    ++(*at < absl::Seconds(10) ? first : second);
  }
  EXPECT_LT(last, absl::Seconds(12));
  EXPECT_NEAR(first, 10'000, 400);
  EXPECT_NEAR(second, 10'000, 400);
}

TEST(ArrivalsTest, AreTheSameForTheSameSeed) {
  Arrivals a({{500, absl::Seconds(1)}}, 3);
  Arrivals b({{500, absl::Seconds(1)}}, 3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.Next(), b.Next());
}

TEST(RecoveryTest, IsWhenHalfASecondBringsWhatIsOffered) {
  std::vector<int64_t> tenths(30, 60);  // overloaded: 600/s
  for (int i = 0; i < 10; ++i) tenths.push_back(10);
  for (int i = 0; i < 20; ++i) tenths.push_back(70);
  const Recovery recovery = FindRecovery(tenths, absl::Seconds(3), 700);
  EXPECT_DOUBLE_EQ(recovery.goodput, 600);
  EXPECT_DOUBLE_EQ(recovery.seconds, 1);
}

TEST(RecoveryTest, NeverIsNegative) {
  const std::vector<int64_t> tenths(40, 1);
  EXPECT_LT(FindRecovery(tenths, absl::Seconds(2), 700).seconds, 0);
}

TEST(MessageScannerTest, FindsMessagesHoweverTheyAreCut) {
  const std::string startup("\0\0\0\x08\0\x03\0\0", 8);
  const std::string query("Q\0\0\0\x06x\0", 7);
  const std::string sync("S\0\0\0\x04", 5);
  const std::string all = startup + query + sync + query;
  for (size_t piece = 1; piece <= all.size(); ++piece) {
    MessageScanner scanner(MessageScanner::Side::kClient);
    std::string types;
    for (size_t i = 0; i < all.size(); i += piece) {
      scanner.Feed(absl::string_view(all).substr(i, piece),
                   [&](char type) { types += type == 0 ? '^' : type; });
    }
    EXPECT_EQ(types, "^QSQ") << "in pieces of " << piece;
  }
}

Invocation Parse(std::vector<const char*> words) {
  words.insert(words.begin(), "budget-bench");
  return ParseInvocation(static_cast<int>(words.size()), words.data());
}

TEST(FlagsTest, LoadNeedsATarget) {
  const Invocation invocation = Parse({"load"});
  EXPECT_EQ(invocation.exit_code, 2);
  EXPECT_THAT(invocation.text, testing::HasSubstr("--target"));
}

TEST(FlagsTest, LoadSpeaksTlsWhereAFlagOfItIsGiven) {
  EXPECT_FALSE(Parse({"load", "--target", "a:1"}).load.security.tls);
  const Invocation invocation =
      Parse({"load", "--target", "a:1", "--tls-server-name", "budget"});
  EXPECT_TRUE(invocation.load.security.tls);
  EXPECT_EQ(invocation.load.security.server_name, "budget");
  EXPECT_THAT(Parse({"load", "--target", "a:1", "--token-file", "/nowhere/at"})
                  .text,
              testing::HasSubstr("--token-file"));
}

TEST(FlagsTest, LoadReadsItsFlags) {
  const Invocation invocation =
      Parse({"load", "--target", "a:1", "--target", "b:2", "--rate", "500",
             "--duration", "1m30s", "--allocation", "acme/key"});
  ASSERT_EQ(invocation.exit_code, -1) << invocation.text;
  EXPECT_EQ(invocation.command, Command::kLoad);
  EXPECT_THAT(invocation.load.endpoints, ElementsAre("a:1", "b:2"));
  EXPECT_EQ(invocation.load.rate, 500);
  EXPECT_EQ(invocation.load.duration, absl::Seconds(90));
  EXPECT_EQ(invocation.load.allocation, "acme/key");
}

TEST(FlagsTest, WhatIsWrongIsNamedWithWhatToGive) {
  EXPECT_THAT(Parse({"load", "--target", "a:1", "--duration", "soon"}).text,
              testing::HasSubstr("--duration: give a duration"));
  EXPECT_EQ(Parse({"load", "--target", "a:1", "--callers", "0"}).exit_code, 2);
  EXPECT_EQ(Parse({"load", "--target", "a:1", "--rate", "5", "--callers", "5"})
                .exit_code,
            2);
  EXPECT_THAT(Parse({"load", "--target", "a:1", "--rate", "5", "--batch", "16"})
                  .text,
              testing::HasSubstr("--batch works with --callers"));
  EXPECT_EQ(Parse({"suite", "--quick", "--smoke"}).exit_code, 2);
  EXPECT_EQ(Parse({}).exit_code, 2);
}

TEST(FlagsTest, HelpIsNoError) {
  EXPECT_EQ(Parse({"--help"}).exit_code, 0);
  EXPECT_THAT(Parse({"load", "--help"}).text, testing::HasSubstr("--rate"));
}

}  // namespace
}  // namespace budget::bench
