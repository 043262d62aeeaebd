#include "logd/run/run_events.h"

#include <gtest/gtest.h>
#include <sys/wait.h>

#include <csignal>

#include "tests/run/fake_daemon.h"

namespace logrun {
namespace {

using logrun_test::field_of;
using std::chrono::milliseconds;
using std::chrono::seconds;

const EventSource kBot{.unit = "bot.service", .identifier = "python3"};

ExitFacts facts_of(int wait_status) {
  return {.pid = 1234,
          .exit = {.wait_status = wait_status,
                   .runtime = milliseconds(3200),
                   .rss_kb_max = 2048}};
}

TEST(RunEvents, EndIsSaidInOneSentence) {
  ExitFacts restarted = facts_of(W_EXITCODE(1, 0));
  restarted.restart_delay = seconds(2);
  restarted.restarts = 3;
  ExitFacts requested = facts_of(W_EXITCODE(0, SIGTERM));
  requested.requested = true;
  const struct {
    ExitFacts facts;
    const char* text;
  } cases[] = {
      {restarted,
       "bot.service: main process 1234 exited with status 1 (ran 3.2 s); "
       "restarting in 2 s (restart 3)"},
      {facts_of(W_EXITCODE(0, 0)),
       "bot.service: main process 1234 exited with status 0 (ran 3.2 s)"},
      {facts_of(W_EXITCODE(0, SIGKILL)),
       "bot.service: main process 1234 was killed by SIGKILL (ran 3.2 s)"},
      {requested,
       "bot.service: main process 1234 was asked to stop and was killed by "
       "SIGTERM (ran 3.2 s)"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(c.text, ended_text(kBot, c.facts));
    EXPECT_EQ(c.text, field_of(ended_event(kBot, c.facts), "MESSAGE"));
  }
}

TEST(RunEvents, EndCarriesItsFactsAsFields) {
  const std::string event = ended_event(kBot, facts_of(W_EXITCODE(0, SIGKILL)));
  const struct {
    const char* name;
    const char* value;
  } cases[] = {
      {"UNIT", "bot.service"},
      {"SYSLOG_IDENTIFIER", "logrun"},
      {"EXIT_CODE", "killed"},
      {"EXIT_STATUS", "SIGKILL"},
      {"RUNTIME_USEC", "3200000"},
      {"MAXRSS_KB", "2048"},
      {"N_RESTARTS", "0"},
      {"PRIORITY", "3"},
      {"MESSAGE_ID", "e41d7a85c2f94b06b7193f60ad8c5e2b"},
  };
  for (const auto& c : cases) EXPECT_EQ(c.value, field_of(event, c.name));
}

TEST(RunEvents, OnlyAnUnwantedEndIsAnError) {
  ExitFacts requested = facts_of(W_EXITCODE(0, SIGTERM));
  requested.requested = true;
  const struct {
    ExitFacts facts;
    const char* priority;
  } cases[] = {
      {facts_of(W_EXITCODE(0, 0)), "6"},
      {facts_of(W_EXITCODE(2, 0)), "3"},
      {facts_of(W_EXITCODE(0, SIGTERM)), "3"},
      {requested, "6"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(c.priority, field_of(ended_event(kBot, c.facts), "PRIORITY"));
  }
}

TEST(RunEvents, StartNamesCommandAndPid) {
  const std::vector<std::string> command = {"python3", "bot.py"};
  EXPECT_EQ("bot.service: started python3 bot.py (pid 7)",
            field_of(started_event(kBot, 7, command, 0), "MESSAGE"));
  EXPECT_EQ("bot.service: started python3 bot.py (pid 8, restart 2)",
            field_of(started_event(kBot, 8, command, 2), "MESSAGE"));
}

TEST(RunEvents, WithoutAUnitTheIdentifierStandsIn) {
  const EventSource tool{.unit = "", .identifier = "make"};
  const std::string event = ended_event(tool, facts_of(0));
  EXPECT_TRUE(field_of(event, "MESSAGE").starts_with("make: main process"));
  EXPECT_EQ(std::string::npos, event.find("UNIT="));
}

TEST(RunEvents, ValueWithANewlineIsSentWithItsLength) {
  const std::vector<EventField> fields = {{"A", "x"}, {"MESSAGE", "a\nb"}};
  EXPECT_EQ(std::string("A=x\nMESSAGE\n\3\0\0\0\0\0\0\0a\nb\n", 24),
            encode_event(fields));
}

TEST(RunEvents, LongCommandIsCutInTheMessage) {
  const std::vector<std::string> command = {"sh", std::string(10000, 'x')};
  EXPECT_LT(started_event(kBot, 7, command, 0).size(), 600u);
}

}  // namespace
}  // namespace logrun
