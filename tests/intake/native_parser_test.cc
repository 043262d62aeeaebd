#include "logd/intake/native_parser.h"

#include <gtest/gtest.h>

#include <chrono>

#include "format/coding.h"
#include "format/limits.h"
#include "logd/intake/claims.h"
#include "tests/intake/message_text.h"

namespace logd {
namespace {

using std::string_view_literals::operator""sv;

struct Parsed {
  std::vector<std::string> entries{};
  NativeCounters counters{};
};

// "identifier/priority/facility:" before the fields, "-" for what is absent.
std::string summary_of(const Message& message) {
  std::string out(message.identifier.value_or("-"));
  out += '/';
  out += message.priority == logfmt::kNoPriority
             ? "-"
             : std::to_string(message.priority);
  out += '/';
  out += message.facility < 0 ? "-" : std::to_string(message.facility);
  return out + ':' + text_of(message);
}

Parsed parse(std::string_view datagram) {
  Parsed out;
  NativeParser parser(datagram, out.counters);
  for (Message message; parser.next(message);) {
    out.entries.push_back(summary_of(message));
  }
  return out;
}

std::string binary(std::string_view name, std::string_view value) {
  std::string out(name);
  out += '\n';
  logfmt::append_fixed(out, uint64_t{value.size()});
  return out + std::string(value) + '\n';
}

using Entries = std::vector<std::string>;

TEST(NativeParser, ReadsTextFields) {
  EXPECT_EQ(parse("MESSAGE=a=b\nPRIORITY=3\nSYSLOG_IDENTIFIER=id\n"
                  "SYSLOG_FACILITY=10\nOK_1=v\nEMPTY=\n")
                .entries,
            Entries{"id/3/10:MESSAGE=a=b|OK_1=v|EMPTY=|"});
}

TEST(NativeParser, ReadsBinaryFields) {
  EXPECT_EQ(
      parse(binary("MESSAGE", "foo\nbar") + binary("BIN", "\0\1\xff\n\n"sv) +
            "X=1\n")
          .entries,
      Entries{std::string("-/-/-:MESSAGE=foo\nbar|BIN=\0\1\xff\n\n|X=1|"sv)});
}

TEST(NativeParser, ReadsSeveralEntriesOfADatagram) {
  EXPECT_EQ(parse("\n\nA=1\n\nB=2\nPRIORITY=1\n\n\nC=3\n\n").entries,
            (Entries{"-/-/-:A=1|", "-/1/-:B=2|", "-/-/-:C=3|"}));
}

TEST(NativeParser, IgnoresControlLinesAndTrailingNoise) {
  EXPECT_EQ(parse(".control\n#comment=x\nA=1\nNOISE=without newline").entries,
            Entries{"-/-/-:A=1|"});
}

TEST(NativeParser, DropsFieldsThatClientsMayNotSendAndKeepsTheRest) {
  const auto parsed = parse(
      "A=1\nlower=x\n_PID=1\n__CURSOR=y\n1DIG=z\n=e\n"
      "HAS-DASH=x\nHAS NO EQ\0\0\0\0\0\0\0\0"sv);
  EXPECT_EQ(parsed.entries, Entries{"-/-/-:A=1|"});
  EXPECT_EQ(parsed.counters.fields_dropped, 6u);
  const auto misnamed = parse(binary("_UID", "0") + "A=1\n");
  EXPECT_EQ(misnamed.entries, Entries{"-/-/-:A=1|"});
  EXPECT_EQ(misnamed.counters.fields_dropped, 1u);
}

TEST(NativeParser, TakesNamesOfSixtyFourBytesAndNoLongerOnes) {
  const std::string longest(logfmt::kFieldNameBytesMax, 'A');
  const auto parsed = parse(longest + "=1\n" + longest + "A=2\n");
  EXPECT_EQ(parsed.entries, Entries{"-/-/-:" + longest + "=1|"});
  EXPECT_EQ(parsed.counters.fields_dropped, 1u);
}

TEST(NativeParser, StoresNoEntryWithoutValidFields) {
  EXPECT_EQ(parse("").entries, Entries{});
  EXPECT_EQ(parse("\n\n").entries, Entries{});
  EXPECT_EQ(parse("lower=x\n\nno newline").entries, Entries{});
}

TEST(NativeParser, EndsAtABinarySizeThatDoesNotFit) {
  for (const uint64_t size : {1ull, 9999ull, 1ull << 62, ~0ull, ~0ull - 8}) {
    std::string datagram = "A=1\nBAD\n";
    logfmt::append_fixed(datagram, size);
    EXPECT_EQ(parse(datagram + "xy\n\nB=2\n").entries, Entries{"-/-/-:A=1|"});
  }
  EXPECT_EQ(parse("A=1\nBAD\n\1\0\0"sv).entries, Entries{"-/-/-:A=1|"});
  EXPECT_EQ(parse("A=1\nBAD\n").entries, Entries{"-/-/-:A=1|"});
}

TEST(NativeParser, LiftsOnlyWhatPrintsAgainAsSent) {
  const auto one = [](std::string_view line) {
    return parse(std::string(line) + "\nA=1\n").entries.at(0);
  };
  EXPECT_EQ(one("PRIORITY=0"), "-/0/-:A=1|");
  EXPECT_EQ(one("PRIORITY=9"), "-/-/-:PRIORITY=9|A=1|");
  EXPECT_EQ(one("PRIORITY=03"), "-/-/-:PRIORITY=03|A=1|");
  EXPECT_EQ(one("PRIORITY="), "-/-/-:PRIORITY=|A=1|");
  EXPECT_EQ(one("SYSLOG_FACILITY=0"), "-/-/0:A=1|");
  EXPECT_EQ(one("SYSLOG_FACILITY=23"), "-/-/23:A=1|");
  EXPECT_EQ(one("SYSLOG_FACILITY=24"), "-/-/-:SYSLOG_FACILITY=24|A=1|");
  EXPECT_EQ(one("SYSLOG_FACILITY=03"), "-/-/-:SYSLOG_FACILITY=03|A=1|");
  EXPECT_EQ(one("SYSLOG_FACILITY=+3"), "-/-/-:SYSLOG_FACILITY=+3|A=1|");
  EXPECT_EQ(one("SYSLOG_IDENTIFIER="), "/-/-:A=1|");
  const std::string longer =
      "SYSLOG_IDENTIFIER=" + std::string(kIdentifierBytesMax + 1, 'i');
  EXPECT_EQ(one(longer), "-/-/-:" + longer + "|A=1|");
}

TEST(NativeParser, KeepsRepeatedNamesAndCollapsesEqualFields) {
  EXPECT_EQ(parse("X=1\nMESSAGE=a\nX=2\nX=1\nMESSAGE=b\nX=2\n").entries,
            Entries{"-/-/-:X=1|MESSAGE=a|X=2|MESSAGE=b|"});
  EXPECT_EQ(parse("PRIORITY=3\nPRIORITY=4\nPRIORITY=3\n").entries,
            Entries{"-/3/-:PRIORITY=4|"});
  EXPECT_EQ(parse("PRIORITY=9\nPRIORITY=4\n").entries,
            Entries{"-/-/-:PRIORITY=9|PRIORITY=4|"});
}

std::string numbered_fields(size_t count) {
  std::string out;
  for (size_t i = 0; i < count; ++i) {
    out += 'F' + std::to_string(i) + "=v\n";
  }
  return out;
}

TEST(NativeParser, DropsAnEntryOfTooManyFieldsAndNotTheNext) {
  NativeCounters counters;
  const std::string most = numbered_fields(logfmt::kFieldsPerEntryMax);
  const std::string datagram = most + '\n' + most + "ONE_MORE=1\n\nB=2\n";
  NativeParser parser(datagram, counters);
  Message message;
  ASSERT_TRUE(parser.next(message));
  EXPECT_EQ(message.fields.size(), logfmt::kFieldsPerEntryMax);
  ASSERT_TRUE(parser.next(message));
  EXPECT_EQ(text_of(message), "B=2|");
  EXPECT_FALSE(parser.next(message));
  EXPECT_TRUE(message.fields.empty());
  EXPECT_EQ(counters.entries_dropped, 1u);
}

TEST(NativeParser, DropsAnEntryOfTooManyBytesAndNotTheNext) {
  const std::string fitting(logfmt::kEntryBytesMax - 2, 'x');
  const auto parsed = parse("A=" + fitting + "\n\nA=x" + fitting + "\n\nB=2\n");
  ASSERT_EQ(parsed.entries.size(), 2u);
  EXPECT_EQ(parsed.entries[1], "-/-/-:B=2|");
  EXPECT_EQ(parsed.counters.entries_dropped, 1u);
}

// Quadratic behaviour would take minutes here.
TEST(NativeParser, TakesLinearTime) {
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(parse(numbered_fields(1'000'000)).counters.entries_dropped, 1u);
  std::string names_alike;
  for (size_t i = 0; i < logfmt::kFieldsPerEntryMax; ++i) {
    names_alike += "X=" + std::string(16'000, 'x') + std::to_string(i) + '\n';
  }
  EXPECT_EQ(parse(names_alike).entries.size(), 1u);
  EXPECT_EQ(parse(std::string(16 << 20, '\n')).entries.size(), 0u);
  EXPECT_EQ(parse(std::string(16 << 20, 'A') + "\n").entries.size(), 0u);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::minutes(1));
}

TEST(NativeParser, SurvivesACutAtEveryByte) {
  const std::string whole = "A=1\n" + binary("MESSAGE", "a\nb") +
                            "\n.x\n_B=1\n" +
                            binary("BIN", std::string(300, '\0')) + "C=3\n";
  for (size_t size = 0; size <= whole.size(); ++size) {
    const std::vector<char> cut(whole.begin(),
                                whole.begin() + static_cast<ptrdiff_t>(size));
    const auto parsed = parse({cut.data(), cut.size()});
    EXPECT_EQ(!parsed.entries.empty(), size >= 4) << size;
  }
}

}  // namespace
}  // namespace logd
