// The program as a whole, told what to do as an administrator tells it.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "logd/event_log.h"
#include "tests/logd/testing/temp_store.h"

namespace logd {
namespace {

using testing::becomes_true;
using testing::field_of;
using testing::message_of;
using testing::Sample;

class DaemonTest : public ::testing::Test {
 protected:
  ~DaemonTest() override {
    if (pid_ > 0) (void)end(SIGKILL);
  }
  std::string path(const std::string& name) { return dir_.path() + "/" + name; }

  // A process of logd whose words go to the file "words".
  pid_t spawn(const std::string& runtime_dir) {
    const pid_t pid = fork();
    if (pid != 0) return pid;
    const int out =
        open(path("words").c_str(), O_CREAT | O_TRUNC | O_WRONLY, 0600);
    (void)dup2(out, STDERR_FILENO);
    execl(LOGD_BINARY, "logd", "--takeover=no", "--config",
          path("logd.toml").c_str(), "--state-dir", path("state").c_str(),
          "--runtime-dir", path(runtime_dir).c_str(), nullptr);
    _exit(127);
  }
  void start() {
    logfmt::testing::write_whole(path("logd.toml"), config_);
    pid_ = spawn("run");
    ASSERT_TRUE(becomes_true([&] { return connect().valid(); }))
        << logfmt::testing::read_whole(path("words"));
  }
  int end(int number) {
    kill(pid_, number);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }
  // Keeper and worker at once: a worker alone would end in order.
  void end_as_by_a_power_cut() {
    const std::string pid = std::to_string(pid_);
    std::ifstream children("/proc/" + pid + "/task/" + pid + "/children");
    pid_t worker = 0;
    ASSERT_TRUE(children >> worker);
    kill(worker, SIGSTOP);
    EXPECT_EQ(end(SIGKILL), 128 + SIGKILL);
    kill(worker, SIGKILL);
  }
  logfmt::Fd connect() {
    logfmt::Fd fd(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    const std::string name = path("run/syslog");
    std::memcpy(address.sun_path, name.data(), name.size());
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
                  sizeof address) != 0) {
      fd.reset();
    }
    return fd;
  }
  bool send(const std::string& text) {
    return ::send(connect().get(), text.data(), text.size(), MSG_DONTWAIT) >= 0;
  }
  std::vector<Sample> entries() {
    const auto store = logfmt::StoreDir::open(path("state"));
    return store ? testing::read_store(*store) : std::vector<Sample>();
  }
  bool has(std::string_view field, std::string_view value) {
    const auto all = entries();
    return std::any_of(all.begin(), all.end(), [&](const Sample& entry) {
      return field_of(entry, field) == value;
    });
  }

  testing::TempDir dir_;
  std::string config_ = "[store]\nsync_interval = \"100ms\"\n";
  pid_t pid_ = -1;
};

TEST_F(DaemonTest, StoresWhatIsQueuedBeforeItEnds) {
  start();
  kill(pid_, SIGSTOP);
  size_t sent = 0;
  while (sent < 500 && send("<13>a: " + std::to_string(sent))) ++sent;
  ASSERT_GT(sent, 5U);
  kill(pid_, SIGTERM);
  kill(pid_, SIGCONT);
  EXPECT_EQ(end(SIGCONT), 0);
  size_t stored = 0;
  for (const Sample& entry : entries()) {
    if (field_of(entry, "SYSLOG_IDENTIFIER") != "a") continue;
    EXPECT_EQ(message_of(entry), std::to_string(stored++));
  }
  EXPECT_EQ(stored, sent);
  EXPECT_TRUE(has("MESSAGE_ID", message_id(EventKind::kStopped)));
  EXPECT_FALSE(std::filesystem::exists(path("run/syslog")));
}

TEST_F(DaemonTest, KeepsItsConfigurationWhenTheNewOneIsWrong) {
  start();
  logfmt::testing::write_whole(path("logd.toml"), "[store]\nmax_uze = \"1\"\n");
  kill(pid_, SIGHUP);
  EXPECT_TRUE(becomes_true([&] {
    return has("MESSAGE_ID", message_id(EventKind::kRejectedConfig));
  }));
  ASSERT_TRUE(send("<13>a: still there"));
  EXPECT_TRUE(becomes_true([&] { return has("MESSAGE", "still there"); }));
  logfmt::testing::write_whole(path("logd.toml"), config_);
  kill(pid_, SIGHUP);
  EXPECT_TRUE(becomes_true(
      [&] { return has("MESSAGE_ID", message_id(EventKind::kReloaded)); }));
  EXPECT_EQ(end(SIGINT), 0);
}

TEST_F(DaemonTest, RefusesAStoreThatIsInUse) {
  start();
  int status = 0;
  waitpid(spawn("elsewhere"), &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 1);
  EXPECT_EQ(logfmt::testing::read_whole(path("words")),
            "logd: another logd is writing the store " + path("state") + "\n");
  EXPECT_TRUE(send("<13>a: the first goes on"));
}

TEST_F(DaemonTest, LosesNothingThatWasStoredWhenItIsKilled) {
  start();
  ASSERT_TRUE(send("<13>a: one"));
  ASSERT_TRUE(becomes_true([&] { return has("MESSAGE", "one"); }));
  end_as_by_a_power_cut();
  start();
  EXPECT_TRUE(becomes_true([&] { return has("LOGD_EVENT", "unclean"); }));
  ASSERT_TRUE(send("<13>a: two"));
  ASSERT_TRUE(becomes_true([&] { return has("MESSAGE", "two"); }));
  EXPECT_EQ(end(SIGTERM), 0);
  const auto all = entries();
  for (size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].seq, i + 1);
}

TEST_F(DaemonTest, MakesASegmentWhenItIsToldToRotate) {
  start();
  ASSERT_TRUE(send("<13>a: one"));
  ASSERT_TRUE(becomes_true([&] { return has("MESSAGE", "one"); }));
  kill(pid_, SIGUSR2);
  EXPECT_TRUE(becomes_true([&] {
    return std::filesystem::exists(path("state/" + logfmt::segment_name(1)));
  }));
  EXPECT_EQ(end(SIGTERM), 0);
  EXPECT_TRUE(has("MESSAGE", "one"));
}

}  // namespace
}  // namespace logd
