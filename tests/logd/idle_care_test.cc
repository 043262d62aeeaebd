#include "logd/store/idle_care.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "format/segment_reader.h"
#include "logd/store/unit_retention.h"
#include "tests/format/testing/segment_samples.h"
#include "tests/format/testing/store_samples.h"
#include "tests/logd/testing/temp_store.h"

namespace logd {
namespace {

using logfmt::testing::add_segment;
using logfmt::testing::plain;
using logfmt::testing::plain_run;
using std::chrono::milliseconds;
using testing::becomes_true;
using testing::Sample;
using testing::TempDir;

class IdleCareTest : public ::testing::Test {
 protected:
  void add(uint64_t segments) {
    for (uint64_t i = 0; i < segments; ++i) {
      add_segment(store_, plain_run(next_, 10));
      next_ += 10;
    }
  }
  std::vector<Sample> entries() { return testing::read_store(store_); }
  size_t files() { return testing::names(store_).size(); }

  // Whether all segments were rewritten at the best level.
  bool all_best() {
    for (const std::string& name : testing::names(store_)) {
      const auto segment =
          logfmt::SegmentReader::open(store_.fd(), name, store_.id());
      if (!segment || segment->header().level != logfmt::kRewriteLevelBest) {
        return false;
      }
    }
    return true;
  }

  TempDir dir_;
  logfmt::StoreDir store_ = logfmt::testing::make_store(dir_.path());
  EventLog events_;
  StoreConfig config_;
  uint64_t next_ = 1;
};

TEST_F(IdleCareTest, CompressesAnewAndMergesWhatItFinds) {
  add(6);
  IdleCare care(store_, config_, events_, milliseconds(1));
  EXPECT_TRUE(becomes_true([&] { return files() == 1 && all_best(); }));
  care.stop();
  EXPECT_EQ(entries(), plain_run(1, 60));
}

TEST_F(IdleCareTest, DoesNothingTwice) {
  add(3);
  IdleCare care(store_, config_, events_, milliseconds(1));
  ASSERT_TRUE(becomes_true([&] { return all_best(); }));
  const auto before = store_.list().value();
  care.wake();
  std::this_thread::sleep_for(milliseconds(100));
  care.stop();
  const auto after = store_.list().value();
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_EQ(after[i].identity, before[i].identity);
  }
}

TEST_F(IdleCareTest, LeavesTheStoreAloneWhereItIsSwitchedOff) {
  add(6);
  config_.recompress = false;
  const auto before = store_.list().value();
  IdleCare care(store_, config_, events_, milliseconds(1));
  std::this_thread::sleep_for(milliseconds(100));
  EXPECT_EQ(files(), 6u);
  config_.recompress = true;
  care.set_config(config_);
  EXPECT_TRUE(becomes_true([&] { return files() == 1; }));
}

TEST_F(IdleCareTest, HoldsStillWhilePaused) {
  add(6);
  IdleCare care(store_, config_, events_, milliseconds(50));
  care.set_paused(true);
  std::this_thread::sleep_for(milliseconds(150));
  EXPECT_EQ(files(), 6u);
  care.set_paused(false);
  EXPECT_TRUE(becomes_true([&] { return files() == 1; }));
}

TEST_F(IdleCareTest, EndsThoughItIsPaused) {
  add(6);
  IdleCare care(store_, config_, events_, milliseconds(1));
  care.set_paused(true);
  care.stop();
  EXPECT_EQ(entries(), plain_run(1, 60));
}

TEST_F(IdleCareTest, LeavesDamageAsItIsAndCaresForTheRest) {
  add(2);
  const std::string damaged = dir_ / logfmt::segment_name(1);
  std::string bytes = logfmt::testing::read_whole(damaged);
  bytes[300] ^= 1;
  logfmt::testing::write_whole(damaged, bytes);
  IdleCare care(store_, config_, events_, milliseconds(1));
  EXPECT_TRUE(becomes_true([&] {
    const auto other = logfmt::SegmentReader::open(
        store_.fd(), logfmt::segment_name(11), store_.id());
    return other && other->header().level == logfmt::kRewriteLevelBest;
  }));
  care.stop();
  EXPECT_EQ(logfmt::testing::read_whole(damaged), bytes);
}

TEST_F(IdleCareTest, KeepsUnitsWithinTheirLimits) {
  add(6);
  config_.recompress = false;
  config_.units = {{.pattern = "bot", .max_age_us = 1'000'000}};
  IdleCare care(store_, config_, events_, milliseconds(1));
  const auto count = [&](std::string_view unit) {
    const auto all = entries();
    return std::count_if(all.begin(), all.end(), [&](const Sample& entry) {
      return testing::field_of(entry, "_SYSTEMD_UNIT") == unit;
    });
  };
  const auto others = count("web") + count("cron");
  EXPECT_TRUE(becomes_true([&] { return count("bot") == 0; }));
  care.stop();
  EXPECT_EQ(count("web") + count("cron"), others);
  const auto told = events_.take();
  ASSERT_FALSE(told.empty());
  EXPECT_EQ(told[0].kind, EventKind::kEvicted);
}

TEST_F(IdleCareTest, LoudUnitCostsTheQuietOneNothing) {
  constexpr uint64_t kLimit = 200'000;
  std::vector<Sample> quiet;
  std::mt19937 random(1);
  for (int i = 0; i < 8; ++i) {
    std::vector<Sample> entries{plain(next_, "quiet", "a rare line")};
    quiet.push_back(entries[0]);
    for (int n = 1; n < 2000; ++n) {
      std::string noise;
      for (int c = 0; c < 40; ++c) {
        noise += static_cast<char>('a' + random() % 26);
      }
      entries.push_back(plain(next_ + static_cast<uint64_t>(n), "loud", noise));
    }
    add_segment(store_, entries);
    next_ += 2000;
  }
  const logfmt::UnitLimit limits[] = {
      {.pattern = "loud", .max_use_bytes = kLimit}};
  ASSERT_TRUE(enforce_unit_limits(store_, {.limits = limits}, events_));
  uint64_t bytes = 0;
  const auto files = store_.list().value();
  for (const auto& file : files) bytes += file.identity.bytes;
  EXPECT_LT(bytes, kLimit + 8 * 4096);
  EXPECT_GT(bytes, kLimit / 2);
  std::vector<Sample> found;
  for (const Sample& entry : entries()) {
    if (testing::field_of(entry, "_SYSTEMD_UNIT") == "quiet") {
      found.push_back(entry);
    }
  }
  EXPECT_EQ(found, quiet);
}

}  // namespace
}  // namespace logd
