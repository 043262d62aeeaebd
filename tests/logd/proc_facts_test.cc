#include "logd/identity/proc_facts.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace logd {
namespace {

// A child with that name, in a session of its own, until the object ends.
class NamedChild {
 public:
  explicit NamedChild(const char* name) {
    int ready[2];
    EXPECT_EQ(pipe(ready), 0);
    pid_ = fork();
    if (pid_ == 0) {
      prctl(PR_SET_NAME, name);
      setsid();
      (void)!write(ready[1], "", 1);
      pause();
      _exit(0);
    }
    char byte;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
  }
  ~NamedChild() { end(); }
  void end() {
    if (pid_ <= 0) return;
    kill(pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

std::string quoted(std::initializer_list<std::string_view> arguments) {
  std::string text;
  for (const auto argument : arguments) (text += argument) += '\0';
  return quote_command_line(text);
}

TEST(CommandLine, ReadsBackInAShell) {
  EXPECT_EQ(quoted({"python3", "bot.py"}), "python3 bot.py");
  EXPECT_EQ(quoted({"sh", "-c", "echo $HOME; ls"}),
            "sh -c \"echo \\$HOME; ls\"");
  EXPECT_EQ(quoted({"a", "", "b"}), "a \"\" b");
  EXPECT_EQ(quoted({"it's", "\"q\"", "back\\slash", "`x`"}),
            "\"it's\" \"\\\"q\\\"\" \"back\\\\slash\" \"\\`x\\`\"");
  EXPECT_EQ(quoted({}), "");
  EXPECT_EQ(quote_command_line("cut off"), "\"cut off\"");
}

TEST(ProcFacts, KnowThisProcess) {
  const auto facts = read_proc_facts(getpid());
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->stat.parent, getppid());
  EXPECT_EQ(facts->stat.session, getsid(0));
  EXPECT_GT(facts->stat.start_ticks, 0U);
  EXPECT_NE(facts->exe.find(facts->comm.substr(0, 8)), std::string::npos);
  EXPECT_NE(facts->command_line, "");
  EXPECT_NE(facts->cgroup, "");
  EXPECT_EQ(facts->effective_caps.find_first_not_of("0123456789abcdef"),
            std::string::npos);
  EXPECT_TRUE(facts->effective_caps == "0" ||
              facts->effective_caps.front() != '0');
}

TEST(ProcFacts, AreReadOfAProcessWithAHostileName) {
  const NamedChild child(") x (");
  const auto facts = read_proc_facts(child.pid());
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->comm, ") x (");
  EXPECT_EQ(facts->stat.parent, getpid());
  EXPECT_EQ(facts->stat.session, child.pid());
}

TEST(ProcFacts, AreNoneOfAProcessThatIsGone) {
  NamedChild child("short");
  const pid_t pid = child.pid();
  child.end();
  EXPECT_FALSE(read_proc_stat(pid));
  EXPECT_FALSE(read_proc_facts(pid));
  EXPECT_FALSE(read_proc_facts(-1));
}

TEST(ProcFacts, ReadNoMoreOfAFileThanAsked) {
  EXPECT_EQ(read_small_file("/proc/self/status", 5), "Name:");
  EXPECT_EQ(read_small_file("/nowhere", 5), "");
}

}  // namespace
}  // namespace logd
