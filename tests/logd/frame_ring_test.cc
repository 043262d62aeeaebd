#include "logd/zone/frame_ring.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace logd {
namespace {

class FrameRingTest : public ::testing::Test {
 protected:
  bool stage(const std::string& bytes, uint64_t seq = 1, uint8_t marks = 0) {
    if (!ring_.fits(bytes.size())) return false;
    ring_.stage({.bytes = bytes, .rows = 2, .first_seq = seq, .marks = marks});
    return true;
  }
  // Takes out what is there.
  std::vector<std::string> take() {
    std::vector<std::string> taken;
    while (const auto frame = ring_.at(ring_.tail(), ring_.head())) {
      taken.emplace_back(frame->bytes);
      ring_.take_out(frame->end);
    }
    return taken;
  }

  std::vector<char> memory_ = std::vector<char>(1024);
  std::atomic<uint64_t> tail_{0};
  FrameRing ring_{memory_, tail_, 0};
};

TEST_F(FrameRingTest, GivesFramesInOrderWithWhatWasSaidOfThem) {
  ASSERT_TRUE(stage("first", 7, RingFrame::kBeginsFile | RingFrame::kUrgent));
  ASSERT_TRUE(stage("second", 9));
  const auto frame = ring_.at(ring_.tail(), ring_.head());
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->first_seq, 7U);
  EXPECT_EQ(frame->rows, 2U);
  EXPECT_TRUE(frame->has(RingFrame::kBeginsFile));
  EXPECT_TRUE(frame->has(RingFrame::kUrgent));
  EXPECT_FALSE(frame->has(RingFrame::kEndsFile));
  EXPECT_EQ(take(), (std::vector<std::string>{"first", "second"}));
  EXPECT_TRUE(ring_.empty());
}

TEST_F(FrameRingTest, ShowsNothingThatWasNotPublished) {
  const uint64_t published = ring_.head();
  ASSERT_TRUE(stage("frame"));
  EXPECT_FALSE(ring_.at(ring_.tail(), published));
}

TEST_F(FrameRingTest, TakesNoMoreThanFits) {
  int count = 0;
  while (stage(std::string(100, 'x'))) ++count;
  EXPECT_EQ(count, 8);  // of 128 bytes, with their heads
  (void)take();
  EXPECT_TRUE(stage(std::string(1000, 'y')));
  EXPECT_FALSE(stage(""));
}

TEST_F(FrameRingTest, NeverSplitsAFrame) {
  std::mt19937 random(5);
  std::vector<std::string> waiting;
  for (int i = 0; i < 2000; ++i) {
    std::string bytes(random() % 300, static_cast<char>('a' + i % 26));
    if (stage(bytes)) {
      waiting.push_back(bytes);
      continue;
    }
    ASSERT_EQ(take(), waiting);
    waiting.clear();
  }
}

TEST_F(FrameRingTest, BeginsAtItsFirstByteAgainWhenEmpty) {
  ASSERT_TRUE(stage(std::string(300, 'x')));
  (void)take();
  EXPECT_GE(ring_.rewind(), 300U);
  EXPECT_EQ(ring_.head() % memory_.size(), 0U);
  EXPECT_TRUE(ring_.empty());
  ASSERT_TRUE(stage(std::string(900, 'y')));
  EXPECT_EQ(take().size(), 1U);
}

// What a worker that died has left behind may be anything.
TEST_F(FrameRingTest, ReadsNothingBeyondItselfWhateverIsInIt) {
  std::mt19937 random(6);
  for (int i = 0; i < 5000; ++i) {
    for (char& byte : memory_) byte = static_cast<char>(random() % 4 * 85);
    tail_ = random() % 4096 * 8;
    const auto frame = ring_.at(tail_, tail_ + random() % 2048);
    if (!frame) continue;
    EXPECT_GE(frame->bytes.data(), memory_.data());
    EXPECT_LE(frame->bytes.data() + frame->bytes.size(),
              memory_.data() + memory_.size());
    EXPECT_GT(frame->end, tail_);
  }
}

}  // namespace
}  // namespace logd
