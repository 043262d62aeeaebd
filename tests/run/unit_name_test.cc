#include "logd/run/unit_name.h"

#include <gtest/gtest.h>

namespace logrun {
namespace {

TEST(UnitName, IsAServiceUnlessItSaysOtherwise) {
  const struct {
    const char* given;
    const char* full;
  } cases[] = {
      {"bot", "bot.service"},
      {"bot.service", "bot.service"},
      {"web.socket", "web.socket"},
      {"backup.timer", "backup.timer"},
      {"my.bot", "my.bot.service"},
      {"getty@tty1", "getty@tty1.service"},
      {"a:b_c-d\\x2d", "a:b_c-d\\x2d.service"},
  };
  for (const auto& c : cases) {
    const auto full = full_unit_name(c.given);
    ASSERT_TRUE(full) << c.given;
    EXPECT_EQ(c.full, *full);
  }
}

TEST(UnitName, RefusesWhatSystemdWouldRefuse) {
  for (const char* name :
       {"", "a b", "a/b", "b\xc3\xb6t", ".service", "a\nb"}) {
    EXPECT_FALSE(full_unit_name(name)) << name;
  }
}

TEST(UnitName, FitsIntoALineOfTheStreamHeader) {
  EXPECT_TRUE(full_unit_name(std::string(246, 'a')));
  EXPECT_FALSE(full_unit_name(std::string(247, 'a')));
}

}  // namespace
}  // namespace logrun
