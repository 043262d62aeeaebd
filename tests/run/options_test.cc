#include "logd/run/options.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <vector>

namespace logrun {
namespace {

using std::chrono::milliseconds;
using Words = std::vector<std::string>;

logfmt::Result<Invocation> parse(std::initializer_list<const char*> words) {
  return parse_options({words.begin(), words.size()});
}

std::string error_of(std::initializer_list<const char*> words) {
  const auto parsed = parse(words);
  return parsed ? "" : parsed.error().detail;
}

TEST(Options, AreWhatWasGiven) {
  const auto parsed = parse({"-u",
                             "bot",
                             "-t",
                             "mybot",
                             "-p",
                             "notice",
                             "--restart",
                             "on-failure",
                             "--restart-sec",
                             "2s",
                             "--restart-max-delay",
                             "1m",
                             "--stop-timeout",
                             "500ms",
                             "-d",
                             "--pidfile",
                             "bot.pid",
                             "--chdir",
                             "/srv",
                             "--env",
                             "A=1",
                             "--env",
                             "B=x y",
                             "--",
                             "python3",
                             "-u",
                             "bot.py"});
  ASSERT_TRUE(parsed);
  const RunOptions& options = parsed->options;
  EXPECT_EQ("bot.service", options.unit);
  EXPECT_EQ("mybot", options.identifier);
  EXPECT_EQ(5, options.priority);
  EXPECT_EQ(RestartPolicy::kOnFailure, options.restart);
  EXPECT_EQ(milliseconds(2000), options.restart_delay);
  EXPECT_EQ(milliseconds(60000), options.restart_delay_max);
  EXPECT_EQ(milliseconds(500), options.stop_timeout);
  EXPECT_TRUE(options.daemonize);
  EXPECT_EQ("bot.pid", options.pid_file);
  EXPECT_EQ("/srv", options.directory);
  EXPECT_EQ((Words{"A=1", "B=x y"}), options.environment);
  EXPECT_EQ((Words{"python3", "-u", "bot.py"}), options.command);
}

TEST(Options, DefaultsNeedOnlyACommand) {
  const auto parsed = parse({"/usr/bin/python3", "bot.py"});
  ASSERT_TRUE(parsed);
  const RunOptions& options = parsed->options;
  EXPECT_EQ("", options.unit);
  EXPECT_EQ("python3", options.identifier);
  EXPECT_EQ(6, options.priority);
  EXPECT_EQ(RestartPolicy::kNo, options.restart);
  EXPECT_EQ(milliseconds(1000), options.restart_delay);
  EXPECT_EQ(milliseconds(300000), options.restart_delay_max);
  EXPECT_EQ(milliseconds(90000), options.stop_timeout);
  EXPECT_FALSE(options.daemonize);
}

TEST(Options, OfTheCommandAreNotLogruns) {
  const struct {
    std::initializer_list<const char*> words;
    Words command;
  } cases[] = {
      {{"python3", "-u", "bot.py"}, {"python3", "-u", "bot.py"}},
      {{"-u", "b", "sh", "-c", "x", "--help"}, {"sh", "-c", "x", "--help"}},
      {{"--", "git", "log", "--", "file"}, {"git", "log", "--", "file"}},
      {{"git", "log", "--", "file"}, {"git", "log", "--", "file"}},
      {{"-u", "b", "--", "--odd", "-d"}, {"--odd", "-d"}},
      {{"-u", "b", "--env", "A=1", "env", "-p"}, {"env", "-p"}},
  };
  for (const auto& c : cases) {
    const auto parsed = parse(c.words);
    ASSERT_TRUE(parsed) << c.command.back();
    EXPECT_EQ(c.command, parsed->options.command);
    EXPECT_FALSE(parsed->options.daemonize);
  }
}

TEST(Options, PipeTakesItsIdentifierFromTheUnit) {
  const auto parsed = parse({"--pipe", "-u", "web"});
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->options.pipe);
  EXPECT_EQ("web.service", parsed->options.unit);
  EXPECT_EQ("web", parsed->options.identifier);
}

TEST(Options, MistakesAreNamed) {
  const struct {
    std::initializer_list<const char*> words;
    const char* part;
  } cases[] = {
      {{}, "no command"},
      {{"-u", "bot"}, "no command"},
      {{"-u", "bot", "--"}, "no command"},
      {{"-u", "a b", "--", "x"}, "a b"},
      {{"--bogus", "--", "x"}, "--bogus"},
      {{"--restart", "maybe", "--", "x"}, "on-failure"},
      {{"--restart-sec", "soon", "--", "x"}, "--restart-sec"},
      {{"--stop-timeout", "-3", "--", "x"}, "--stop-timeout"},
      {{"-p", "loud", "--", "x"}, "loud"},
      {{"-p", "8", "--", "x"}, "8"},
      {{"--env", "NOVALUE", "--", "x"}, "NOVALUE"},
      {{"--env", "=x", "--", "x"}, "=x"},
      {{"--pipe"}, "--unit"},
      {{"--pipe", "-u", "b", "--", "x"}, "--pipe"},
      {{"--pipe", "-u", "b", "-d"}, "--daemonize"},
      {{"-t", "two\nlines", "--", "x"}, "one line"},
  };
  for (const auto& c : cases) {
    EXPECT_NE(std::string::npos, error_of(c.words).find(c.part))
        << c.part << " not in: " << error_of(c.words);
  }
}

TEST(Options, HelpAndVersionNeedNoCommand) {
  const auto help = parse({"--help"});
  ASSERT_TRUE(help);
  EXPECT_NE(std::string::npos, help->text.find("--restart-max-delay"));
  const auto version = parse({"--version"});
  ASSERT_TRUE(version);
  EXPECT_TRUE(version->text.starts_with("logrun "));
}

TEST(Options, PriorityIsANameOrADigit) {
  EXPECT_EQ(3, parse_priority("err").value_or(-1));
  EXPECT_EQ(3, parse_priority("error").value_or(-1));
  EXPECT_EQ(4, parse_priority("warn").value_or(-1));
  EXPECT_EQ(0, parse_priority("0").value_or(-1));
  EXPECT_FALSE(parse_priority(""));
  EXPECT_FALSE(parse_priority("07"));
}

}  // namespace
}  // namespace logrun
