#include "logd/service/service.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <condition_variable>
#include <cstring>

#include "logd/service/intake_calls.h"
#include "tests/format/testing/temp_dir.h"

namespace logd {
namespace {

// Commands that say which was given, and that a test can hold up.
class HeldCommands : public Commands {
 public:
  logfmt::Status sync() override { return note("sync"); }
  logfmt::Status flush() override { return note("flush"); }
  logfmt::Status rotate() override {
    (void)note("rotate");
    return logfmt::fail(logfmt::ErrorCode::kIo, "the disk is full");
  }
  logfmt::Result<std::string> status() override { return "{}"; }

  void hold() { held_ = true; }
  void release() {
    const std::lock_guard lock(mutex_);
    held_ = false;
    changed_.notify_all();
  }
  std::string given() {
    const std::lock_guard lock(mutex_);
    return given_;
  }

 private:
  logfmt::Status note(const char* name) {
    std::unique_lock lock(mutex_);
    given_ += std::string(name) + " ";
    changed_.wait(lock, [this] { return !held_; });
    return {};
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool held_ = false;
  std::string given_;
};

class ServiceTest : public ::testing::Test {
 protected:
  ServiceTest() {
    const std::string path = dir_ / "query";
    address_.sun_family = AF_UNIX;
    std::memcpy(address_.sun_path, path.data(), path.size());
    logfmt::Fd listener(
        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    EXPECT_EQ(bind(listener.get(), address(), sizeof address_), 0);
    EXPECT_EQ(listen(listener.get(), 64), 0);
    service_ =
        std::make_unique<Service>(std::move(listener), getgid(), commands_);
  }
  const sockaddr* address() const {
    return reinterpret_cast<const sockaddr*>(&address_);
  }
  logfmt::Fd connect() {
    logfmt::Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    EXPECT_EQ(::connect(fd.get(), address(), sizeof address_), 0);
    return fd;
  }
  void send(const logfmt::Fd& fd, std::string_view text) {
    EXPECT_EQ(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL),
              static_cast<ssize_t>(text.size()));
  }
  std::string receive(const logfmt::Fd& fd) {
    std::string text;
    char buffer[512];
    for (ssize_t got; (got = recv(fd.get(), buffer, sizeof buffer, 0)) > 0;) {
      text.append(buffer, static_cast<size_t>(got));
    }
    return text;
  }
  std::string status_of(const std::string& request_line) {
    const auto fd = connect();
    send(fd, request_line + " HTTP/1.1\r\n\r\n");
    return receive(fd).substr(0, 12);
  }

  logfmt::testing::TempDir dir_;
  sockaddr_un address_{};
  HeldCommands commands_;
  std::unique_ptr<Service> service_;
};

TEST_F(ServiceTest, CarriesOutCommandsAndSaysHowTheyEnded) {
  EXPECT_EQ(status_of("POST /sync"), "HTTP/1.1 200");
  EXPECT_EQ(status_of("POST /flush"), "HTTP/1.1 200");
  EXPECT_EQ(status_of("POST /rotate"), "HTTP/1.1 500");
  EXPECT_EQ(status_of("GET /status"), "HTTP/1.1 200");
  EXPECT_EQ(status_of("GET /sync"), "HTTP/1.1 405");
  EXPECT_EQ(status_of("POST /status"), "HTTP/1.1 405");
  EXPECT_EQ(status_of("GET /"), "HTTP/1.1 404");
  EXPECT_EQ(commands_.given(), "sync flush rotate ");
}

TEST_F(ServiceTest, AnswersWhenTheCommandIsDoneAndNotBefore) {
  commands_.hold();
  const auto fd = connect();
  send(fd, "POST /sync HTTP/1.1\r\n\r\n");
  while (commands_.given().empty()) usleep(1000);
  char byte = 0;
  EXPECT_LT(recv(fd.get(), &byte, 1, MSG_DONTWAIT), 0);
  commands_.release();
  EXPECT_EQ(receive(fd).substr(0, 12), "HTTP/1.1 200");
}

TEST_F(ServiceTest, IsNotHeldUpByThoseWhoSayNothing) {
  std::vector<logfmt::Fd> silent;
  for (size_t i = 0; i + 1 < kServiceConnectionsMax; ++i) {
    silent.push_back(connect());
    send(silent.back(), "POST /sy");
  }
  EXPECT_EQ(status_of("POST /sync"), "HTTP/1.1 200");
  // With all places taken it waits until the patience with one is over.
  silent.push_back(connect());
  EXPECT_EQ(status_of("POST /sync"), "HTTP/1.1 200");
  EXPECT_EQ(receive(silent.front()), "");
}

TEST_F(ServiceTest, SurvivesAPeerThatLeaves) {
  commands_.hold();
  {
    const auto fd = connect();
    send(fd, "POST /sync HTTP/1.1\r\n\r\n");
    while (commands_.given().empty()) usleep(1000);
  }
  commands_.release();
  EXPECT_EQ(status_of("POST /flush"), "HTTP/1.1 200");
}

TEST(IntakeCalls, AreRefusedOnceTheLoopHasEnded) {
  IntakeCalls calls;
  bool ran = true;
  std::thread caller([&] { ran = calls.call([] {}); });
  usleep(10'000);
  calls.close();
  caller.join();
  EXPECT_FALSE(ran);
  EXPECT_FALSE(calls.call([] {}));
}

TEST(IntakeCalls, RunWhereTheLoopRuns) {
  IntakeCalls calls;
  std::thread::id where;  // this thread's all the time
  std::thread caller([&] {
    EXPECT_TRUE(calls.call([&] { where = std::this_thread::get_id(); }));
  });
  while (where != std::this_thread::get_id()) calls.on_ready();
  caller.join();
}

}  // namespace
}  // namespace logd
