#include "query/engine/text_matcher.h"

#include <gtest/gtest.h>

#include "tests/query_engine/made_store.h"

namespace logq {
namespace {

bool matches(const TextFilter& filter, std::string_view message) {
  const auto matcher = TextMatcher::compile(filter);
  const std::string payload = logq_test::fields({{"MESSAGE", message}});
  return matcher->matches(logfmt::FieldList(payload));
}

TEST(TextMatcher, IgnoresCaseUnlessThePatternHasUpperCase) {
  struct {
    std::string pattern;
    std::string message;
    bool match;
  } const cases[] = {
      {"timed out", "it Timed OUT", true},  {"Timed out", "it Timed out", true},
      {"Timed out", "it timed out", false}, {"tim.d$", "it TIMED", true},
      {"tim.d$", "timed out", false},
  };
  for (const auto& [pattern, message, match] : cases) {
    EXPECT_EQ(matches({.include = {pattern}}, message), match) << pattern;
  }
}

TEST(TextMatcher, CaseCanBeForced) {
  EXPECT_FALSE(
      matches({.include = {"timed"}, .case_sensitive = true}, "Timed"));
  EXPECT_TRUE(
      matches({.include = {"TIMED"}, .case_sensitive = false}, "Timed"));
}

TEST(TextMatcher, AnyPatternIncludesAndAnyExcludes) {
  const TextFilter filter{.include = {"one", "two"}, .exclude = {"not", "no"}};
  EXPECT_TRUE(matches(filter, "two"));
  EXPECT_FALSE(matches(filter, "three"));
  EXPECT_FALSE(matches(filter, "one, not two"));
}

TEST(TextMatcher, LooksAtTheLastMessageOnly) {
  const auto matcher = TextMatcher::compile({.include = {"first"}});
  const std::string payload =
      logq_test::fields({{"MESSAGE", "first"}, {"MESSAGE", "second"}});
  EXPECT_FALSE(matcher->matches(logfmt::FieldList(payload)));
}

TEST(TextMatcher, AnEntryWithoutMessageIsNeverIncludedNorExcluded) {
  const std::string payload = logq_test::fields({{"NOTE", "text"}});
  const logfmt::FieldList fields(payload);
  EXPECT_FALSE(TextMatcher::compile({.include = {""}})->matches(fields));
  EXPECT_TRUE(TextMatcher::compile({.exclude = {"text"}})->matches(fields));
}

TEST(TextMatcher, RefusesWhatIsNoPatternAndWhatIsTooLong) {
  const auto wrong = TextMatcher::compile({.exclude = {"(x"}});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, logfmt::ErrorCode::kInvalidArgument);
  const std::string large(kPatternBytesMax + 1, 'x');
  const auto long_one = TextMatcher::compile({.include = {large}});
  ASSERT_FALSE(long_one);
  EXPECT_EQ(long_one.error().code, logfmt::ErrorCode::kLimit);
}

// Whatever a pattern matches has one of its literals; where that cannot be
// promised there are none.
TEST(TextMatcher, LiteralsOccurInWhateverMatches) {
  struct {
    std::string pattern;
    bool has_literals;
    std::string match;
  } const cases[] = {
      {"timed out", true, "It TIMED OUT"},
      {"Timed out", true, "It Timed out"},
      {"conn(ection)? reset", true, "conn reset"},
      {"warning|error", true, "an ERROR"},
      {"[0-9]+ms", false, "12ms"},
      {".*", false, "anything"},
      {"ok", false, "OK"},
      // The Kelvin sign and the long s are "k" and "s" in other clothes.
      {"kelvin", true,
       "\xe2\x84\xaa"
       "ELVIN"},
      {"sssk", false, "\xc5\xbf\xc5\xbf\xc5\xbf\xe2\x84\xaa"},
      {"stra\xc3\x9f"
       "e",
       true,
       "STRA\xe1\xba\x9e"
       "E"},
      {"\xc3\xa4\xc3\xb6\xc3\xbc", false, "\xc3\x84\xc3\x96\xc3\x9c"},
  };
  for (const auto& [pattern, has_literals, match] : cases) {
    const auto matcher = TextMatcher::compile({.include = {pattern}});
    ASSERT_TRUE(matcher) << pattern;
    EXPECT_EQ(!matcher->literals().empty(), has_literals) << pattern;
    EXPECT_TRUE(matches({.include = {pattern}}, match)) << pattern;
    bool found = matcher->literals().empty();
    for (const LiteralSearch& literal : matcher->literals()) {
      found = found || literal.find(match, 0) != std::string_view::npos;
    }
    EXPECT_TRUE(found) << pattern;
  }
}

TEST(TextMatcher, OnePatternWithoutLiteralsLeavesNone) {
  EXPECT_TRUE(TextMatcher::compile({.include = {"timed out", ".*"}})
                  ->literals()
                  .empty());
}

}  // namespace
}  // namespace logq
