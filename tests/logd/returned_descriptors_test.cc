#include "logd/keeper/returned_descriptors.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <numeric>
#include <random>

#include "logd/zone/passed_descriptors.h"

namespace logd {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr int kBase = 300;  // nothing is open from here on

ino_t inode_of(int fd) {
  struct stat file {};
  return fstat(fd, &file) == 0 ? file.st_ino : 0;
}

bool closes_on_exec(int fd) { return (fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }

// A file of its own at that number, which an exec would leave open.
ino_t make_file(int number) {
  const logfmt::Fd made(memfd_create("file", 0));
  EXPECT_EQ(dup2(made.get(), number), number);
  return inode_of(number);
}

// Places `wanted.size()` files that are at kBase and so on; checks that each
// has arrived, and that nothing else is open there.
void check_placed(const std::vector<int>& wanted) {
  std::vector<Placement> all;
  std::vector<ino_t> inodes;
  for (size_t i = 0; i < wanted.size(); ++i) {
    const int fd = kBase + static_cast<int>(i);
    inodes.push_back(make_file(fd));
    all.push_back({fd, wanted[i]});
  }
  auto expected = wanted;
  std::sort(expected.begin(), expected.end());
  EXPECT_EQ(place_descriptors(all), expected);
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(inode_of(wanted[i]), inodes[i]) << i;
    EXPECT_TRUE(closes_on_exec(wanted[i])) << i;
  }
  for (const int fd : wanted) (void)close(fd);
  for (size_t i = 0; i < wanted.size(); ++i) {
    EXPECT_EQ(fcntl(kBase + static_cast<int>(i), F_GETFD), -1) << i;
  }
}

TEST(PlaceDescriptors, LeavesWhatIsRight) { check_placed({kBase, kBase + 1}); }

TEST(PlaceDescriptors, Exchanges) { check_placed({kBase + 1, kBase}); }

TEST(PlaceDescriptors, TurnsARound) {
  check_placed({kBase + 1, kBase + 2, kBase});
}

TEST(PlaceDescriptors, MovesAChain) {
  check_placed({kBase + 1, kBase + 2, kBase + 3, kBase + 9});
}

TEST(PlaceDescriptors, PlacesAnyOrder) {
  std::mt19937 random(1);
  std::vector<int> wanted(80);
  for (int round = 0; round < 100; ++round) {
    std::vector<int> numbers(120);
    std::iota(numbers.begin(), numbers.end(), kBase);
    std::shuffle(numbers.begin(), numbers.end(), random);
    std::copy_n(numbers.begin(), wanted.size(), wanted.begin());
    check_placed(wanted);
  }
}

TEST(PlaceDescriptors, ClosesTheSecondThatWantsANumber) {
  const ino_t first = make_file(kBase);
  (void)make_file(kBase + 1);
  EXPECT_THAT(place_descriptors({{kBase, kBase + 5}, {kBase + 1, kBase + 5}}),
              ElementsAre(kBase + 5));
  EXPECT_EQ(inode_of(kBase + 5), first);
  EXPECT_EQ(inode_of(kBase + 1), 0U);
  (void)close(kBase + 5);
}

TEST(PlaceDescriptors, TakesNoNumberFromAnybodyElse) {
  const ino_t other = make_file(kBase + 5);
  (void)make_file(kBase);
  EXPECT_THAT(place_descriptors({{kBase, kBase + 5}}), IsEmpty());
  EXPECT_EQ(inode_of(kBase + 5), other);
  EXPECT_EQ(inode_of(kBase), 0U);
  (void)close(kBase + 5);
}

TEST(PlaceDescriptors, ClosesWhatWantsAnImpossibleNumber) {
  (void)make_file(kBase);
  EXPECT_THAT(place_descriptors({{kBase, INT32_MAX}}), IsEmpty());
  EXPECT_EQ(inode_of(kBase), 0U);
}

class Revive : public ::testing::Test {
 protected:
  Revive() {
    int ends[2];
    EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    ours_.reset(ends[0]);
    theirs_.reset(ends[1]);
    StreamHead& head = zone_.stream(0);
    head = {.fd = ours_.get(), .held = 1};
    head.peer = {getpid(), getuid(), getgid()};
    zone_.state().stream_places = 1;
    zone_.state().sockets_bound = 1;
    zone_.state().lock_fd = 7;
  }
  int stream_fd() { return zone_.stream(0).fd; }

  LandingZone zone_ = std::move(LandingZone::create(0).value());
  logfmt::Fd ours_;
  logfmt::Fd theirs_;
};

TEST_F(Revive, KeepsAStreamThatCame) {
  const std::array numbers{ours_.get()};
  ASSERT_TRUE(revive(zone_, numbers));
  EXPECT_EQ(stream_fd(), ours_.get());
  EXPECT_EQ(zone_.state().lock_fd, -1);
  EXPECT_EQ(zone_.state().last_end, WorkerEnd::kWithKeeper);
}

TEST_F(Revive, KnowsAStreamThatDidNotCome) {
  ASSERT_TRUE(revive(zone_, {}));
  EXPECT_EQ(stream_fd(), -1);
  EXPECT_EQ(zone_.stream(0).held, 1U);
}

TEST_F(Revive, KnowsAStreamOfSomebodyElseByItsPeer) {
  zone_.stream(0).peer.pid = 1;
  const std::array numbers{ours_.get()};
  ASSERT_TRUE(revive(zone_, numbers));
  EXPECT_EQ(stream_fd(), -1);
}

TEST_F(Revive, KnowsWhatIsNoStream) {
  const logfmt::Fd file(memfd_create("file", MFD_CLOEXEC));
  zone_.stream(0).fd = file.get();
  const std::array numbers{file.get()};
  ASSERT_TRUE(revive(zone_, numbers));
  EXPECT_EQ(stream_fd(), -1);
}

TEST_F(Revive, GivesADescriptorToOneStreamOnly) {
  zone_.stream(1) = zone_.stream(0);
  zone_.state().stream_places = 2;
  const std::array numbers{ours_.get()};
  ASSERT_TRUE(revive(zone_, numbers));
  EXPECT_EQ(stream_fd(), ours_.get());
  EXPECT_EQ(zone_.stream(1).fd, -1);
}

TEST_F(Revive, ForgetsASocketThatClientsDoNotFind) {
  zone_.state().sockets[0] = {.fd = ours_.get(), .path = {"/nowhere"}};
  const std::array numbers{ours_.get()};
  ASSERT_TRUE(revive(zone_, numbers));
  EXPECT_EQ(zone_.state().sockets[0].fd, -1);
  EXPECT_EQ(zone_.state().sockets_bound, 0U);
}

TEST_F(Revive, AfterAStopNothingOfTheStoreIsLeft) {
  zone_.next().next_seq = 100;
  zone_.next().ring_head = 4096;
  zone_.commit();
  zone_.state().last_end = WorkerEnd::kStopped;
  ASSERT_TRUE(revive(zone_, {}));
  EXPECT_EQ(zone_.committed().next_seq, 0U);
  EXPECT_EQ(zone_.state().ring_tail, zone_.committed().ring_head);
  EXPECT_EQ(zone_.state().last_end, WorkerEnd::kStopped);
}

TEST_F(Revive, RefusesWhatMakesNoSense) {
  zone_.state().stream_places = UINT32_MAX;
  EXPECT_FALSE(revive(zone_, {}));
  zone_.state().stream_places = 1;
  zone_.state().ring_tail = UINT64_MAX / 2;
  EXPECT_FALSE(revive(zone_, {}));
}

// Their numbers are somebody else's in another process.
TEST_F(Revive, ForgetsDescriptorsThatCameWithAnOpenBatch) {
  int ends[2];
  ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
  const logfmt::Fd from(ends[0]), to(ends[1]);
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
  msghdr message{};
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  cmsghdr* part = CMSG_FIRSTHDR(&message);
  *part = {.cmsg_len = CMSG_LEN(sizeof(int)),
           .cmsg_level = SOL_SOCKET,
           .cmsg_type = SCM_RIGHTS};
  const int sent = from.get();
  std::memcpy(CMSG_DATA(part), &sent, sizeof sent);
  ASSERT_EQ(sendmsg(from.get(), &message, 0), 0);
  zone_.arm(BatchKind::kNative, LandingZone::kControlBytes);
  ASSERT_EQ(recvmmsg(to.get(), zone_.headers().data(), LandingZone::kDatagrams,
                     MSG_DONTWAIT, nullptr),
            1);
  const auto passed = [&] {
    std::vector<int> found;
    for_each_descriptor(zone_.control(0), [&](int fd) { found.push_back(fd); });
    return found;
  };
  ASSERT_EQ(passed().size(), 1U);
  (void)close(passed()[0]);
  ASSERT_TRUE(revive(zone_, {}));
  EXPECT_THAT(passed(), IsEmpty());
  EXPECT_TRUE(zone_.batch_is_open());
}

}  // namespace
}  // namespace logd
