#include "logd/intake/stream_header.h"

#include <gtest/gtest.h>

#include <vector>

namespace logd {
namespace {

using Lines = std::vector<std::string>;

const Lines kLines = {"id", "bot.service", "30", "1", "0", "0", "0"};

logfmt::Result<StreamHeader> parse(const Lines& lines) {
  StreamHeaderParser parser;
  for (const auto& line : lines) {
    EXPECT_FALSE(parser.complete());
    LOGD_RETURN_IF_ERROR(parser.take_line(line));
  }
  EXPECT_TRUE(parser.complete());
  return parser.header();
}

// The usual header with one line replaced.
logfmt::Result<StreamHeader> parse_with(size_t index, std::string line) {
  Lines lines = kLines;
  lines[index] = std::move(line);
  return parse(lines);
}

Lines split(std::string_view text) {
  Lines out;
  for (size_t at; (at = text.find('\n')) != std::string_view::npos;) {
    out.emplace_back(text.substr(0, at));
    text.remove_prefix(at + 1);
  }
  return out;
}

TEST(StreamHeader, IsReadLineByLine) {
  const auto header = parse(kLines);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->identifier, "id");
  EXPECT_EQ(header->unit, "bot.service");
  EXPECT_EQ(header->priority, 30);
  EXPECT_TRUE(header->level_prefix);
  EXPECT_EQ(header->kind, StreamKind::kUnknown);
}

TEST(StreamHeader, IsWrittenAsJournaldExpectsIt) {
  EXPECT_EQ(StreamHeader{.identifier = "id"}.encode(), "id\n\n6\n1\n0\n0\n0\n");
  EXPECT_EQ((StreamHeader{.unit = "bot",
                          .priority = 27,
                          .level_prefix = false,
                          .kind = StreamKind::kStderr,
                          .child_pid = 77}
                 .encode()),
            "\nbot\n27\n0\n0\n0\nstderr 77\n");
}

TEST(StreamHeader, RoundTrips) {
  for (const auto kind :
       {StreamKind::kUnknown, StreamKind::kStdout, StreamKind::kStderr}) {
    for (const bool level_prefix : {false, true}) {
      for (const int priority : {0, 6, 30, 999}) {
        StreamHeader sent{.identifier = "web worker",
                          .unit = "web.service",
                          .priority = priority,
                          .level_prefix = level_prefix,
                          .kind = kind};
        if (kind != StreamKind::kUnknown) sent.child_pid = 4'194'303;
        const auto read = parse(split(sent.encode()));
        ASSERT_TRUE(read);
        EXPECT_EQ(read->encode(), sent.encode());
        EXPECT_EQ(read->identifier, sent.identifier);
        EXPECT_EQ(read->unit, sent.unit);
        EXPECT_EQ(read->child_pid, sent.child_pid);
      }
    }
  }
}

TEST(StreamHeader, IsSevenLinesWhateverTheTextIs) {
  const StreamHeader header{.identifier = "two\nlines",
                            .unit = std::string(300, 'u'),
                            .priority = 5000};
  const auto read = parse(split(header.encode()));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->identifier, "two");
  EXPECT_EQ(read->unit, std::string(254, 'u'));
  EXPECT_EQ(read->priority, 999);
}

TEST(StreamHeader, IsStrippedOfWhiteSpace) {
  const auto header = parse({" s11 \r", "", " 6 ", "\t1 ", "0", "0", " 0"});
  ASSERT_TRUE(header);
  EXPECT_EQ(header->identifier, "s11");
  EXPECT_EQ(header->unit, "");
  EXPECT_EQ(header->priority, 6);
}

TEST(StreamHeader, TakesPrioritiesUpTo999) {
  EXPECT_TRUE(parse_with(2, "0"));
  EXPECT_TRUE(parse_with(2, "999"));
  for (const auto* bad :
       {"", "1000", "-1", "+1", "abc", "6x", "0x6", "99999999999999999999"}) {
    const auto header = parse_with(2, bad);
    ASSERT_FALSE(header) << bad;
    EXPECT_EQ(header.error().code, logfmt::ErrorCode::kInvalidArgument);
    EXPECT_EQ(header.error().detail,
              "stream header line 3: expected a priority, 0 to 999");
  }
}

TEST(StreamHeader, TakesBooleansAsSystemdSpellsThem) {
  for (const auto* yes : {"1", "yes", "y", "true", "t", "on", "Yes", "TRUE"}) {
    const auto header = parse_with(3, yes);
    ASSERT_TRUE(header) << yes;
    EXPECT_TRUE(header->level_prefix);
  }
  for (const auto* no : {"0", "no", "n", "false", "f", "off", "No", "OFF"}) {
    const auto header = parse_with(3, no);
    ASSERT_TRUE(header) << no;
    EXPECT_FALSE(header->level_prefix);
  }
  for (size_t index = 3; index < kLines.size(); ++index) {
    for (const auto* bad : {"", "maybe", "2", "yess", "onn"}) {
      EXPECT_FALSE(parse_with(index, bad)) << index << bad;
    }
  }
}

TEST(StreamHeader, TakesLinesOf254BytesWithoutNul) {
  EXPECT_TRUE(parse_with(0, std::string(254, 'i')));
  EXPECT_FALSE(parse_with(0, std::string(255, 'i')));
  EXPECT_FALSE(parse_with(0, std::string("a\0b", 3)));
}

TEST(StreamHeader, NamesTheChildWhoseStreamItIs) {
  const auto header = parse_with(6, "stderr 123");
  ASSERT_TRUE(header);
  EXPECT_EQ(header->kind, StreamKind::kStderr);
  EXPECT_EQ(header->child_pid, 123u);
  for (const auto* bad : {"stdout", "stdout ", "stdout x", "stdin 1",
                          "stdout -1", "stdout 4194305", "stdout 1 2"}) {
    EXPECT_FALSE(parse_with(6, bad)) << bad;
  }
}

TEST(StreamHeader, RefusesAnEighthLine) {
  StreamHeaderParser parser;
  for (const auto& line : kLines) ASSERT_TRUE(parser.take_line(line));
  EXPECT_FALSE(parser.take_line("0"));
}

}  // namespace
}  // namespace logd
