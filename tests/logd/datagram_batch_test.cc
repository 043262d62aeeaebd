#include "logd/intake/datagram_batch.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

#include "logd/clock.h"

namespace logd {
namespace {

class DatagramBatchTest : public ::testing::Test {
 protected:
  void SetUp() override {
    int ends[2];
    ASSERT_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends), 0);
    from_.reset(ends[0]);
    to_.reset(ends[1]);
    const int on = 1;
    const int large = 1 << 20;
    setsockopt(to_.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
    setsockopt(to_.get(), SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    setsockopt(from_.get(), SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
  }
  void send(std::string_view bytes, int descriptors = 0) {
    iovec data{const_cast<char*>(bytes.data()), bytes.size()};
    alignas(cmsghdr) char control[512] = {};
    msghdr header{};
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    if (descriptors > 0) {
      const size_t size = static_cast<size_t>(descriptors) * sizeof(int);
      header.msg_control = control;
      header.msg_controllen = CMSG_SPACE(size);
      cmsghdr* part = CMSG_FIRSTHDR(&header);
      part->cmsg_level = SOL_SOCKET;
      part->cmsg_type = SCM_RIGHTS;
      part->cmsg_len = CMSG_LEN(size);
      const int fd = from_.get();
      for (int i = 0; i < descriptors; ++i) {
        std::memcpy(CMSG_DATA(part) + static_cast<size_t>(i) * sizeof fd, &fd,
                    sizeof fd);
      }
    }
    ASSERT_EQ(sendmsg(from_.get(), &header, 0),
              static_cast<ssize_t>(bytes.size()));
  }
  size_t receive() {
    return batch_.receive(to_.get(), BatchKind::kNative).value();
  }
  static long open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
  }

  logfmt::Fd from_;
  logfmt::Fd to_;
  LandingZone zone_ = std::move(LandingZone::create(0).value());
  DatagramBatch batch_{zone_};
};

TEST_F(DatagramBatchTest, TakesManyAtOnceInOrder) {
  fcntl(from_.get(), F_SETFL, O_NONBLOCK);
  size_t sent = 0;
  while (sent < 100 && ::send(from_.get(), &sent, sizeof sent, 0) > 0) ++sent;
  ASSERT_GT(sent, 2U);
  size_t seen = 0;
  while (const size_t count = receive()) {
    EXPECT_LE(count, DatagramBatch::kSlots);
    for (size_t i = 0; i < count; ++i) {
      size_t number = 0;
      std::memcpy(&number, batch_[i].bytes.data(), sizeof number);
      EXPECT_EQ(number, seen++);
    }
  }
  EXPECT_EQ(seen, sent);
}

TEST_F(DatagramBatchTest, SaysWhoSentItAndWhen) {
  const uint64_t before = realtime_us();
  send("x");
  ASSERT_EQ(receive(), 1U);
  const Datagram& datagram = batch_[0];
  EXPECT_EQ(datagram.sender, (Credentials{getpid(), getuid(), getgid()}));
  EXPECT_GE(datagram.stamp_us + 1, before);
  EXPECT_LE(datagram.stamp_us, realtime_us());
}

TEST_F(DatagramBatchTest, TakesALargeDatagramWhole) {
  std::string large(200'000, 'x');
  large += "end";
  for (int i = 0; i < 3; ++i) {
    send(large);
    ASSERT_EQ(receive(), 1U);
    EXPECT_EQ(batch_[0].bytes, large);
    EXPECT_FALSE(batch_[0].truncated);
  }
}

TEST_F(DatagramBatchTest, TakesAnEmptyDatagram) {
  send("");
  send("after");
  ASSERT_EQ(receive() + receive(), 2U);
  EXPECT_EQ(receive(), 0U);
}

TEST_F(DatagramBatchTest, ClosesTheDescriptorsItReceived) {
  const long before = open_descriptors();
  for (const int descriptors : {1, 2, 3, 8, 40, 60}) {
    send("with descriptors", descriptors);
    ASSERT_EQ(receive(), 1U);
    const Datagram& datagram = batch_[0];
    EXPECT_EQ(datagram.descriptors.size(),
              static_cast<size_t>(std::min(descriptors, 2)));
    EXPECT_EQ(datagram.excess_descriptors, descriptors > 2);
    EXPECT_LE(open_descriptors(), before + 2);
    for (const logfmt::Fd& fd : datagram.descriptors) {
      EXPECT_EQ(fcntl(fd.get(), F_GETFD), FD_CLOEXEC);
    }
  }
  EXPECT_EQ(receive(), 0U);
  EXPECT_EQ(open_descriptors(), before);
}

}  // namespace
}  // namespace logd
