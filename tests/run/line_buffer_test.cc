#include "logd/run/line_buffer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/run/fake_daemon.h"

namespace logrun {
namespace {

using logrun_test::split_lines;

// A reader that takes each chunk as soon as it is sent.
std::string read_all(LineBuffer& buffer) {
  std::string text;
  for (;;) {
    const std::string_view chunk = buffer.next_chunk();
    if (chunk.empty()) return text;
    text += chunk;
    buffer.mark_sent();
    buffer.acknowledge();
  }
}

std::string numbered_lines(int first, int last) {
  std::string text;
  for (int i = first; i <= last; ++i) text += fmt::format("line {:06}\n", i);
  return text;
}

// As long as a chunk: sent although the line has no end yet.
const std::string kLongPart(LineBuffer::kChunkBytesMax, 'x');

TEST(LineBuffer, GivesBackWhatItWasGiven) {
  LineBuffer buffer;
  buffer.append("one\ntwo\n");
  EXPECT_EQ("one\ntwo\n", read_all(buffer));
  EXPECT_TRUE(buffer.delivered());
  EXPECT_EQ(LineCount{}, buffer.undelivered());
}

TEST(LineBuffer, LineWaitsForItsEnd) {
  LineBuffer buffer;
  buffer.append("one\ntw");
  EXPECT_EQ("one\n", read_all(buffer));
  EXPECT_FALSE(buffer.delivered());
  buffer.append("o\nthr");
  EXPECT_EQ("two\n", read_all(buffer));
  buffer.end();
  EXPECT_EQ("thr", read_all(buffer));
  EXPECT_TRUE(buffer.delivered());
}

TEST(LineBuffer, ChunksAreBoundedAndEndAtLineEnds) {
  LineBuffer buffer;
  const std::string text = numbered_lines(1, 5000);
  buffer.append(text);
  std::string read;
  while (!buffer.delivered()) {
    const std::string chunk(buffer.next_chunk());
    ASSERT_LE(chunk.size(), LineBuffer::kChunkBytesMax);
    ASSERT_EQ('\n', chunk.back());
    read += chunk;
    buffer.mark_sent();
    buffer.acknowledge();
  }
  EXPECT_EQ(text, read);
}

TEST(LineBuffer, LongLineGoesInSeveralChunks) {
  LineBuffer buffer;
  const std::string text = std::string(100000, 'x') + "\nnext\n";
  buffer.append(text);
  EXPECT_EQ(text, read_all(buffer));
}

TEST(LineBuffer, UnreadChunkIsGivenAgain) {
  LineBuffer buffer;
  buffer.append("one\ntwo\n");
  EXPECT_EQ("one\ntwo\n", buffer.next_chunk());
  buffer.mark_sent();
  buffer.append("three\n");
  buffer.rewind();
  EXPECT_EQ("one\ntwo\nthree\n", read_all(buffer));
}

TEST(LineBuffer, NewReaderIsGivenTheWholeOfALongLine) {
  LineBuffer buffer;
  buffer.append("one\n" + kLongPart);
  EXPECT_EQ("one\n" + kLongPart, read_all(buffer));
  buffer.rewind();
  buffer.append(" end\n");
  EXPECT_EQ(kLongPart + " end\n", read_all(buffer));
}

TEST(LineBuffer, KeepsABoundedPartOfAnUnfinishedLine) {
  LineBuffer buffer;
  for (size_t bytes = 0; bytes <= LineBuffer::kLineKeepBytesMax;
       bytes += kLongPart.size()) {
    buffer.append(kLongPart);
    EXPECT_EQ(kLongPart, read_all(buffer));
  }
  buffer.rewind();
  buffer.append("end\n");
  EXPECT_EQ("end\n", read_all(buffer));
}

TEST(LineBuffer, DropsTheOldestLinesAndSaysHowMany) {
  LineBuffer buffer(8000);
  buffer.append(numbered_lines(1, 1000));  // 12 bytes each
  buffer.append(numbered_lines(1001, 1001));
  const LineCount waiting = buffer.undelivered();
  EXPECT_EQ(1001u, waiting.lines);
  EXPECT_EQ(12012u, waiting.bytes);
  const auto lines = split_lines(read_all(buffer));
  const size_t dropped = 1001 - (lines.size() - 1);
  EXPECT_EQ(fmt::format("<4>logrun: {} lines ({} bytes) dropped while logd was "
                        "away",
                        dropped, dropped * 12),
            lines.front());
  EXPECT_EQ(fmt::format("line {:06}", dropped + 1), lines[1]);
  EXPECT_EQ("line 001001", lines.back());
  // Not more than a small part above what had to go.
  EXPECT_LE(dropped * 12, 12012u - 8000u + 1000u + 12u);
}

TEST(LineBuffer, DoesNotDropWhatIsInFlight) {
  LineBuffer buffer(9000);
  buffer.append("first\nsecond\n");
  EXPECT_EQ("first\nsecond\n", buffer.next_chunk());
  buffer.mark_sent();
  buffer.append(numbered_lines(1, 2000));
  buffer.acknowledge();
  const auto lines = split_lines(read_all(buffer));
  EXPECT_TRUE(lines.front().starts_with("<4>logrun: "));
  EXPECT_EQ("line 002000", lines.back());
}

TEST(LineBuffer, FinishesTheLineInFlightBeforeAGap) {
  LineBuffer buffer(20000);
  buffer.append(kLongPart);
  EXPECT_EQ(kLongPart, buffer.next_chunk());
  buffer.mark_sent();
  buffer.append("end\n" + numbered_lines(1, 2000));
  buffer.acknowledge();
  EXPECT_EQ("end\n", buffer.next_chunk());
}

TEST(LineBuffer, EndsALineThatLostItsRest) {
  LineBuffer buffer(20000);
  buffer.append(kLongPart);
  EXPECT_EQ(kLongPart, buffer.next_chunk());
  buffer.mark_sent();
  buffer.append(std::string(30000, 'x'));
  buffer.acknowledge();
  buffer.append("\nnext\n");
  const auto lines = split_lines(read_all(buffer));
  ASSERT_LE(3u, lines.size());
  EXPECT_EQ("", lines[0]);
  EXPECT_TRUE(lines[1].starts_with("<4>logrun: "));
  EXPECT_EQ("next", lines.back());
}

TEST(LineBuffer, RepeatsTheLossNoteUntilItIsRead) {
  LineBuffer buffer(8000);
  buffer.append(numbered_lines(1, 1000));
  const std::string note(buffer.next_chunk());
  EXPECT_TRUE(note.starts_with("<4>logrun: "));
  buffer.mark_sent();
  buffer.rewind();
  EXPECT_EQ(note, buffer.next_chunk());
  buffer.mark_sent();
  buffer.append(numbered_lines(1001, 2000));
  buffer.acknowledge();
  // More was lost while the note was on its way: a second note, no overlap.
  const auto lines = split_lines(read_all(buffer));
  EXPECT_TRUE(lines.front().starts_with("<4>logrun: "));
  EXPECT_FALSE(lines[1].starts_with("<4>logrun: "));
}

TEST(LineBuffer, EndlessLineDoesNotGrowMemory) {
  LineBuffer buffer(8000);
  for (int i = 0; i < 1000; ++i) {
    buffer.append(std::string(1000, 'x'));
  }
  buffer.end();
  EXPECT_LE(read_all(buffer).size(), 9100u);
}

TEST(LineBuffer, LossElsewhereIsAnnouncedFirst) {
  LineBuffer buffer;
  buffer.append("text\n");
  buffer.add_lost({.lines = 7, .bytes = 70});
  EXPECT_EQ("<4>logrun: 7 lines (70 bytes) dropped while logd was away\ntext\n",
            read_all(buffer));
}

// A model of a daemon that dies at random moments, with lines up to several
// chunks long. A reader that dies in the middle of a line has not stored it.
TEST(LineBuffer, EveryLineArrivesOnceOverManyDeaths) {
  for (uint32_t seed = 1; seed <= 50; ++seed) {
    std::mt19937 random(seed);
    LineBuffer buffer;
    std::string text;
    for (int i = 0; i < 300; ++i) {
      text +=
          fmt::format("{} {:x>{}}\n", i, "", random() % (1u << random() % 16));
    }
    std::string complete;    // lines that readers saw with their end
    std::string unfinished;  // what the present reader has of the next
    size_t given = 0;
    while (given < text.size() || !buffer.delivered()) {
      const size_t count = std::min(random() % 4000, text.size() - given);
      buffer.append(text.substr(given, count));
      given += count;
      const std::string chunk(buffer.next_chunk());
      if (!chunk.empty()) buffer.mark_sent();
      if (!chunk.empty() && random() % 3 != 0) {
        buffer.acknowledge();
        unfinished += chunk;
        const size_t end = unfinished.rfind('\n') + 1;
        complete += unfinished.substr(0, end);
        unfinished.erase(0, end);
        if (random() % 4 != 0) continue;
      }
      buffer.rewind();
      unfinished.clear();
    }
    ASSERT_EQ(text, complete) << "seed " << seed;
  }
}

}  // namespace
}  // namespace logrun
