#include <gtest/gtest.h>

#include "tests/query/made_entry.h"

namespace logq {
namespace {

using std::string_literals::operator""s;

const std::string kCursorStart =
    "s=0412531b4934402dbcc1c6d7dc184c52;i=2a;"
    "b=b167fda1e3454dc488c113e579c4218d;m=42576b9a;t=660d6f6b79e95;x=";

std::string without_hash(std::string text) {
  const size_t begin = text.find(";x=") + 3;
  const size_t end = text.find_first_not_of("0123456789abcdef", begin);
  return text.erase(begin, end - begin);
}

TEST(CatPrinter, WritesTheFirstMessageAsItIs) {
  const OutputOptions cat = {.format = OutputFormat::kCat};
  EXPECT_EQ(printed(message("a\x1b[0m\tb\r"), cat), "a\x1b[0m\tb\r\n");
  EXPECT_EQ(printed(message("one").payload("MESSAGE", "two"), cat), "one\n");
  EXPECT_EQ(printed(message("end\n"), cat), "end\n\n");
  MadeEntry silent;
  silent.payload("FOO", "x");
  EXPECT_EQ(printed(silent, cat), "");
}

TEST(CatPrinter, WritesTheFieldsAskedForInThatOrder) {
  EXPECT_EQ(printed(message("x").payload("FOO", "1").payload("FOO", "2"),
                    {.format = OutputFormat::kCat,
                     .fields = {"_PID", "NONE", "FOO"}}),
            "123\n1\n");
}

TEST(CatPrinter, EscapesOnATerminalAndColors) {
  EXPECT_EQ(printed(message("a\x1b[0m"),
                    {.format = OutputFormat::kCat, .text = {.terminal = true}}),
            "a\\x1b[0m\n");
  EXPECT_EQ(printed(message("a").priority(3),
                    {.format = OutputFormat::kCat, .text = {.color = true}}),
            "\x1b[1;31ma\x1b[0m\n");
}

TEST(VerbosePrinter, WritesOneFieldALine) {
  const std::string text = without_hash(
      printed(message("two\nlines").payload("B", "\x01\x02\x03\x04"),
              {.format = OutputFormat::kVerbose}));
  EXPECT_EQ(text, "Sun 2026-11-22 05:43:58.760597 UTC [" + kCursorStart +
                      "]\n"
                      "    _BOOT_ID=b167fda1e3454dc488c113e579c4218d\n"
                      "    PRIORITY=6\n"
                      "    MESSAGE=two\n"
                      "            lines\n"
                      "    B=[4B blob data]\n"
                      "    _PID=123\n"
                      "    _HOSTNAME=vm\n"
                      "    SYSLOG_IDENTIFIER=bot\n"
                      "    _TRANSPORT=stdout\n");
}

TEST(VerbosePrinter, ShowsOnlyTheFieldsAskedFor) {
  const std::string text = printed(
      message("x"), {.format = OutputFormat::kVerbose, .fields = {"_PID"}});
  EXPECT_EQ(text.substr(text.find('\n')), "\n    _PID=123\n");
}

TEST(ExportPrinter, WritesTextAndBinaryFields) {
  const std::string text = without_hash(
      printed(message("a\tb").payload("TWO", "a\nb").payload("E", ""),
              {.format = OutputFormat::kExport}));
  EXPECT_EQ(text, "__CURSOR=" + kCursorStart +
                      "\n__REALTIME_TIMESTAMP=1795326238760597\n"
                      "__MONOTONIC_TIMESTAMP=1113025434\n"
                      "_BOOT_ID=b167fda1e3454dc488c113e579c4218d\n"
                      "PRIORITY=6\n"
                      "MESSAGE=a\tb\n"
                      "TWO\n\x03\0\0\0\0\0\0\0a\nb\n"s +
                      "E=\n"
                      "_PID=123\n"
                      "_HOSTNAME=vm\n"
                      "SYSLOG_IDENTIFIER=bot\n"
                      "_TRANSPORT=stdout\n\n");
}

TEST(ExportPrinter, GivesDatagramsTheirSourceTime) {
  for (const auto& [transport, has] :
       {std::pair("syslog", true), {"journal", true}, {"stdout", false}}) {
    MadeEntry entry;
    entry.context("_TRANSPORT", transport).payload("MESSAGE", "x");
    const std::string text = printed(entry, {.format = OutputFormat::kExport});
    EXPECT_EQ(
        text.ends_with("\n_SOURCE_REALTIME_TIMESTAMP=1795326238760597\n\n"),
        has);
  }
}

TEST(ExportPrinter, KeepsControlBytesOffATerminal) {
  const std::string text =
      printed(message("a\x1b\n"),
              {.format = OutputFormat::kExport, .text = {.terminal = true}});
  EXPECT_NE(text.find("\nMESSAGE=a\\x1b\\x0a\n"), text.npos);
}

TEST(OutputFormat, SuggestsTheNearestName) {
  EXPECT_EQ(*parse_output_format("json-seq"), OutputFormat::kJsonSeq);
  const auto unknown = parse_output_format("jsn");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().detail,
            "unknown output format \"jsn\"; did you mean \"json\"?");
}

}  // namespace
}  // namespace logq
