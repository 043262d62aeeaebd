#include "logd/run/span.h"

#include <gtest/gtest.h>

namespace logrun {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;

TEST(Span, IsReadAsPeopleWriteIt) {
  const struct {
    const char* text;
    int64_t ms;
  } cases[] = {
      {"10", 10000},      {"10s", 10000},    {"500ms", 500},
      {"1.5s", 1500},     {"5m", 300000},    {"2 min", 120000},
      {"1h30m", 5400000}, {"1m 30s", 90000}, {"1d", 86400000},
      {"0", 0},           {"1500us", 2},     {" 7 sec ", 7000},
  };
  for (const auto& c : cases) {
    const auto span = parse_span(c.text);
    ASSERT_TRUE(span) << c.text;
    EXPECT_EQ(milliseconds(c.ms), *span) << c.text;
  }
}

TEST(Span, RefusesWhatIsNoSpanAndSaysWhatWasExpected) {
  for (const char* text : {"", " ", "s", "-1s", "10x", "nan", "inf", "1e9",
                           "99999d", "10ss", "1..5s", "+3"}) {
    const auto span = parse_span(text);
    ASSERT_FALSE(span) << text;
    EXPECT_NE(std::string::npos, span.error().detail.find("expected")) << text;
  }
}

TEST(Span, IsWrittenWithTwoUnitsAtMost) {
  const struct {
    int64_t us;
    const char* text;
  } cases[] = {
      {0, "0 ms"},
      {40000, "40 ms"},
      {999999, "999 ms"},
      {1000000, "1 s"},
      {3249000, "3.2 s"},
      {59900000, "59.9 s"},
      {184000000, "3 min 4 s"},
      {7500000000, "2 h 5 min"},
      {273600000000, "3 d 4 h"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(c.text, span_text(microseconds(c.us)));
  }
}

}  // namespace
}  // namespace logrun
