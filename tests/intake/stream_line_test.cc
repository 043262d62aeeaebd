#include "logd/intake/stream_line.h"

#include <gtest/gtest.h>

#include "tests/intake/message_text.h"

namespace logd {
namespace {

struct LineCase {
  std::string_view line;
  int priority;
  std::string_view message;
};

// journald 252's answers to the same lines.
TEST(StreamLine, ReadsLevelsAndWhiteSpaceAsJournaldDoes) {
  const StreamHeader header{.identifier = "s", .priority = 3 << 3 | 6};
  Message message;
  for (const auto& expected : std::initializer_list<LineCase>{
           {"plain", 6, "plain"},
           {"<3>err lvl", 3, "err lvl"},
           {"<30>with facility", 6, "<30>with facility"},
           {"<8>too big", 6, "<8>too big"},
           {"<x>bad", 6, "<x>bad"},
           {" <3>not at the start", 6, " <3>not at the start"},
           {"   ", 6, "   "},
           {"\r", 6, "\r"},
           {"  lead and trail  \t", 6, "  lead and trail"},
           {"<4> spaced", 4, " spaced"},
           {"cr line\r", 6, "cr line"},
           {"<", 6, "<"},
           {"<3", 6, "<3"}}) {
    SCOPED_TRACE(expected.line);
    ASSERT_TRUE(
        parse_stream_line(expected.line, LineBreak::kNewline, header, message));
    EXPECT_EQ(message.priority, expected.priority);
    EXPECT_EQ(message.facility, 3);
    EXPECT_EQ(message.identifier, "s");
    EXPECT_EQ(text_of(message),
              "MESSAGE=" + std::string(expected.message) + '|');
  }
  for (const auto* nothing : {"", "<7>", "<7>  "}) {
    EXPECT_FALSE(
        parse_stream_line(nothing, LineBreak::kNewline, header, message));
  }
}

TEST(StreamLine, LeavesLevelsInTheTextWhenTheHeaderSaysSo) {
  const StreamHeader header{.level_prefix = false};
  Message message;
  ASSERT_TRUE(
      parse_stream_line("<3>raw", LineBreak::kNewline, header, message));
  EXPECT_EQ(message.priority, 6);
  EXPECT_EQ(text_of(message), "MESSAGE=<3>raw|");
}

TEST(StreamLine, HasNoIdentifierOrFacilityThatTheHeaderLacks) {
  Message message;
  ASSERT_TRUE(parse_stream_line("x", LineBreak::kNewline, {}, message));
  EXPECT_EQ(message.identifier, std::nullopt);
  EXPECT_EQ(message.facility, -1);
}

TEST(StreamLine, SaysWhatEndedTheLine) {
  const auto text = [](LineBreak reason) {
    Message message;
    EXPECT_TRUE(parse_stream_line("x", reason, {}, message));
    return text_of(message);
  };
  EXPECT_EQ(text(LineBreak::kNewline), "MESSAGE=x|");
  EXPECT_EQ(text(LineBreak::kNul), "MESSAGE=x|_LINE_BREAK=nul|");
  EXPECT_EQ(text(LineBreak::kLineMax), "MESSAGE=x|_LINE_BREAK=line-max|");
  EXPECT_EQ(text(LineBreak::kEof), "MESSAGE=x|_LINE_BREAK=eof|");
  EXPECT_EQ(text(LineBreak::kPidChange), "MESSAGE=x|_LINE_BREAK=pid-change|");
}

}  // namespace
}  // namespace logd
