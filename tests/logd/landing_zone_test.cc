#include "logd/zone/landing_zone.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "logd/keeper/held_descriptors.h"
#include "logd/zone/passed_descriptors.h"
#include "logd/zone/stream_table.h"

namespace logd {
namespace {

class LandingZoneTest : public ::testing::Test {
 protected:
  LandingZoneTest() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
    from_.reset(ends[0]);
    to_.reset(ends[1]);
  }
  void send(std::string_view text) {
    ASSERT_EQ(::send(from_.get(), text.data(), text.size(), 0),
              static_cast<ssize_t>(text.size()));
  }
  int receive(LandingZone& zone) {
    zone.arm(BatchKind::kSyslog, 0);
    return recvmmsg(to_.get(), zone.headers().data(), LandingZone::kDatagrams,
                    MSG_DONTWAIT, nullptr);
  }
  std::string text(LandingZone& zone, size_t index) {
    return {zone.slot(index).data(), zone.headers()[index].msg_len};
  }

  logfmt::Fd from_;
  logfmt::Fd to_;
  LandingZone zone_ = std::move(LandingZone::create(0).value());
};

TEST_F(LandingZoneTest, KnowsABatchThatWasReceivedAndNotCommitted) {
  EXPECT_FALSE(zone_.batch_is_open());
  send("one");
  send("two");
  ASSERT_EQ(receive(zone_), 2);
  EXPECT_TRUE(zone_.batch_is_open());
  EXPECT_EQ(zone_.received(), 2U);
  EXPECT_EQ(text(zone_, 0), "one");
  EXPECT_EQ(text(zone_, 1), "two");
  zone_.next().taken = 2;
  zone_.commit();
  EXPECT_FALSE(zone_.batch_is_open());
}

TEST_F(LandingZoneTest, KnowsHowMuchOfABatchIsOver) {
  send("one");
  send("two");
  ASSERT_EQ(receive(zone_), 2);
  zone_.next().taken = 1;
  zone_.commit();
  EXPECT_TRUE(zone_.batch_is_open());
  zone_.next() = {};  // another worker
  zone_.resume();
  EXPECT_EQ(zone_.next().taken, 1U);
}

TEST_F(LandingZoneTest, AnEmptySocketLeavesNoBatch) {
  ASSERT_EQ(receive(zone_), -1);
  EXPECT_FALSE(zone_.batch_is_open());
}

// A worker that is killed while it prepares a batch has received nothing.
TEST_F(LandingZoneTest, WhatIsBeingPreparedIsNoBatch) {
  send("one");
  ASSERT_EQ(receive(zone_), 1);
  zone_.next().taken = 1;
  zone_.commit();
  zone_.arm(BatchKind::kSyslog, 0);
  EXPECT_FALSE(zone_.batch_is_open());
}

TEST_F(LandingZoneTest, ACommitCountsAsAWhole) {
  zone_.next().next_seq = 5;
  zone_.next().ring_head = 800;
  EXPECT_EQ(zone_.committed().next_seq, 0U);
  zone_.commit();
  EXPECT_EQ(zone_.committed().next_seq, 5U);
  EXPECT_EQ(zone_.committed().ring_head, 800U);
}

TEST_F(LandingZoneTest, ACommitLeavesTheOneBeforeAsItWas) {
  zone_.next().next_seq = 5;
  zone_.commit();
  const ZoneCommit& before = zone_.committed();
  zone_.next().next_seq = 6;
  zone_.commit();
  EXPECT_EQ(before.next_seq, 5U);
  EXPECT_EQ(zone_.committed().next_seq, 6U);
}

TEST_F(LandingZoneTest, IsTheSameWhereItIsMappedAgain) {
  send("kept");
  ASSERT_EQ(receive(zone_), 1);
  auto again = LandingZone::attach(logfmt::Fd(dup(zone_.fd())));
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(again->batch_is_open());
  EXPECT_EQ(text(*again, 0), "kept");
  EXPECT_NE(again->slot(0).data(), zone_.slot(0).data());
}

TEST_F(LandingZoneTest, OfAnotherVersionIsNotUsed) {
  ++zone_.state().magic;
  const auto again = LandingZone::attach(logfmt::Fd(dup(zone_.fd())));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, logfmt::ErrorCode::kUnsupported);
}

// Whatever wrote there, the next worker must not die of it as well.
TEST_F(LandingZoneTest, MendsWhatNoWorkerCanHaveMeant) {
  send("kept");
  ASSERT_EQ(receive(zone_), 1);
  ZoneState& state = zone_.state();
  for (ZoneCommit& record : state.commits) {
    record.ring_head = 13;
    record.next_seq = UINT64_MAX;
    std::memset(static_cast<void*>(&record.drops), 0xfe, sizeof record.drops);
  }
  for (mmsghdr& header : zone_.headers()) {
    header.msg_hdr.msg_control = &header;
    header.msg_hdr.msg_iov = nullptr;
    header.msg_hdr.msg_name = &header;
    header.msg_hdr.msg_controllen = SIZE_MAX;
  }
  zone_.begin_worker();
  EXPECT_EQ(zone_.committed().ring_head, 0U);
  EXPECT_EQ(state.ring_tail, 0U);
  EXPECT_EQ(zone_.next().next_seq, 0U);
  EXPECT_TRUE(zone_.next().drops.empty());
  EXPECT_EQ(zone_.control(0).size(), LandingZone::kControlBytes);
  EXPECT_EQ(text(zone_, 0), "kept");
  for (int i = 0; i < 3; ++i) {
    zone_.commit();
    send("new");
    ASSERT_EQ(receive(zone_), 1);
    EXPECT_EQ(text(zone_, 0), "new");
  }
}

TEST_F(LandingZoneTest, HoldsNoMoreStreamsThanItHasPlacesFor) {
  zone_.state().stream_places = UINT32_MAX;
  zone_.stream(kStreamPlaces - 1) = {.fd = 77, .held = 1};
  const auto held = held_descriptors(zone_);
  EXPECT_EQ(std::count(held.begin(), held.end(), 77), 1);
}

std::vector<std::string> parts(const std::vector<cmsghdr>& headers) {
  std::vector<std::string> found;
  const std::string_view bytes(reinterpret_cast<const char*>(headers.data()),
                               headers.size() * sizeof(cmsghdr));
  for_each_part(bytes, [&](int type, std::span<const char> data) {
    found.push_back(std::to_string(type) + ":" + std::to_string(data.size()));
  });
  return found;
}

TEST(PassedDescriptors, StayWithinWhatCame) {
  using Parts = std::vector<std::string>;
  constexpr size_t kHead = sizeof(cmsghdr);
  const cmsghdr good{
      .cmsg_len = kHead, .cmsg_level = SOL_SOCKET, .cmsg_type = 1};
  cmsghdr odd = good;
  odd.cmsg_type = 2;
  EXPECT_EQ(parts({}), Parts{});
  EXPECT_EQ(parts({good, odd}), (Parts{"1:0", "2:0"}));
  for (const size_t length : {size_t{0}, kHead - 1, kHead + 1, size_t{1} << 63,
                              SIZE_MAX - 7, SIZE_MAX - 3, SIZE_MAX}) {
    odd.cmsg_len = length;
    EXPECT_EQ(parts({good, odd}), Parts{"1:0"}) << length;
  }
  odd.cmsg_len = kHead + 1;
  EXPECT_EQ(parts({odd, good}), Parts{"2:1"}) << "not aligned";
}

TEST_F(LandingZoneTest, TakesFewPagesAndGivesBackWhatIsDiscarded) {
  struct stat status {};
  ASSERT_EQ(fstat(zone_.fd(), &status), 0);
  EXPECT_LT(status.st_blocks * 512, off_t{1} << 20);
  for (char& byte : zone_.slot(3).first(4 << 20)) byte = 'x';
  ASSERT_EQ(fstat(zone_.fd(), &status), 0);
  EXPECT_GT(status.st_blocks * 512, off_t{4} << 20);
  zone_.discard(zone_.slot(3).first(4 << 20));
  ASSERT_EQ(fstat(zone_.fd(), &status), 0);
  EXPECT_LT(status.st_blocks * 512, off_t{1} << 20);
}

}  // namespace
}  // namespace logd
