#include "format/id128.h"

#include <gtest/gtest.h>

namespace logfmt {
namespace {

constexpr char kHex[] = "0123456789abcdeffedcba9876543210";

TEST(Id128, ReadsWhatItPrints) {
  const auto id = Id128::parse(kHex);
  ASSERT_TRUE(id);
  EXPECT_EQ(id->hex(), kHex);
  EXPECT_EQ(id->bytes[0], 0x01);
  EXPECT_EQ(id->bytes[15], 0x10);
}

TEST(Id128, ReadsUuidsAndCapitals) {
  EXPECT_EQ(Id128::parse("01234567-89AB-CDEF-FEDC-BA9876543210"),
            Id128::parse(kHex));
}

TEST(Id128, RefusesOtherTexts) {
  const std::string hex(kHex);
  for (const std::string& text :
       {std::string(), std::string("-"), hex.substr(1), hex + "0",
        hex.substr(1) + "g", " " + hex, hex + "\n"}) {
    EXPECT_FALSE(Id128::parse(text)) << text;
  }
}

TEST(Id128, RandomIdsDiffer) {
  EXPECT_NE(Id128::random(), Id128::random());
  EXPECT_FALSE(Id128::random().is_zero());
  EXPECT_TRUE(Id128{}.is_zero());
}

}  // namespace
}  // namespace logfmt
