#include "query/option_values.h"

#include <gtest/gtest.h>

namespace logq {
namespace {

TEST(OptionValues, PrioritiesAreThatAndWorseOrARange) {
  struct Case {
    std::string text;
    uint16_t mask;
  };
  for (const auto& [text, mask] : std::vector<Case>{{"emerg", 0b1},
                                                    {"err", 0b1111},
                                                    {"error", 0b1111},
                                                    {"3", 0b1111},
                                                    {"debug", 0b11111111},
                                                    {"crit..err", 0b1100},
                                                    {"err..crit", 0b1100},
                                                    {"4..warning", 0b10000},
                                                    {"0..7", 0b11111111}}) {
    const auto read = parse_priorities(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, mask) << text;
  }
  for (const auto text : {"", "8", "-1", "bogus", "err..", "..err",
                          "err..bogus", "err...crit", "3 "}) {
    EXPECT_FALSE(parse_priorities(text)) << text;
  }
  EXPECT_EQ(parse_priorities("wraning").error().detail,
            "unknown priority \"wraning\"; did you mean \"warning\"?");
}

TEST(OptionValues, FacilitiesAreNamesOrNumbers) {
  EXPECT_EQ(*parse_facilities("kern"), 1u);
  EXPECT_EQ(*parse_facilities("user,23,local7"), 1u << 1 | 1u << 23);
  for (const auto text : {"", "24", "kern,", ",", "nope", "-1"}) {
    EXPECT_FALSE(parse_facilities(text)) << text;
  }
  EXPECT_EQ(parse_facilities("deamon").error().detail,
            "unknown facility \"deamon\"; did you mean \"daemon\"?");
}

TEST(OptionValues, LinesAreCountedFromEitherEnd) {
  EXPECT_EQ(parse_lines("5")->count, 5u);
  EXPECT_FALSE(parse_lines("5")->from_oldest);
  EXPECT_EQ(parse_lines("+5")->count, 5u);
  EXPECT_TRUE(parse_lines("+5")->from_oldest);
  EXPECT_EQ(parse_lines("0")->count, 0u);
  EXPECT_FALSE(parse_lines("all")->count);
  for (const auto text :
       {"", "-5", "five", "5x", "+", "++5", "+-5", "99999999999999999999"}) {
    EXPECT_FALSE(parse_lines(text)) << text;
  }
}

TEST(OptionValues, BootsAreIdsOffsetsOrAll) {
  const std::string id = "b167fda1e3454dc488c113e579c4218d";
  struct Case {
    std::string text;
    bool has_id;
    int64_t offset;
  };
  for (const auto& [text, has_id, offset] :
       std::vector<Case>{{"", false, 0},
                         {"0", false, 0},
                         {"-1", false, -1},
                         {"2", false, 2},
                         {"+2", false, 2},
                         {id, true, 0},
                         {id + "-1", true, -1},
                         {id + "+3", true, 3}}) {
    const auto boot = parse_boot(text);
    ASSERT_TRUE(boot && *boot) << text;
    EXPECT_EQ((*boot)->id.has_value(), has_id) << text;
    EXPECT_EQ((*boot)->offset, offset) << text;
  }
  EXPECT_FALSE(parse_boot("all")->has_value());
  for (const auto& text : {std::string("x"), id + "3", id + "x", id.substr(1),
                           std::string("--1"), std::string("+-1")}) {
    EXPECT_FALSE(parse_boot(text)) << text;
  }
}

TEST(OptionValues, UnitsGetTheirSuffix) {
  EXPECT_EQ(unit_name("bot"), "bot.service");
  EXPECT_EQ(unit_name("bot.py"), "bot.py.service");
  EXPECT_EQ(unit_name("bot.service"), "bot.service");
  EXPECT_EQ(unit_name("x.timer"), "x.timer");
  EXPECT_EQ(unit_name("bot*"), "bot*");
  EXPECT_EQ(unit_name("bot*.service"), "bot*.service");
  EXPECT_EQ(unit_name("b?t"), "b?t.service");
  EXPECT_EQ(unit_name(".service"), ".service.service");
}

TEST(OptionValues, TermsFormGroups) {
  const auto groups = parse_terms({"A=1", "B!=x=y", "+", "_C="});
  ASSERT_TRUE(groups);
  ASSERT_EQ(groups->size(), 2u);
  const FieldGroup& first = groups->front();
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0].name, "A");
  EXPECT_EQ(first[0].value, "1");
  EXPECT_FALSE(first[0].negated);
  EXPECT_EQ(first[1].name, "B");
  EXPECT_EQ(first[1].value, "x=y");
  EXPECT_TRUE(first[1].negated);
  EXPECT_EQ(groups->back()[0].value, "");
}

TEST(OptionValues, BadTermsAreRefused) {
  for (const auto& words :
       std::vector<std::vector<std::string>>{{"+"},
                                             {"A=1", "+"},
                                             {"+", "A=1"},
                                             {"A=1", "+", "+", "B=1"},
                                             {"A"},
                                             {"=x"},
                                             {"!=x"},
                                             {"a=x"},
                                             {"1A=x"},
                                             {"A-B=x"},
                                             {std::string(65, 'A') + "=x"}}) {
    EXPECT_FALSE(parse_terms(words)) << words.front();
  }
}

}  // namespace
}  // namespace logq
