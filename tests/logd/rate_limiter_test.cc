#include "logd/identity/rate_limiter.h"

#include <gtest/gtest.h>

#include <string>

#include "format/field_list.h"

namespace logd {
namespace {

using logfmt::Owner;
using logfmt::OwnerKind;

constexpr uint64_t kSecondUs = 1'000'000;
constexpr uint64_t kStartUs = 1000 * kSecondUs;

Owner unit(const std::string& name) { return {OwnerKind::kUnit, name}; }

// A sender that keeps its place, and time.
class Flood {
 public:
  Flood(RateLimiter& limiter, Owner owner)
      : limiter_(limiter), owner_(std::move(owner)) {}

  // How many of so many messages pass.
  int admitted(int messages, uint8_t priority = 6, size_t bytes = 100) {
    int admitted = 0;
    for (int i = 0; i < messages; ++i) {
      admitted +=
          limiter_.admit(owner_, {priority, bytes, now_us_}, place_) ? 1 : 0;
    }
    return admitted;
  }
  void wait(uint64_t us) { now_us_ += us; }

 private:
  RateLimiter& limiter_;
  Owner owner_;
  RateLimiter::Place place_;
  uint64_t now_us_ = kStartUs;
};

LimitsConfig rate(uint64_t messages) {
  return {.rate = messages, .per = std::chrono::seconds(10)};
}

TEST(RateLimiter, LetsABurstPassAndThenTheRate) {
  RateLimiter limiter(rate(100));
  Flood bot(limiter, unit("bot.service"));
  EXPECT_EQ(bot.admitted(1000), 100);
  bot.wait(kSecondUs);
  EXPECT_EQ(bot.admitted(1000), 10);
  bot.wait(kSecondUs / 20);
  EXPECT_EQ(bot.admitted(1000), 0);
  bot.wait(kSecondUs / 20);
  EXPECT_EQ(bot.admitted(1000), 1);
  bot.wait(3600 * kSecondUs);
  EXPECT_EQ(bot.admitted(1000), 100);
}

TEST(RateLimiter, OfAFloodWithinASpanPassesTheRateTwiceAtMost) {
  RateLimiter limiter(rate(100));
  Flood bot(limiter, unit("bot.service"));
  int admitted = 0;
  for (int i = 0; i < 10'000; ++i) {
    admitted += bot.admitted(1);
    bot.wait(kSecondUs / 1000);
  }
  EXPECT_GE(admitted, 199);
  EXPECT_LE(admitted, 200);
}

TEST(RateLimiter, TheDefaultIsTenThousandInThirtySeconds) {
  RateLimiter limiter(LimitsConfig{});
  Flood bot(limiter, unit("bot.service"));
  EXPECT_EQ(bot.admitted(20'000), 10'000);
  bot.wait(30 * kSecondUs);
  EXPECT_EQ(bot.admitted(20'000), 10'000);
}

TEST(RateLimiter, AFloodCostsOnlyItsOwnUnit) {
  RateLimiter limiter(rate(100));
  Flood polite(limiter, unit("polite.service"));
  for (int i = 0; i < 100; ++i) {
    Flood flooder(limiter, unit("flood" + std::to_string(i)));
    EXPECT_EQ(flooder.admitted(200), 100);
    EXPECT_EQ(polite.admitted(1), 1);
  }
}

TEST(RateLimiter, EachClassOfPrioritiesHasItsOwnShare) {
  RateLimiter limiter(rate(10));
  Flood bot(limiter, unit("bot.service"));
  EXPECT_EQ(bot.admitted(50, 7), 10) << "debug";
  EXPECT_EQ(bot.admitted(50, 6), 10) << "info";
  EXPECT_EQ(bot.admitted(50, 5), 0) << "notice, with info";
  EXPECT_EQ(bot.admitted(50, logfmt::kNoPriority), 0) << "none, with info";
  EXPECT_EQ(bot.admitted(50, 4), 10) << "warning";
  EXPECT_EQ(bot.admitted(50, 3), 10) << "err";
  for (uint8_t priority = 0; priority <= 2; ++priority) {
    EXPECT_EQ(bot.admitted(50, priority), 50) << int{priority};
  }
}

TEST(RateLimiter, NobodySpendsWhatIsAnothers) {
  const auto owner = [](const std::vector<logfmt::Field>& fields) {
    std::string context;
    for (const auto& [name, value] : fields) {
      logfmt::append_field(context, name, value);
    }
    return rate_owner_of(logfmt::FieldList(context));
  };
  const Owner owners[] = {
      owner({{"_SYSTEMD_UNIT", "sshd.service"}, {"_UID", "0"}}),
      owner({{"_SYSTEMD_USER_UNIT", "sshd.service"}, {"_UID", "1000"}}),
      owner({{"_SYSTEMD_USER_UNIT", "sshd.service"}, {"_UID", "1001"}}),
      owner({{"SYSLOG_IDENTIFIER", "sshd.service"}, {"_UID", "0"}}),
      owner({{"SYSLOG_IDENTIFIER", "sshd.service"}, {"_UID", "1000"}}),
      owner({{"_UID", "0"}}),
      owner({{"_UID", "1000"}}),
      owner({}),
  };
  RateLimiter limiter(rate(10));
  for (const Owner& each : owners) {
    EXPECT_EQ(Flood(limiter, each).admitted(50), 10)
        << each.name << " of " << each.uid;
  }
  EXPECT_EQ(owner({{"_SYSTEMD_UNIT", "a.service"}, {"_UID", "0"}}),
            owner({{"_SYSTEMD_UNIT", "a.service"}, {"_UID", "7"}}))
      << "a unit is one, whatever users its processes run as";
}

TEST(RateLimiter, CountsBytesToo) {
  LimitsConfig config = rate(1000);
  config.rate_bytes = 100'000;
  RateLimiter limiter(config);
  Flood bot(limiter, unit("bot.service"));
  EXPECT_EQ(bot.admitted(50, 6, 30'000), 4) << "the last one overflows";
  bot.wait(2 * kSecondUs);
  EXPECT_EQ(bot.admitted(50, 6, 30'000), 0) << "and is paid for";
  bot.wait(kSecondUs / 5);
  EXPECT_EQ(bot.admitted(50, 6, 30'000), 1);
  bot.wait(100 * kSecondUs);
  EXPECT_EQ(bot.admitted(1, 6, 5'000'000), 1) << "larger than the bucket";
}

TEST(RateLimiter, AnOrdinaryBurstOfLongLinesPassesTheDefault) {
  RateLimiter limiter(LimitsConfig{});
  Flood bot(limiter, unit("bot.service"));
  EXPECT_EQ(bot.admitted(800, 6, 48 << 10), 800);
  EXPECT_LT(bot.admitted(9000, 6, 48 << 10), 100);
}

TEST(RateLimiter, ZeroIsNoLimit) {
  RateLimiter limiter(rate(0));
  Flood bot(limiter, unit("bot.service"));
  EXPECT_EQ(bot.admitted(100'000, 7, 1 << 20), 100'000);
  LimitsConfig config = rate(100);
  config.rate_bytes = 0;
  RateLimiter messages_only(config);
  Flood web(messages_only, unit("web.service"));
  EXPECT_EQ(web.admitted(1000, 6, 100 << 20), 100);
}

TEST(RateLimiter, UnitsMayHaveTheirOwnRates) {
  LimitsConfig config = rate(100);
  config.rate_bytes = 1 << 20;
  config.units = {{.pattern = "bot", .rate = 0},
                  {.pattern = "quiet", .rate = {}},
                  {.pattern = "web@*", .rate = 5},
                  {.pattern = "*d", .rate_bytes = 64 << 10}};
  RateLimiter limiter(config);
  const struct {
    Owner owner;
    size_t bytes;
    int admitted;
  } cases[] = {
      {unit("bot.service"), 100, 1000},
      {{OwnerKind::kIdentifier, "bot", "1000"}, 100, 1000},
      {{OwnerKind::kUserUnit, "bot.service", "1000"}, 100, 1000},
      {unit("quiet.service"), 100, 100},
      {unit("web@1.service"), 100, 5},
      {unit("web@2.service"), 100, 5},
      {unit("web.service"), 64 << 10, 16},
      {unit("named"), 32 << 10, 2},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(Flood(limiter, c.owner).admitted(1000, 6, c.bytes), c.admitted)
        << c.owner.name;
  }
}

TEST(RateLimiter, AReloadKeepsWhatWasUsed) {
  RateLimiter limiter(rate(100));
  Flood bot(limiter, unit("bot.service"));
  EXPECT_EQ(bot.admitted(1000), 100);
  limiter.set_config(rate(150));
  EXPECT_EQ(bot.admitted(1000), 50);
  limiter.set_config(rate(10));
  EXPECT_EQ(bot.admitted(1000), 0);
  bot.wait(10 * kSecondUs);
  EXPECT_EQ(bot.admitted(1000), 10) << "no debt from the time before";
  limiter.set_config(rate(0));
  EXPECT_EQ(bot.admitted(1000), 1000);
  EXPECT_EQ(limiter.groups(), 1U);
}

TEST(RateLimiter, RemembersTheLastUsedGroups) {
  RateLimiter limiter(rate(10));
  Flood bot(limiter, unit("bot.service"));
  Flood idle(limiter, unit("idle.service"));
  EXPECT_EQ(bot.admitted(50), 10);
  EXPECT_EQ(idle.admitted(50), 10);
  for (size_t i = 0; i < 3 * kRateGroupsMax; ++i) {
    Flood(limiter, unit("invented" + std::to_string(i))).admitted(1);
    EXPECT_EQ(bot.admitted(1), 0) << "in use, so not forgotten";
  }
  EXPECT_EQ(limiter.groups(), kRateGroupsMax);
  EXPECT_EQ(idle.admitted(50), 10) << "its place is not that of another";
}

TEST(RateLimiter, KeepsNoLongNames) {
  RateLimiter limiter(rate(10));
  const std::string name(60'000, 'x');
  EXPECT_EQ(Flood(limiter, unit(name + "1")).admitted(50), 10);
  EXPECT_EQ(Flood(limiter, unit(name + "2")).admitted(50), 0);
  EXPECT_EQ(limiter.groups(), 1U);
}

TEST(RateLimiter, AClockThatStandsStillOrGoesBackGivesNothing) {
  RateLimiter limiter(rate(10));
  RateLimiter::Place place;
  const Owner bot = unit("bot.service");
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(limiter.admit(bot, {6, 1, kStartUs}, place));
  }
  EXPECT_FALSE(limiter.admit(bot, {6, 1, kStartUs}, place));
  EXPECT_FALSE(limiter.admit(bot, {6, 1, kStartUs - kSecondUs}, place));
  EXPECT_FALSE(limiter.admit(bot, {6, 1, kStartUs}, place));
}

}  // namespace
}  // namespace logd
