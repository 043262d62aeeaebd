#include "logd/notify.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstdlib>
#include <string>

#include "tests/logd/testing/abstract_socket.h"

namespace logd {
namespace {

using ::testing::MatchesRegex;

// A service manager's side of NOTIFY_SOCKET, under an abstract name.
class ServiceManager {
 public:
  ServiceManager()
      : name_(fmt::format("@logd-notify-test-{}", getpid())),
        socket_(testing::bind_abstract(name_)) {}

  const std::string& name() const { return name_; }

  std::string next_message() {
    std::array<char, 256> text{};
    const auto count =
        recv(socket_.get(), text.data(), text.size(), MSG_DONTWAIT);
    return count < 0 ? "" : std::string(text.data(), size_t(count));
  }

 private:
  std::string name_;
  logfmt::Fd socket_;
};

TEST(Notifier, SendsOneDatagramForEachState) {
  ServiceManager manager;
  const auto notifier = Notifier::open(manager.name());
  ASSERT_TRUE(notifier) << notifier.error().message();
  ASSERT_TRUE(notifier->status("12 units\nREADY=1"));
  ASSERT_TRUE(notifier->ready());
  ASSERT_TRUE(notifier->reloading());
  ASSERT_TRUE(notifier->stopping());
  EXPECT_EQ(manager.next_message(), "STATUS=12 units READY=1");
  EXPECT_EQ(manager.next_message(), "READY=1");
  EXPECT_THAT(manager.next_message(),
              MatchesRegex("RELOADING=1\nMONOTONIC_USEC=[0-9]+"));
  EXPECT_EQ(manager.next_message(), "STOPPING=1");
  EXPECT_EQ(manager.next_message(), "");
}

TEST(Notifier, TakesItsAddressOutOfTheEnvironment) {
  ServiceManager manager;
  setenv("NOTIFY_SOCKET", manager.name().c_str(), 1);
  const auto notifier = Notifier::from_environment();
  ASSERT_TRUE(notifier) << notifier.error().message();
  EXPECT_EQ(std::getenv("NOTIFY_SOCKET"), nullptr);
  ASSERT_TRUE(notifier->ready());
  EXPECT_EQ(manager.next_message(), "READY=1");
}

TEST(Notifier, IsQuietWhenNobodyListens) {
  const auto notifier = Notifier::open("");
  ASSERT_TRUE(notifier);
  EXPECT_TRUE(notifier->ready());
  EXPECT_TRUE(notifier->stopping());
}

TEST(Notifier, SaysWhichAddressIsWrong) {
  EXPECT_FALSE(Notifier::open("relative/path"));
  EXPECT_FALSE(Notifier::open("/" + std::string(107, 'x')));
  const auto gone = Notifier::open("/nonexistent/notify");
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->ready().error().message(),
            "cannot tell the service manager READY=1: "
            "No such file or directory");
}

TEST(ReadyFd, GetsANewlineAndIsClosed) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe(ends.data()), 0);
  const logfmt::Fd read_end(ends[0]);
  ASSERT_TRUE(signal_ready_fd(ends[1]));
  std::array<char, 8> text{};
  EXPECT_EQ(read(read_end.get(), text.data(), text.size()), 1);
  EXPECT_EQ(text[0], '\n');
  EXPECT_EQ(read(read_end.get(), text.data(), text.size()), 0);
  EXPECT_FALSE(signal_ready_fd(ends[1]));
}

}  // namespace
}  // namespace logd
