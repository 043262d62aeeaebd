#include <gtest/gtest.h>

#include "tests/query/made_entry.h"

namespace logq {
namespace {

using std::string_literals::operator""s;
using std::string_view_literals::operator""sv;

std::string printed_as(OutputFormat format, MadeEntry entry) {
  return printed(std::move(entry), {.format = format});
}

std::string short_text(std::string_view text, TextOptions options = {}) {
  const std::string line = printed(message(text), {.text = options});
  const std::string prefix = "Nov 22 05:43:58 vm bot[123]: ";
  EXPECT_EQ(line.substr(0, prefix.size()), prefix);
  return line.substr(prefix.size());
}

TEST(ShortPrinter, HasTheLayoutOfEachStyle) {
  struct Case {
    OutputFormat format;
    std::string expected;
  };
  const std::string rest = " vm bot[123]: hello\n";
  for (const auto& [format, time] : std::vector<Case>{
           {OutputFormat::kShort, "Nov 22 05:43:58"},
           {OutputFormat::kShortPrecise, "Nov 22 05:43:58.760597"},
           {OutputFormat::kShortIso, "2026-11-22T05:43:58+00:00"},
           {OutputFormat::kShortIsoPrecise, "2026-11-22T05:43:58.760597+00:00"},
           {OutputFormat::kShortUnix, "1795326238.760597"},
           {OutputFormat::kShortFull, "Sun 2026-11-22 05:43:58 UTC"},
           {OutputFormat::kShortMonotonic, "[ 1113.025434]"},
           {OutputFormat::kShortDelta, "[ 1113.025434                ]"},
           {OutputFormat::kWithUnit, "Sun 2026-11-22 05:43:58 UTC"}}) {
    EXPECT_EQ(printed_as(format, message("hello")), time + rest);
  }
}

TEST(ShortPrinter, ShowsTheTimeSinceTheEntryBefore) {
  const auto printer =
      make_printer({.format = OutputFormat::kShortDelta, .utc = true});
  std::string out;
  printer->print(message("a").at(1'000'000'000, 5'000'000).record(), out);
  printer->print(message("b").at(1'001'000'000, 5'700'000).record(), out);
  printer->print(message("c")
                     .at(1'003'000'000, 1'000'000)
                     .boot("00000000000000000000000000000001")
                     .record(),
                 out);
  EXPECT_EQ(out,
            "[    5.000000                ] vm bot[123]: a\n"
            "[    5.700000 <    0.700000 >] vm bot[123]: b\n"
            "[    1.000000 <    2.000000*>] vm bot[123]: c\n");
}

TEST(ShortPrinter, NamesTheSource) {
  struct Case {
    std::vector<std::pair<std::string, std::string>> context;
    std::vector<std::pair<std::string, std::string>> payload;
    uint32_t pid;
    std::string expected;
  };
  const std::vector<Case> cases = {
      {{}, {}, 0, " unknown: x\n"},
      {{{"_COMM", "sh"}}, {}, 7, " sh[7]: x\n"},
      {{{"_COMM", "sh"}, {"SYSLOG_IDENTIFIER", "bot"}}, {}, 7, " bot[7]: x\n"},
      {{{"SYSLOG_IDENTIFIER", ""}}, {}, 55, " [55]: x\n"},
      {{{"_HOSTNAME", "vm"}}, {{"SYSLOG_PID", "9"}}, 0, " vm unknown[9]: x\n"},
      {{}, {{"SYSLOG_PID", "9"}}, 7, " unknown[7]: x\n"},
      {{{"_COMM", "sh"}}, {{"SYSLOG_IDENTIFIER", "cl"}}, 0, " cl: x\n"},
      {{{"_COMM", "sh"}, {"SYSLOG_IDENTIFIER", "i\xff"}}, {}, 0, " sh: x\n"},
      {{{"SYSLOG_IDENTIFIER", std::string(300, 'i')}}, {}, 0, " unknown: x\n"},
      {{}, {{"SYSLOG_PID", "7\xff"}}, 0, " unknown: x\n"},
  };
  for (const Case& each : cases) {
    MadeEntry entry;
    entry.pid(each.pid).payload("MESSAGE", "x");
    for (const auto& [name, value] : each.context) entry.context(name, value);
    for (const auto& [name, value] : each.payload) entry.payload(name, value);
    EXPECT_EQ(printed_as(OutputFormat::kShort, entry),
              "Nov 22 05:43:58" + each.expected);
  }
}

TEST(ShortPrinter, ShowsTheUnitInPlaceOfTheName) {
  const std::string time = "Sun 2026-11-22 05:43:58 UTC vm ";
  auto with = [](std::string_view unit, std::string_view user_unit) {
    MadeEntry entry = message("x");
    if (!unit.empty()) entry.context("_SYSTEMD_UNIT", unit);
    if (!user_unit.empty()) entry.context("_SYSTEMD_USER_UNIT", user_unit);
    return printed_as(OutputFormat::kWithUnit, entry);
  };
  EXPECT_EQ(with("a.service", ""), time + "a.service[123]: x\n");
  EXPECT_EQ(with("user@1.service", "b.service"),
            time + "user@1.service/b.service[123]: x\n");
  EXPECT_EQ(with("", "b.service"), time + "b.service[123]: x\n");
}

TEST(ShortPrinter, LeavesOutTheHostWhenTold) {
  EXPECT_EQ(printed(message("x"), {.hostname = false}),
            "Nov 22 05:43:58 bot[123]: x\n");
}

TEST(ShortPrinter, ShowsTheLastOfSeveralMessages) {
  EXPECT_EQ(printed_as(OutputFormat::kShort,
                       message("first").payload("MESSAGE", "second")),
            "Nov 22 05:43:58 vm bot[123]: second\n");
}

TEST(ShortPrinter, LeavesOutEntriesWithoutMessage) {
  MadeEntry entry;
  entry.payload("FOO", "bar");
  EXPECT_EQ(printed_as(OutputFormat::kShort, entry), "");
}

// Each expectation was taken from journalctl 252 for the same message.
TEST(ShortPrinter, CleansMessagesForPipesAsJournalctlDoes) {
  struct Case {
    std::string message;
    std::string expected;
  };
  const std::string indent(29, ' ');
  for (const auto& [text, expected] : std::vector<Case>{
           {"", ""},
           {"a\tb", "a        b"},
           {"\x1b[1;31mred\x1b[0m", "red"},
           {"\x1b]0;title\aafter", "after"},
           {"\x1b[2Jclear", "[9B blob data]"},
           {"\x1b\tx", "[3B blob data]"},
           {"cr\r", "cr"},
           {"cr\r\r\nnext", "cr\n" + indent + "next"},
           {"cr\rmid", "[6B blob data]"},
           {"two\nlines", "two\n" + indent + "lines"},
           {"end\n", "end"},
           {"end\n\n", "end\n" + indent},
           {"caf\u00e9", "caf\u00e9"},
           {"bad \xff", "[5B blob data]"},
           {"nul\0x"s, "[5B blob data]"},
           {"\u0085", "[2B blob data]"},
           {"\u202ebidi", "\u202ebidi"},
           {std::string(1100, 'x') + '\0', "[1.0K blob data]"},
           {std::string(1'500'000, 'x') + '\0', "[1.4M blob data]"}}) {
    EXPECT_EQ(short_text(text), expected + "\n") << text.substr(0, 40);
  }
}

TEST(ShortPrinter, ShowsBytesAsTheyAreWithAll) {
  EXPECT_EQ(short_text("\x1b[31m a\0b\xff"sv, {.all = true}),
            "\x1b[31m a\0b\xff\n"sv);
}

TEST(ShortPrinter, EscapesOnATerminal) {
  const std::string indent(29, ' ');
  EXPECT_EQ(short_text("\x1b[31mred\x1b[0m", {.terminal = true}),
            "\\x1b[31mred\\x1b[0m\n");
  EXPECT_EQ(short_text("a\0b"sv, {.all = true, .terminal = true}), "a\\x00b\n");
  EXPECT_EQ(short_text("x\nNov 22 05:43:58 vm su: root\r", {.terminal = true}),
            "x\n" + indent + "Nov 22 05:43:58 vm su: root\\x0d\n");
}

TEST(ShortPrinter, EscapesNamesOnATerminal) {
  MadeEntry entry;
  entry.context("SYSLOG_IDENTIFIER", "a\nb\x1b").payload("MESSAGE", "x");
  EXPECT_EQ(printed(entry, {.text = {.terminal = true}}),
            "Nov 22 05:43:58 a\\x0ab\\x1b: x\n");
}

TEST(ShortPrinter, ColorsTheMessageByPriority) {
  const std::vector<std::pair<int, std::string>> cases = {
      {2, "\x1b[1;31mx\x1b[0m\n"},
      {3, "\x1b[1;31mx\x1b[0m\n"},
      {4, "\x1b[33mx\x1b[0m\n"},
      {5, "\x1b[1mx\x1b[0m\n"},
      {6, "x\n"},
      {7, "\x1b[2mx\x1b[0m\n"},
      {8, "x\n"}};
  for (const auto& [priority, expected] : cases) {
    EXPECT_EQ(printed(message("x").priority(static_cast<uint8_t>(priority)),
                      {.text = {.color = true}}),
              "Nov 22 05:43:58 vm bot[123]: " + expected);
  }
}

TEST(ShortPrinter, ColorSurvivesAnEscape) {
  EXPECT_EQ(printed(message("a\x1b z").priority(3),
                    {.text = {.terminal = true, .color = true}}),
            "Nov 22 05:43:58 vm bot[123]: \x1b[1;31ma"
            "\x1b[2m\\x1b\x1b[0;1;31m z\x1b[0m\n");
}

TEST(ShortPrinter, NoticesAChangedContextInTheSameBuffer) {
  const auto printer = make_printer({.utc = true});
  std::string context;
  logfmt::append_field(context, "SYSLOG_IDENTIFIER", "one");
  std::string payload;
  logfmt::append_field(payload, "MESSAGE", "x");
  logfmt::EntryView entry;
  entry.context = logfmt::FieldList(context);
  entry.payload = logfmt::FieldList(payload);
  std::string out;
  printer->print({entry, {}}, out);
  context.replace(context.find("one"), 3, "two");
  printer->print({entry, {}}, out);
  EXPECT_EQ(out, "Jan 01 00:00:00 one: x\nJan 01 00:00:00 two: x\n");
}

}  // namespace
}  // namespace logq
