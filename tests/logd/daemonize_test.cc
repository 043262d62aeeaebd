#include "logd/daemonize.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>
#include <string>

namespace logd {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Daemon : public testing::Test {
 protected:
  void SetUp() override {
    std::string dir = testing::TempDir() + "/daemon_XXXXXX";
    ASSERT_NE(mkdtemp(dir.data()), nullptr);
    dir_ = dir;
  }
  void TearDown() override { fs::remove_all(dir_); }

  // The exit status of a child that does this.
  static int in_child(const std::function<int()>& work) {
    const pid_t child = fork();
    if (child == 0) _exit(work());
    int status = 0;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  }

  // Runs a program that daemonizes, as a person would from a shell: its
  // status, and its words in the file "error".
  int start(const std::function<int(StartReport)>& daemon) const {
    return in_child([&] {
      auto started = daemonize();
      if (!started) return 99;
      if (!started->waited) _exit(daemon(std::move(started->report)));
      std::ofstream(dir_ / "error") << started->error;
      return started->exit_status;
    });
  }

  std::string text_of(const char* name) const {
    std::ifstream file(dir_ / name);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  fs::path dir_;
};

TEST_F(Daemon, StartReturnsOnlyWhenItIsReady) {
  const int status = start([&](StartReport report) {
    usleep(100'000);
    std::ofstream(dir_ / "ready") << "yes";
    return report.ready() ? 0 : 1;
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(text_of("ready"), "yes");
  EXPECT_EQ(text_of("error"), "");
}

TEST_F(Daemon, HasNoTerminalAndCanNotGetOne) {
  const pid_t session = getsid(0);
  const int status = start([&](StartReport report) {
    std::ofstream(dir_ / "facts")
        << fmt::format("{} {} {}", getsid(0) != session, getsid(0) != getpid(),
                       fs::current_path().string());
    if (!report.ready()) return 1;
    return 0;
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(text_of("facts"), "true true /");
}

TEST_F(Daemon, ReportsWhyItDidNotStart) {
  const int status = start([](StartReport report) {
    return report.failed(2, "the directory is locked") ? 0 : 1;
  });
  EXPECT_EQ(status, 2);
  EXPECT_EQ(text_of("error"), "the directory is locked");
}

TEST_F(Daemon, AVeryLongReasonIsCut) {
  const int status = start([](StartReport report) {
    return report.failed(1, std::string(100'000, 'x')) ? 0 : 1;
  });
  EXPECT_EQ(status, 1);
  EXPECT_EQ(text_of("error").size(), 4095u);
}

TEST_F(Daemon, ADeathBeforeReadyIsAFailure) {
  const int status = start([](StartReport) { return raise(SIGKILL); });
  EXPECT_EQ(status, 1);
  EXPECT_THAT(text_of("error"), HasSubstr("ended before it was ready"));
}

TEST_F(Daemon, InTheForegroundAReportGoesNowhere) {
  StartReport report;
  EXPECT_TRUE(report.ready());
  EXPECT_TRUE(report.failed(1, "no"));
}

TEST_F(Daemon, PidFileHoldsTheIdAndGoesWithTheProcess) {
  {
    const auto file = PidFile::create(dir_ / "pid");
    ASSERT_TRUE(file) << file.error().message();
    EXPECT_EQ(text_of("pid"), fmt::format("{}\n", getpid()));
  }
  EXPECT_FALSE(fs::exists(dir_ / "pid"));
}

TEST_F(Daemon, PidFileOfALivingProcessIsRefused) {
  const auto file = PidFile::create(dir_ / "pid");
  ASSERT_TRUE(file);
  const auto second = PidFile::create(dir_ / "pid");
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message(),
              HasSubstr(fmt::format("process {} holds", getpid())));
  EXPECT_EQ(text_of("pid"), fmt::format("{}\n", getpid()));
}

TEST_F(Daemon, PidFileThatWasLeftBehindIsTakenOver) {
  std::ofstream(dir_ / "pid") << "1\nmore than a process id\n";
  const auto file = PidFile::create(dir_ / "pid");
  ASSERT_TRUE(file) << file.error().message();
  EXPECT_EQ(text_of("pid"), fmt::format("{}\n", getpid()));
}

TEST_F(Daemon, PidFileStaysWhenAChildEnds) {
  auto file = PidFile::create(dir_ / "pid");
  ASSERT_TRUE(file);
  in_child([&] {
    const auto child_copy = std::move(*file);
    return 0;
  });
  EXPECT_TRUE(fs::exists(dir_ / "pid"));
  EXPECT_FALSE(PidFile::create(dir_ / "pid"));
}

TEST_F(Daemon, PidFileDoesNotFollowLinks) {
  std::ofstream(dir_ / "precious") << "keep";
  fs::create_symlink(dir_ / "precious", dir_ / "pid");
  EXPECT_FALSE(PidFile::create(dir_ / "pid"));
  EXPECT_EQ(text_of("precious"), "keep");
}

}  // namespace
}  // namespace logd
