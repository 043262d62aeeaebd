#include "query/suggestion.h"

#include <gtest/gtest.h>

#include <array>

namespace logq {
namespace {

constexpr std::array<std::string_view, 4> kNames = {"short", "short-iso",
                                                    "json", "cat"};

TEST(Suggestion, FindsTheNearestName) {
  EXPECT_EQ(nearest_name("jsno", kNames), "json");
  EXPECT_EQ(nearest_name("short_iso", kNames), "short-iso");
  EXPECT_EQ(nearest_name("shrt", kNames), "short");
}

TEST(Suggestion, IsSilentWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("verbose", kNames), "");
  EXPECT_EQ(nearest_name("", kNames), "");
  EXPECT_EQ(nearest_name(std::string(100'000, 'j'), kNames), "");
}

TEST(Suggestion, EndsAMessage) {
  EXPECT_EQ(did_you_mean("jsno", kNames, "see help"),
            "; did you mean \"json\"?");
  EXPECT_EQ(did_you_mean("verbose", kNames, "see help"), "; see help");
}

}  // namespace
}  // namespace logq
