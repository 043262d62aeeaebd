#include "logd/run/log_stream.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <filesystem>

namespace logrun {
namespace {

using std::chrono::milliseconds;

constexpr char kHeader[] = "bot\nbot.service\n6\n1\n0\n0\nstdout 7\n";

// Both ends in one thread: the test decides what the daemon has read.
class LogStreamTest : public testing::Test {
 protected:
  LogStreamTest() : poller_(std::move(*Poller::create())) {
    std::string name = testing::TempDir() + "stream_XXXXXX";
    EXPECT_NE(nullptr, mkdtemp(name.data()));
    directory_ = name;
  }
  ~LogStreamTest() override { std::filesystem::remove_all(directory_); }

  std::string path() const { return directory_ + "/stdout"; }

  void listen() {
    unlink(path().c_str());
    listener_.reset(
        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    std::memcpy(address.sun_path, path().data(), path().size());
    ASSERT_EQ(0, bind(listener_.get(), reinterpret_cast<sockaddr*>(&address),
                      sizeof address));
    ASSERT_EQ(0, ::listen(listener_.get(), 8));
  }
  void accept() {
    peer_.reset(accept4(listener_.get(), nullptr, nullptr,
                        SOCK_CLOEXEC | SOCK_NONBLOCK));
    ASSERT_TRUE(peer_.valid());
  }
  std::string read_some(size_t bytes_max = 64 << 10) {
    std::string bytes(bytes_max, '\0');
    const ssize_t count = recv(peer_.get(), bytes.data(), bytes.size(), 0);
    bytes.resize(count > 0 ? static_cast<size_t>(count) : 0);
    return bytes;
  }
  // Reads the header and lets the stream see that.
  void accept_and_greet(LogStream& stream) {
    stream.turn(now_);
    accept();
    EXPECT_EQ(kHeader, read_some());
    stream.turn(now_);
  }
  // Lets the next attempt to connect come.
  void wait_for_retry(const LogStream& stream) {
    ASSERT_TRUE(stream.deadline(now_));
    now_ = *stream.deadline(now_);
  }

  Poller poller_;
  std::string directory_;
  logfmt::Fd listener_;
  logfmt::Fd peer_;
  Clock::time_point now_ = Clock::now();
};

TEST_F(LogStreamTest, SendsHeaderThenBytes) {
  listen();
  LogStream stream(path(), kHeader, poller_);
  stream.append("hello\n");
  accept_and_greet(stream);
  EXPECT_FALSE(stream.delivered());
  EXPECT_EQ("hello\n", read_some());
  stream.turn(now_);
  EXPECT_TRUE(stream.delivered());
}

TEST_F(LogStreamTest, NeedsNoWakeUpsWhileConnectedAndSilent) {
  listen();
  LogStream stream(path(), kHeader, poller_);
  accept_and_greet(stream);
  EXPECT_FALSE(stream.deadline(now_));
}

TEST_F(LogStreamTest, ReadingWakesThePoller) {
  listen();
  LogStream stream(path(), kHeader, poller_);
  stream.append("hello\n");
  accept_and_greet(stream);
  poller_.wait(Clock::now());  // forgets the edges until here
  EXPECT_EQ("hello\n", read_some());
  const auto begin = Clock::now();
  poller_.wait(begin + std::chrono::seconds(5));
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(4));
}

TEST_F(LogStreamTest, UnreadBytesAreSentToTheNextDaemon) {
  listen();
  LogStream stream(path(), kHeader, poller_);
  stream.append("one\n");
  accept_and_greet(stream);
  peer_.reset();  // "one" is in the socket, not read
  listen();
  stream.turn(now_);
  EXPECT_FALSE(stream.connected());
  wait_for_retry(stream);
  accept_and_greet(stream);
  EXPECT_EQ("one\n", read_some());
}

TEST_F(LogStreamTest, ReadBytesAreNotSentAgain) {
  listen();
  LogStream stream(path(), kHeader, poller_);
  stream.append("one\n");
  accept_and_greet(stream);
  EXPECT_EQ("one\n", read_some());
  peer_.reset();  // before the stream could look
  listen();
  stream.turn(now_);
  EXPECT_TRUE(stream.delivered());
  wait_for_retry(stream);
  stream.append("two\n");
  accept_and_greet(stream);
  EXPECT_EQ("two\n", read_some());
}

TEST_F(LogStreamTest, ConnectionThatWasNeverAcceptedLosesNothing) {
  listen();
  LogStream stream(path(), kHeader, poller_);
  stream.append("one\n");
  stream.turn(now_);
  EXPECT_TRUE(stream.connected());
  listen();  // the first listener goes, with the connection in its queue
  stream.turn(now_);
  wait_for_retry(stream);
  accept_and_greet(stream);
  EXPECT_EQ("one\n", read_some());
}

TEST_F(LogStreamTest, RetriesWithGrowingDelayWhileThereIsNoDaemon) {
  LogStream stream(path(), kHeader, poller_);
  for (const int ms : {100, 200, 400, 400, 400}) {
    stream.turn(now_);
    EXPECT_FALSE(stream.connected());
    EXPECT_EQ(now_ + milliseconds(ms), stream.deadline(now_));
    wait_for_retry(stream);
  }
}

TEST_F(LogStreamTest, SourceWaitsForASlowDaemonButNotForADeadOne) {
  listen();
  LogStream stream(path(), kHeader, poller_);
  accept_and_greet(stream);
  stream.append(std::string(LineBuffer::kBytesMax / 4, 'x') + "\n");
  EXPECT_GT(stream.room(now_), 0U);
  stream.append(std::string(LineBuffer::kBytesMax, 'x').replace(0, 1, "\n"));
  stream.turn(now_);
  EXPECT_EQ(stream.room(now_), 0U);
  EXPECT_EQ(now_ + LogStream::kStallMax, stream.deadline(now_));
  EXPECT_GT(stream.room(now_ + LogStream::kStallMax), 0U);
  peer_.reset();
  stream.turn(now_);
  EXPECT_GT(stream.room(now_), 0U);
}

TEST_F(LogStreamTest, PathTooLongForASocketIsADaemonThatIsAway) {
  LogStream stream("/" + std::string(200, 'x'), kHeader, poller_);
  stream.turn(now_);
  EXPECT_FALSE(stream.connected());
}

}  // namespace
}  // namespace logrun
