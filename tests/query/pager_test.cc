#include "query/pager.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "query/output_stream.h"
#include "tests/query/made_environment.h"

namespace logq {
namespace {

MadeEnvironment terminal() {
  return {.variables = {{"TERM", "xterm"}, {"PAGER", "my-pager"}},
          .terminal = true};
}

TEST(Pager, RunsOnlyOnATerminal) {
  EXPECT_TRUE(choose_pager({}, terminal().environment()));
  MadeEnvironment pipe = terminal();
  pipe.terminal = false;
  EXPECT_FALSE(choose_pager({}, pipe.environment()));
  MadeEnvironment dumb = terminal();
  dumb.variables["TERM"] = "dumb";
  EXPECT_FALSE(choose_pager({}, dumb.environment()));
}

TEST(Pager, IsLeftOutWhenToldOrFollowing) {
  EXPECT_FALSE(choose_pager({.disabled = true}, terminal().environment()));
  EXPECT_FALSE(choose_pager({.follow = true}, terminal().environment()));
}

TEST(Pager, IsTheUsersChoice) {
  MadeEnvironment made = terminal();
  EXPECT_EQ(choose_pager({}, made.environment())->command, "my-pager");
  made.variables["LOGQ_PAGER"] = "other -x";
  EXPECT_EQ(choose_pager({}, made.environment())->command, "other -x");
  made.variables["LOGQ_PAGER"] = "cat";
  EXPECT_FALSE(choose_pager({}, made.environment()));
}

TEST(Pager, FallsBackToLessIfInstalled) {
  const std::string dir =
      testing::TempDir() + "pager_test." + std::to_string(getpid());
  std::filesystem::create_directories(dir);
  MadeEnvironment made = terminal();
  made.variables.erase("PAGER");
  made.variables["PATH"] = "/nonexistent:" + dir;
  EXPECT_FALSE(choose_pager({}, made.environment()));
  std::ofstream(dir + "/less") << "#!/bin/sh\n";
  std::filesystem::permissions(dir + "/less",
                               std::filesystem::perms::owner_all);
  EXPECT_EQ(choose_pager({}, made.environment())->command, "less");
  std::filesystem::remove_all(dir);
}

TEST(Pager, SetsLessForLogs) {
  MadeEnvironment made = terminal();
  EXPECT_EQ(choose_pager({}, made.environment())->less, "FRX");
  EXPECT_EQ(choose_pager({.at_end = true}, made.environment())->less, "FRX +G");
  made.variables["LESS"] = "R";
  EXPECT_EQ(choose_pager({}, made.environment())->less, "R");
}

TEST(Pager, IsSecureWithBorrowedRights) {
  MadeEnvironment made = terminal();
  EXPECT_FALSE(choose_pager({}, made.environment())->secure);
  made.variables["SUDO_UID"] = "1000";
  EXPECT_TRUE(choose_pager({}, made.environment())->secure);
  made.variables.erase("SUDO_UID");
  made.uid = 1000;
  EXPECT_TRUE(choose_pager({}, made.environment())->secure);
}

TEST(Pager, ReadsTheOutputToItsEnd) {
  const std::string file =
      testing::TempDir() + "pager_out." + std::to_string(getpid());
  {
    auto pager = Pager::start(
        {.command = "cat > " + file + "; echo \"$LESS $LESSSECURE\" >> " + file,
         .less = "FRX",
         .secure = true});
    ASSERT_TRUE(pager);
    OutputStream stream(pager->fd());
    stream.buffer() = "text\n";
    ASSERT_TRUE(stream.flush());
  }
  std::ifstream read(file);
  const std::string text{std::istreambuf_iterator<char>(read), {}};
  EXPECT_EQ(text, "text\nFRX 1\n");
  std::filesystem::remove(file);
  signal(SIGINT, SIG_DFL);
}

}  // namespace
}  // namespace logq
