#include "logd/run/child.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>

namespace logrun {
namespace {

using Strings = std::vector<std::string>;

Strings environment_of(std::vector<const char*> inherited, Strings settings) {
  inherited.push_back(nullptr);
  return child_environment(inherited.data(), settings);
}

TEST(ChildEnvironment, MakesPythonWriteAtOnce) {
  EXPECT_EQ((Strings{"PYTHONUNBUFFERED=1", "A=1"}),
            environment_of({"A=1"}, {}));
}

TEST(ChildEnvironment, LeavesPythonAloneWhereTheUserHasDecided) {
  EXPECT_EQ((Strings{"PYTHONUNBUFFERED="}),
            environment_of({"PYTHONUNBUFFERED="}, {}));
  EXPECT_EQ((Strings{"A=1", "PYTHONUNBUFFERED=0"}),
            environment_of({"A=1"}, {"PYTHONUNBUFFERED=0"}));
}

TEST(ChildEnvironment, SettingReplacesWhatWasInherited) {
  EXPECT_EQ((Strings{"PYTHONUNBUFFERED=1", "AB=2", "A=3"}),
            environment_of({"A=1", "AB=2"}, {"A=3"}));
}

ChildSetup setup_of(Strings command) {
  ChildSetup setup{.command = std::move(command),
                   .environment = {"PATH=/bin:/usr/bin"}};
  sigemptyset(&setup.signal_mask);
  return setup;
}

std::string read_to_end(int fd) {
  std::string text;
  std::array<char, 4096> bytes;
  for (ssize_t n = 0; (n = read(fd, bytes.data(), bytes.size())) > 0;) {
    text.append(bytes.data(), static_cast<size_t>(n));
  }
  return text;
}

TEST(Child, HasItsOwnSessionAndTwoOutputs) {
  const auto child =
      start_child(setup_of({"sh", "-c", "echo out; echo err >&2"}));
  ASSERT_TRUE(child);
  EXPECT_EQ("out\n", read_to_end(child->out.get()));
  EXPECT_EQ("err\n", read_to_end(child->err.get()));
  EXPECT_EQ(child->pid, getsid(child->pid));
  EXPECT_EQ(child->pid, waitpid(child->pid, nullptr, 0));
}

TEST(Child, RunsInTheGivenDirectory) {
  ChildSetup setup = setup_of({"pwd"});
  setup.directory = "/usr";
  const auto child = start_child(setup);
  ASSERT_TRUE(child);
  EXPECT_EQ("/usr\n", read_to_end(child->out.get()));
  waitpid(child->pid, nullptr, 0);
}

TEST(Child, IsLookedUpInItsOwnPath) {
  const std::string directory =
      testing::TempDir() + "child_test." + std::to_string(getpid());
  std::filesystem::create_directory(directory);
  std::filesystem::create_symlink("/bin/echo", directory + "/own-program");
  ChildSetup setup = setup_of({"own-program", "found"});
  setup.environment = {"PATH=" + directory};
  const auto child = start_child(setup);
  std::filesystem::remove_all(directory);
  ASSERT_TRUE(child) << child.error().message();
  EXPECT_EQ("found\n", read_to_end(child->out.get()));
  waitpid(child->pid, nullptr, 0);
}

TEST(Child, FailureToStartHasTheStatusOfEnvAndItsReason) {
  ChildSetup elsewhere = setup_of({"true"});
  elsewhere.directory = "/does/not/exist";
  const struct {
    ChildSetup setup;
    int status;
    const char* part;
  } cases[] = {
      {setup_of({"no-such-program"}), 127, "PATH"},
      {setup_of({"/no/such/program"}), 127, "No such file"},
      {setup_of({"/etc/passwd"}), 126, "Permission denied"},
      {setup_of({"/etc"}), 126, "Permission denied"},
      {elsewhere, 125, "--chdir"},
  };
  for (const auto& c : cases) {
    const auto child = start_child(c.setup);
    ASSERT_FALSE(child);
    EXPECT_EQ(c.status, start_error_status(child.error()));
    EXPECT_NE(std::string::npos, child.error().message().find(c.part))
        << child.error().message();
  }
}

}  // namespace
}  // namespace logrun
