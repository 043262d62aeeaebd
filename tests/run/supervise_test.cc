// The real logrun and a log daemon played by the test.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <thread>

#include "tests/run/fake_daemon.h"
#include "tests/run/logrun_process.h"

namespace logrun_test {
namespace {

using Words = std::vector<std::string>;
using std::chrono::milliseconds;

class Supervise : public testing::Test {
 protected:
  // Runs a shell script to its end under logrun.
  int run_script(const std::string& script, Words options = {}) {
    LogrunProcess process = start_script(script, std::move(options));
    return process.wait();
  }
  LogrunProcess start_script(const std::string& script, Words options = {}) {
    Words words = {"-u", "bot"};
    words.insert(words.end(), options.begin(), options.end());
    for (const char* word : {"--", "sh", "-c"}) words.emplace_back(word);
    words.push_back(script);
    return LogrunProcess(daemon_.directory(), std::move(words));
  }
  std::string event_field(size_t index, const std::string& name) const {
    const Words events = daemon_.events();
    return index < events.size() ? field_of(events[index], name) : "";
  }

  FakeDaemon daemon_;
};

TEST_F(Supervise, BothOutputsArriveUnderTheirHeaders) {
  daemon_.start();
  LogrunProcess process(daemon_.directory(),
                        {"-u", "bot", "-t", "mybot", "-p", "notice", "--", "sh",
                         "-c", "echo $$; echo oops >&2"});
  EXPECT_EQ(0, process.wait());
  ASSERT_TRUE(daemon_.wait_for_events(2));
  const Words out = daemon_.lines("stdout");
  ASSERT_EQ(1u, out.size());
  EXPECT_EQ(Words{"oops"}, daemon_.lines("stderr"));
  for (const Connection& connection : daemon_.connections()) {
    const std::string kind = connection.body == "oops\n" ? "stderr" : "stdout";
    EXPECT_EQ((Words{"mybot", "bot.service", "5", "1", "0", "0",
                     kind + " " + out[0]}),
              connection.header);
  }
}

TEST_F(Supervise, LinesComeBeforeTheExitEntry) {
  daemon_.start();
  EXPECT_EQ(0, run_script("seq 100000 199999"));
  ASSERT_TRUE(daemon_.wait_for_events(2));
  EXPECT_EQ(700000u, daemon_.bytes_before_event(1));
}

TEST_F(Supervise, StartAndEndAreEntries) {
  daemon_.start();
  EXPECT_EQ(3, run_script("exit 3"));
  ASSERT_TRUE(daemon_.wait_for_events(2));
  EXPECT_EQ("bot.service", event_field(0, "UNIT"));
  EXPECT_EQ("6", event_field(0, "PRIORITY"));
  EXPECT_EQ("exited", event_field(1, "EXIT_CODE"));
  EXPECT_EQ("3", event_field(1, "EXIT_STATUS"));
  EXPECT_EQ("3", event_field(1, "PRIORITY"));
}

TEST_F(Supervise, ReturnsTheCommandsStatus) {
  daemon_.start();
  EXPECT_EQ(0, run_script("exit 0"));
  EXPECT_EQ(42, run_script("exit 42"));
  EXPECT_EQ(137, run_script("kill -KILL $$"));
  EXPECT_EQ(143, run_script("kill -TERM $$"));
}

TEST_F(Supervise, CommandThatCannotStartIsExplained) {
  daemon_.start();
  LogrunProcess missing(daemon_.directory(), {"--", "no-such-program"});
  EXPECT_EQ(127, missing.wait());
  LogrunProcess refused(daemon_.directory(), {"--", "/etc/passwd"});
  EXPECT_EQ(126, refused.wait());
  EXPECT_EQ(
      "logrun: cannot find no-such-program in any directory of PATH\n"
      "logrun: cannot execute /etc/passwd: Permission denied\n",
      refused.printed());
}

TEST_F(Supervise, EveryLineArrivesOnceWhenTheDaemonIsKilled) {
  constexpr size_t kDeaths = 8;
  daemon_.start();
  const std::string stop = daemon_.directory() + "/stop";
  LogrunProcess process =
      start_script("i=0; while [ ! -e " + stop +
                   " ]; do i=$((i+1)); echo line $i; "
                   "[ $((i % 20)) -eq 0 ] && sleep 0.001; done; echo last $i");
  for (size_t death = 0; death < kDeaths; ++death) {
    ASSERT_TRUE(
        wait_until([&] { return daemon_.connections().size() > 2 * death; }));
    std::this_thread::sleep_for(milliseconds(40));
    daemon_.hold(true);  // lets unread bytes gather
    std::this_thread::sleep_for(milliseconds(20));
    daemon_.stop();
    std::this_thread::sleep_for(milliseconds(30));
    daemon_.hold(false);
    daemon_.start();
  }
  std::ofstream(stop).put('\n');
  EXPECT_EQ(0, process.wait());
  const Words lines = daemon_.lines("stdout");
  ASSERT_LT(kDeaths, lines.size());
  for (size_t i = 0; i + 1 < lines.size(); ++i) {
    ASSERT_EQ(fmt::format("line {}", i + 1), lines[i]);
  }
  EXPECT_EQ(fmt::format("last {}", lines.size() - 1), lines.back());
}

TEST_F(Supervise, FastCommandLosesNothingWhileTheDaemonReads) {
  constexpr size_t kLines = 400000;
  daemon_.start();
  EXPECT_EQ(0, run_script("seq -f 'a line with number %.0f' 1 400000"));
  const Words lines = daemon_.lines("stdout");
  ASSERT_EQ(kLines, lines.size());
  for (size_t i = 0; i < kLines; ++i) {
    ASSERT_EQ(fmt::format("a line with number {}", i + 1), lines[i]);
  }
}

TEST_F(Supervise, CommandIsNotStoppedByADaemonThatIsAway) {
  const std::string done = daemon_.directory() + "/done";
  LogrunProcess process =
      start_script("seq -f 'a line with number %.0f' 1 400000; touch " + done +
                   "; sleep 30");
  ASSERT_TRUE(wait_until([&] { return access(done.c_str(), F_OK) == 0; }));
  daemon_.start();
  ASSERT_TRUE(wait_until([&] {
    const Words lines = daemon_.lines("stdout");
    return !lines.empty() && lines.back() == "a line with number 400000";
  }));
  const Words lines = daemon_.lines("stdout");
  unsigned long dropped = 0;
  ASSERT_EQ(1, std::sscanf(lines[0].c_str(), "<4>logrun: %lu lines", &dropped));
  EXPECT_EQ(400000u, dropped + lines.size() - 1);
  EXPECT_EQ(fmt::format("a line with number {}", dropped + 1), lines[1]);
  EXPECT_NE(std::string::npos, process.printed().find("lines wait in memory"));
}

TEST_F(Supervise, EventsOfTheTimeWithoutDaemonAreSentLater) {
  LogrunProcess process =
      start_script("echo run; exit 1",
                   {"--restart", "on-failure", "--restart-sec", "100ms"});
  std::this_thread::sleep_for(milliseconds(500));
  daemon_.start();
  ASSERT_TRUE(daemon_.wait_for_events(4));
  EXPECT_EQ("0", event_field(0, "N_RESTARTS"));
  EXPECT_EQ("1", event_field(1, "EXIT_STATUS"));
  EXPECT_EQ("1", event_field(2, "N_RESTARTS"));
  EXPECT_LE(2u, daemon_.lines("stdout").size());
}

TEST_F(Supervise, RestartsWithGrowingDelay) {
  daemon_.start();
  const auto begin = std::chrono::steady_clock::now();
  LogrunProcess process =
      start_script("echo run", {"--restart", "always", "--restart-sec", "100ms",
                                "--restart-max-delay", "400ms"});
  ASSERT_TRUE(wait_until([&] { return daemon_.lines("stdout").size() >= 5; }));
  EXPECT_LE(milliseconds(100 + 200 + 400 + 400),
            std::chrono::steady_clock::now() - begin);
  for (const size_t restart : {1, 2, 3, 4}) {
    const int delay_ms = restart == 1 ? 100 : restart == 2 ? 200 : 400;
    const std::string text = event_field(2 * restart - 1, "MESSAGE");
    EXPECT_TRUE(text.ends_with(
        fmt::format("restarting in {} ms (restart {})", delay_ms, restart)))
        << text;
  }
}

TEST_F(Supervise, OnFailureDoesNotRestartASuccess) {
  daemon_.start();
  EXPECT_EQ(0, run_script("echo run", {"--restart", "on-failure"}));
  EXPECT_TRUE(daemon_.wait_for_events(2));
  EXPECT_EQ(1u, daemon_.lines("stdout").size());
}

TEST_F(Supervise, KilledCommandIsRestarted) {
  daemon_.start();
  LogrunProcess process = start_script(
      "echo $$; sleep 30", {"--restart", "always", "--restart-sec", "10ms"});
  ASSERT_TRUE(wait_until([&] { return daemon_.lines("stdout").size() == 1; }));
  kill(std::stoi(daemon_.lines("stdout")[0]), SIGKILL);
  ASSERT_TRUE(wait_until([&] { return daemon_.lines("stdout").size() == 2; }));
  EXPECT_EQ("SIGKILL", event_field(1, "EXIT_STATUS"));
  EXPECT_EQ("3", event_field(1, "PRIORITY"));
}

TEST_F(Supervise, TermStopsTheWholeGroupAndIsNoFailure) {
  daemon_.start();
  LogrunProcess process =
      start_script("sleep 30 & echo $!; wait", {"--restart", "always"});
  ASSERT_TRUE(wait_until([&] { return daemon_.lines("stdout").size() == 1; }));
  process.signal(SIGTERM);
  EXPECT_EQ(143, process.wait());
  EXPECT_EQ(-1, kill(std::stoi(daemon_.lines("stdout")[0]), 0));
  ASSERT_TRUE(daemon_.wait_for_events(2));
  EXPECT_EQ("6", event_field(1, "PRIORITY"));
  EXPECT_NE(std::string::npos,
            event_field(1, "MESSAGE").find("was asked to stop"));
}

TEST_F(Supervise, KillFollowsWhereTermIsIgnored) {
  daemon_.start();
  LogrunProcess process =
      start_script("trap '' TERM; echo ready; while :; do sleep 0.05; done",
                   {"--stop-timeout", "200ms"});
  ASSERT_TRUE(wait_until([&] { return !daemon_.lines("stdout").empty(); }));
  process.signal(SIGTERM);
  EXPECT_EQ(137, process.wait());
}

TEST_F(Supervise, LastWordsOnTermAreKept) {
  daemon_.start();
  LogrunProcess process = start_script(
      "trap 'echo bye; exit 0' TERM; echo ready; "
      "while :; do sleep 0.05; done");
  ASSERT_TRUE(wait_until([&] { return !daemon_.lines("stdout").empty(); }));
  process.signal(SIGTERM);
  EXPECT_EQ(0, process.wait());
  EXPECT_EQ((Words{"ready", "bye"}), daemon_.lines("stdout"));
}

TEST_F(Supervise, OtherSignalsAreForwarded) {
  daemon_.start();
  for (const int number : {SIGHUP, SIGUSR1, SIGUSR2, SIGQUIT}) {
    const std::string name = sigabbrev_np(number);
    const size_t before = daemon_.lines("stdout").size();
    LogrunProcess process =
        start_script("trap 'echo got " + name +
                     "; exit 0' HUP USR1 USR2 QUIT; echo ready; "
                     "while :; do sleep 0.05; done");
    ASSERT_TRUE(
        wait_until([&] { return daemon_.lines("stdout").size() > before; }));
    process.signal(number);
    EXPECT_EQ(0, process.wait());
    EXPECT_EQ("got " + name, daemon_.lines("stdout").back());
  }
}

TEST_F(Supervise, HeirOfThePipesDoesNotHoldBackTheEnd) {
  daemon_.start();
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(4, run_script("sleep 8 & echo main; exit 4"));
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(4000));
  EXPECT_TRUE(daemon_.wait_for_events(2));
}

TEST_F(Supervise, LastLineWithoutAnEndIsKept) {
  daemon_.start();
  EXPECT_EQ(0, run_script("printf 'one\\ntwo'"));
  EXPECT_EQ((Words{"one", "two"}), daemon_.lines("stdout"));
}

TEST_F(Supervise, EnvironmentAndDirectoryAreSet) {
  daemon_.start();
  EXPECT_EQ(0, run_script("echo $PYTHONUNBUFFERED $GREETING; pwd",
                          {"--env", "GREETING=hello", "--chdir", "/usr"}));
  EXPECT_EQ((Words{"1 hello", "/usr"}), daemon_.lines("stdout"));
}

}  // namespace
}  // namespace logrun_test
