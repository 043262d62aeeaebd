#include "logd/run/child_exit.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>

namespace logrun {
namespace {

TEST(ChildExit, IsNamedAsShellsAndSystemdNameIt) {
  const struct {
    int wait_status;
    int shell_status;
    const char* code;
    const char* status;
    const char* text;
  } cases[] = {
      {W_EXITCODE(0, 0), 0, "exited", "0", "exited with status 0"},
      {W_EXITCODE(3, 0), 3, "exited", "3", "exited with status 3"},
      {W_EXITCODE(255, 0), 255, "exited", "255", "exited with status 255"},
      {W_EXITCODE(0, SIGKILL), 137, "killed", "SIGKILL",
       "was killed by SIGKILL"},
      {W_EXITCODE(0, SIGTERM), 143, "killed", "SIGTERM",
       "was killed by SIGTERM"},
      {W_EXITCODE(0, SIGSEGV) | WCOREFLAG, 139, "dumped", "SIGSEGV",
       "was killed by SIGSEGV (core dumped)"},
  };
  for (const auto& c : cases) {
    const ChildExit exit{.wait_status = c.wait_status};
    EXPECT_EQ(c.shell_status, exit.shell_status());
    EXPECT_EQ(c.code, exit.code());
    EXPECT_EQ(c.status, exit.status());
    EXPECT_EQ(c.text, exit.text());
    EXPECT_EQ(c.wait_status == 0, exit.succeeded());
  }
}

TEST(ChildExit, NamesASignalThatHasNoName) {
  EXPECT_EQ("SIG40", signal_name(40));
}

}  // namespace
}  // namespace logrun
