// `logrun -d`, the real program.
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "tests/run/fake_daemon.h"
#include "tests/run/logrun_process.h"

namespace logrun_test {
namespace {

class Daemonize : public testing::Test {
 protected:
  pid_t pid_in_file() const {
    pid_t pid = 0;
    std::ifstream(pid_file_) >> pid;
    return pid;
  }
  // The daemon removes it when it ends.
  bool pid_file_goes() const {
    return wait_until([&] { return access(pid_file_.c_str(), F_OK) != 0; });
  }
  std::vector<std::string> words(std::vector<std::string> command) const {
    std::vector<std::string> all = {"-u",        "bot",     "-d",
                                    "--pidfile", pid_file_, "--"};
    all.insert(all.end(), command.begin(), command.end());
    return all;
  }

  FakeDaemon daemon_;
  std::string pid_file_ = daemon_.directory() + "/pid";
};

TEST_F(Daemonize, ReturnsAtOnceAndGoesOnInTheBackground) {
  daemon_.start();
  LogrunProcess process(
      daemon_.directory(),
      words({"sh", "-c", "echo one; cat; sleep 0.3; echo two; exec sleep 30"}));
  EXPECT_EQ(0, process.wait());
  const pid_t pid = pid_in_file();
  ASSERT_LT(0, pid);
  EXPECT_EQ(0, kill(pid, 0));
  EXPECT_NE(getsid(0), getsid(pid));
  EXPECT_NE(pid, getsid(pid));
  ASSERT_TRUE(wait_until([&] { return daemon_.lines("stdout").size() == 2; }));
  kill(pid, SIGTERM);
  EXPECT_TRUE(pid_file_goes());
  EXPECT_TRUE(daemon_.wait_for_events(2));
}

TEST_F(Daemonize, SaysWhyTheCommandCouldNotBeStarted) {
  daemon_.start();
  LogrunProcess process(daemon_.directory(), words({"no-such-program"}));
  EXPECT_EQ(127, process.wait());
  EXPECT_NE(std::string::npos, process.printed().find("no-such-program"));
  EXPECT_TRUE(pid_file_goes());
}

// What logrun opens must not take the place of a closed standard descriptor:
// its messages would go there.
TEST_F(Daemonize, StatusArrivesWhereTheCallersOutputsAreClosed) {
  daemon_.start();
  const std::string logrun =
      "LOGD_RUNTIME_DIR=" + daemon_.directory() + " " LOGRUN_PATH;
  for (const char* closed : {">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-"}) {
    const std::string command = logrun + " -d -- no-such-program " + closed;
    const int status = std::system(command.c_str());
    EXPECT_EQ(127, WEXITSTATUS(status)) << closed;
  }
}

TEST_F(Daemonize, SecondOneWithTheSamePidFileIsRefused) {
  daemon_.start();
  LogrunProcess first(daemon_.directory(), words({"sleep", "30"}));
  EXPECT_EQ(0, first.wait());
  const pid_t pid = pid_in_file();
  LogrunProcess second(daemon_.directory(), words({"sleep", "30"}));
  EXPECT_EQ(125, second.wait());
  EXPECT_NE(std::string::npos, second.printed().find(pid_file_));
  EXPECT_EQ(pid, pid_in_file());
  kill(pid, SIGTERM);
  EXPECT_TRUE(pid_file_goes());
}

TEST_F(Daemonize, ServesAProcessThatTheCommandLeftBehind) {
  daemon_.start();
  LogrunProcess process(
      daemon_.directory(),
      words({"sh", "-c", "(sleep 2; echo from the heir) & exit 0"}));
  EXPECT_EQ(0, process.wait());
  ASSERT_TRUE(daemon_.wait_for_events(2));
  ASSERT_TRUE(wait_until([&] { return daemon_.lines("stdout").size() == 1; }));
  EXPECT_TRUE(pid_file_goes());
}

}  // namespace
}  // namespace logrun_test
