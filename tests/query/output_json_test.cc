#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/query/made_entry.h"

namespace logq {
namespace {

using nlohmann::json;
using std::string_literals::operator""s;

json parsed(MadeEntry entry, OutputOptions options = {}) {
  options.format = OutputFormat::kJson;
  return json::parse(printed(std::move(entry), options));
}

TEST(JsonPrinter, WritesEveryFieldAsAString) {
  const json object = parsed(message("hi \"there\" \\ \u00e9\n\tx/<>")
                                 .context("_UID", "0")
                                 .payload("N", "1"));
  EXPECT_EQ(object["__REALTIME_TIMESTAMP"], "1795326238760597");
  EXPECT_EQ(object["__MONOTONIC_TIMESTAMP"], "1113025434");
  EXPECT_EQ(object["_BOOT_ID"], "b167fda1e3454dc488c113e579c4218d");
  EXPECT_EQ(object["MESSAGE"], "hi \"there\" \\ \u00e9\n\tx/<>");
  EXPECT_EQ(object["PRIORITY"], "6");
  EXPECT_EQ(object["_PID"], "123");
  EXPECT_EQ(object["_UID"], "0");
  EXPECT_EQ(object["N"], "1");
  EXPECT_EQ(object["SYSLOG_IDENTIFIER"], "bot");
  EXPECT_EQ(object["__CURSOR"].get<std::string>().substr(0, 40),
            "s=0412531b4934402dbcc1c6d7dc184c52;i=2a;");
  EXPECT_EQ(object.size(), 12u);
}

TEST(JsonPrinter, LeavesOutWhatIsNotKnown) {
  MadeEntry entry;
  entry.payload("MESSAGE", "x");
  const json object = parsed(entry);
  EXPECT_FALSE(object.contains("PRIORITY"));
  EXPECT_FALSE(object.contains("_PID"));
}

TEST(JsonPrinter, WritesBytesThatAreNoTextAsNumbers) {
  const json object = parsed(message("\x1b[0m").payload("B", "\0\xff"s));
  EXPECT_EQ(object["MESSAGE"], json({27, 91, 48, 109}));
  EXPECT_EQ(object["B"], json({0, 255}));
}

TEST(JsonPrinter, WritesLongFieldsAsNullUnlessAll) {
  const std::string longest(4096 - 1 - std::string("MESSAGE=").size(), 'x');
  EXPECT_EQ(parsed(message(longest))["MESSAGE"], longest);
  EXPECT_EQ(parsed(message(longest + "x"))["MESSAGE"], nullptr);
  EXPECT_EQ(parsed(message(longest + "x"), {.text = {.all = true}})["MESSAGE"],
            longest + "x");
}

TEST(JsonPrinter, GathersRepeatedFieldsInOrder) {
  const json object = parsed(message("a")
                                 .payload("X", "2")
                                 .payload("MESSAGE", "b\xff")
                                 .payload("X", "1")
                                 .payload("Y", "3"));
  EXPECT_EQ(object["X"], json({"2", "1"}));
  EXPECT_EQ(object["MESSAGE"], json({"a", {98, 255}}));
  EXPECT_EQ(object["Y"], "3");
}

TEST(JsonPrinter, GathersAFieldOfPayloadAndContext) {
  const json object =
      parsed(message("a").payload("SYSLOG_IDENTIFIER", "other"));
  EXPECT_EQ(object["SYSLOG_IDENTIFIER"], json({"other", "bot"}));
  const json priority = parsed(message("a").payload("PRIORITY", "9"));
  EXPECT_EQ(priority["PRIORITY"], json({"6", "9"}));
}

// However many names there are, each key occurs once.
TEST(JsonPrinter, NeverRepeatsAKey) {
  MadeEntry entry = message("a");
  for (int i = 0; i < 12; ++i) {
    entry.payload("F" + std::to_string(i), "v");
    const std::string text = printed(entry, {.format = OutputFormat::kJson});
    EXPECT_EQ(json::parse(text).size(), 11u + static_cast<size_t>(i));
  }
  for (int i = 0; i < 1000; ++i) entry.payload("F" + std::to_string(i), "w");
  const json object = parsed(entry);
  EXPECT_EQ(object["F3"], json({"v", "w"}));
  EXPECT_EQ(object["F999"], "w");
}

TEST(JsonPrinter, GivesDatagramsTheirSourceTime) {
  for (const auto& [transport, has] :
       {std::pair("syslog", true), {"journal", true}, {"stdout", false}}) {
    MadeEntry entry;
    entry.context("_TRANSPORT", transport).payload("MESSAGE", "x");
    EXPECT_EQ(parsed(entry).contains("_SOURCE_REALTIME_TIMESTAMP"), has);
  }
}

TEST(JsonPrinter, ShowsOnlyTheFieldsAskedFor) {
  const json object = parsed(message("a").payload("FOO", "1"),
                             {.fields = {"FOO", "_TRANSPORT"}});
  EXPECT_EQ(object["FOO"], "1");
  EXPECT_EQ(object["_TRANSPORT"], "stdout");
  EXPECT_TRUE(object.contains("_BOOT_ID"));
  EXPECT_EQ(object.size(), 6u);
}

TEST(JsonPrinter, WrapsObjectsForStreams) {
  const std::string plain =
      printed(message("x"), {.format = OutputFormat::kJson});
  const std::string object = plain.substr(0, plain.size() - 1);
  EXPECT_EQ(printed(message("x"), {.format = OutputFormat::kJsonSse}),
            "data: " + object + "\n\n");
  EXPECT_EQ(printed(message("x"), {.format = OutputFormat::kJsonSeq}),
            "\x1e" + object + "\n");
}

TEST(JsonPrinter, IndentsThePrettyFormAsJournalctlDoes) {
  MadeEntry entry;
  entry.payload("B", "\x01\x02").payload("X", "1").payload("X", "2");
  const std::string text =
      printed(entry, {.format = OutputFormat::kJsonPretty});
  const size_t from = text.find(",\n\t\"B\"");
  ASSERT_NE(from, text.npos);
  EXPECT_EQ(text.substr(0, 15), "{\n\t\"__CURSOR\" :");
  EXPECT_EQ(text.substr(from),
            ",\n\t\"B\" : [\n\t\t1,\n\t\t2\n\t],"
            "\n\t\"X\" : [\n\t\t\"1\",\n\t\t\"2\"\n\t]\n}\n");
}

TEST(JsonPrinter, EscapesDeceptiveTextOnATerminal) {
  const OutputOptions options = {.format = OutputFormat::kJson,
                                 .text = {.terminal = true}};
  const std::string text = printed(message("\u202e \U000E0041"), options);
  EXPECT_NE(text.find("\"\\u202e \\udb40\\udc41\""), text.npos);
  EXPECT_EQ(json::parse(text)["MESSAGE"], "\u202e \U000E0041");
}

}  // namespace
}  // namespace logq
