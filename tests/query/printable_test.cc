#include "query/printable.h"

#include <gtest/gtest.h>

#include <vector>

namespace logq {
namespace {

using std::string_literals::operator""s;

TEST(Printable, FindsTheFirstSpecialByteWhereverItIs) {
  for (size_t length = 0; length < 40; ++length) {
    for (size_t at = 0; at < length; ++at) {
      for (const char special : {'\0', '\x1f', '\x7f', '\x80', '\xff', '\n'}) {
        std::string text(length, '~');
        text[at] = special;
        ASSERT_EQ(plain_prefix(text), at);
      }
    }
    EXPECT_EQ(plain_prefix(std::string(length, ' ')), length);
  }
}

TEST(Printable, JsonAlsoStopsAtQuotes) {
  for (size_t at = 0; at < 40; ++at) {
    for (const char special : {'"', '\\', '\n', '\x7f', '\x80'}) {
      std::string text(40, '~');
      text[at] = special;
      ASSERT_EQ(plain_json_prefix(text), at);
    }
  }
  EXPECT_EQ(plain_json_prefix("abcdefghij\"x"), 10u);
  EXPECT_EQ(plain_json_prefix("ab\\x"), 2u);
  EXPECT_EQ(plain_prefix("ab\\x\""), 5u);
}

TEST(Printable, FollowsJournaldsIdeaOfText) {
  struct Case {
    std::string text;
    bool printable;
  };
  for (const auto& [text, printable] : std::vector<Case>{
           {"", true},
           {"a\tb\n", true},
           {"caf\u00e9 \U0001F600", true},
           {"\u202e", true},
           {"\r", false},
           {"\x1b", false},
           {"\0"s, false},
           {"\x7f", false},
           {"\u0085", false},
           {"\xff", false},
           {"\xc3", false},
           {"\xc1\xa1", false},          // overlong
           {"\xed\xa0\x80", false},      // surrogate
           {"\xef\xbf\xbf", false},      // no character
           {"\xf4\x90\x80\x80", false},  // beyond Unicode
       }) {
    EXPECT_EQ(is_printable(text), printable) << testing::PrintToString(text);
  }
  EXPECT_FALSE(is_printable_line("a\nb"));
  EXPECT_TRUE(is_printable_line("a\tb"));
}

TEST(Printable, MakesEveryDeceptionVisible) {
  struct Case {
    std::string text;
    std::string visible;
  };
  for (const auto& [text, visible] : std::vector<Case>{
           {"plain ~", "plain ~"},
           {"a\tb", "a        b"},
           {"caf\u00e9 \U0001F600", "caf\u00e9 \U0001F600"},
           {"\0"s, "\\x00"},
           {"\x1b[2J", "\\x1b[2J"},
           {"a\nb\r", "a\\x0ab\\x0d"},
           {"\x7f", "\\x7f"},
           {"\u0085\u009b", "\\u0085\\u009b"},
           {"\u061c\u200e\u200f", "\\u061c\\u200e\\u200f"},
           {"\u202a\u202e\u2066\u2069", "\\u202a\\u202e\\u2066\\u2069"},
           {"\u200b\u200d\u2060\ufeff", "\\u200b\\u200d\\u2060\\ufeff"},
           {"\u2028\u2029", "\\u2028\\u2029"},
           {"\U000E0041", "\\U000e0041"},
           {"\xff\xc3", "\\xff\\xc3"},
           {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
       }) {
    std::string out;
    append_visible(out, text, {});
    EXPECT_EQ(out, visible);
  }
}

TEST(Printable, MarksEscapes) {
  std::string out;
  append_visible(out, "a\x01z", {"<", ">"});
  EXPECT_EQ(out, "a<\\x01>z");
}

// Whatever is logged, a terminal gets printable text.
TEST(Printable, VisibleTextIsAlwaysHarmless) {
  uint32_t state = 1;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = 0; i < 24; ++i) {
      state = state * 1664525 + 1013904223;
      text += static_cast<char>(state >> 24);
    }
    std::string out;
    append_visible(out, text, {});
    ASSERT_TRUE(is_printable_line(out)) << testing::PrintToString(text);
    ASSERT_EQ(out.find('\t'), out.npos);
  }
}

}  // namespace
}  // namespace logq
