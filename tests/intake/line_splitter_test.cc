#include "logd/intake/line_splitter.h"

#include <gtest/gtest.h>

#include <vector>

namespace logd {
namespace {

using std::string_view_literals::operator""sv;

// Lines with a sign of the break behind each.
class Splitter {
 public:
  explicit Splitter(size_t line_bytes_max = LineSplitter::kLineBytesDefault)
      : splitter_(line_bytes_max) {}

  void feed(std::string_view chunk) { splitter_.feed(chunk, *this); }
  void resume(std::string_view pending) { splitter_.resume(pending); }
  void flush(LineBreak reason) { splitter_.flush(reason, *this); }
  std::vector<std::string> take() { return std::move(lines_); }
  size_t pending_bytes() const { return splitter_.pending_bytes(); }

  void operator()(std::string_view line, LineBreak reason) {
    lines_.push_back(std::string(line) + "n0mep"[static_cast<int>(reason)]);
  }

 private:
  LineSplitter splitter_;
  std::vector<std::string> lines_;
};

using Lines = std::vector<std::string>;

TEST(LineSplitter, EndsLinesAtNewlineAndNul) {
  Splitter splitter;
  splitter.feed("a\nb\0\0c\n\nd"sv);
  EXPECT_EQ(splitter.take(), (Lines{"an", "b0", "0", "cn", "n"}));
  splitter.flush(LineBreak::kEof);
  EXPECT_EQ(splitter.take(), Lines{"de"});
}

TEST(LineSplitter, JoinsChunks) {
  Splitter splitter;
  for (const char c : "one\ntwo\n"sv) splitter.feed({&c, 1});
  EXPECT_EQ(splitter.take(), (Lines{"onen", "twon"}));
}

TEST(LineSplitter, EndsHalfLinesOnlyWhereThereAreAny) {
  Splitter splitter;
  splitter.feed("half");
  splitter.flush(LineBreak::kPidChange);
  splitter.flush(LineBreak::kPidChange);
  splitter.feed("whole\n");
  splitter.flush(LineBreak::kEof);
  EXPECT_EQ(splitter.take(), (Lines{"halfp", "wholen"}));
}

TEST(LineSplitter, BreaksLinesAtTheLimitExactly) {
  const std::string most(LineSplitter::kLineBytesMin, 'x');
  const std::string fewer = most.substr(1);
  const std::string text = most + '\n' + fewer + '\n' + most + most + "yz\n";
  const Lines expected = {most + 'm', "n",        fewer + 'n',
                          most + 'm', most + 'm', "yzn"};
  for (size_t step = 1; step <= text.size(); ++step) {
    Splitter splitter(LineSplitter::kLineBytesMin);
    for (size_t at = 0; at < text.size(); at += step) {
      splitter.feed(std::string_view(text).substr(at, step));
    }
    EXPECT_EQ(splitter.take(), expected) << step;
    EXPECT_EQ(splitter.pending_bytes(), 0u);
  }
}

TEST(LineSplitter, TakesNoLimitBelowTheLeast) {
  Splitter splitter(1);
  splitter.feed("abc\n");
  EXPECT_EQ(splitter.take(), Lines{"abcn"});
}

TEST(LineSplitter, KeepsLessThanOneLine) {
  Splitter splitter(1000);
  for (int i = 0; i < 100'000; ++i) {
    splitter.feed("0123456");
    ASSERT_LT(splitter.pending_bytes(), 1000u);
  }
  EXPECT_EQ(splitter.take().size(), 700u);
}

// The limit was lowered between two workers.
TEST(LineSplitter, EndsAtOnceALineThatAnotherOneLeftBeyondTheLimit) {
  Splitter splitter(100);
  const std::string begun(150, 'x');
  splitter.resume(begun);
  const std::string chunk(250, 'y');
  splitter.feed(chunk);
  const std::string full(100, 'y');
  EXPECT_EQ(splitter.take(), (Lines{begun + 'm', full + 'm', full + 'm'}));
  EXPECT_EQ(splitter.pending_bytes(), 50U);
}

TEST(LineSplitter, DoesNotCopyLinesThatLieInOneChunk) {
  LineSplitter splitter;
  const std::string chunk = "first\nsecond\n";
  std::vector<const char*> begins;
  splitter.feed(chunk, [&](std::string_view line, LineBreak) {
    begins.push_back(line.data());
  });
  EXPECT_EQ(begins, (std::vector<const char*>{chunk.data(), chunk.data() + 6}));
}

}  // namespace
}  // namespace logd
