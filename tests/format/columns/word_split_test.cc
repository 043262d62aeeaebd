#include "format/columns/word_split.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace logfmt {
namespace {

// The pattern with a "*" for each variable.
std::string pattern_of(std::string_view text) {
  std::string pattern;
  std::vector<Span> variables;
  split_words(text, pattern, variables);
  std::replace(pattern.begin(), pattern.end(), '\1', '*');
  return pattern;
}

TEST(WordSplit, SaysWhatVaries) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"nothing varies here", "nothing varies here"},
      {"pid 17 took 0.5s", "pid * took *"},
      {"blk_-1608 of x86_64", "* of *"},
      {"ends in 7. And 8-", "ends in *. And *-"},
      {"from 10.0.0.1:22", "from *:*"},
      {"at www.example.org", "at *"},
      {"Well... no", "Well... no"},
      {"Nov 3 or Mon", "* * or *"},
      {"Monday in November", "Monday in November"},
      {"said \"two words\" twice", "said \"*\" twice"},
      {"key \"name\": \"a b\"", "key \"name\": \"*\""},
      {"\"/a/path\" \"plain\"", "\"*\" \"plain\""},
      {"\"never closed 1", "\"never closed *"},
      {"caf\xc3\xa9 5 \xc3\xa9", "caf\xc3\xa9 * \xc3\xa9"},
      {"...", "..."},
      {"", ""}};
  for (const auto& [text, pattern] : cases) {
    EXPECT_EQ(pattern_of(text), pattern);
  }
}

TEST(WordSplit, QuotedTextEndsWithItsField) {
  EXPECT_EQ(pattern_of("\"a b\x02name\x03\"c\x02"), "\"a b\x02name\x03\"c\x02");
}

TEST(WordSplit, PatternAndVariablesMakeTheText) {
  const std::string_view text = "GET \"/x y\" 200 in 0.25 ms, \"again 1\"";
  std::string pattern;
  std::vector<Span> variables;
  split_words(text, pattern, variables);
  std::string made;
  size_t next = 0;
  for (const char c : pattern) {
    if (c != '\1') {
      made += c;
      continue;
    }
    made += text.substr(variables[next].offset, variables[next].bytes);
    ++next;
  }
  EXPECT_EQ(made, text);
  EXPECT_EQ(next, variables.size());
}

}  // namespace
}  // namespace logfmt
