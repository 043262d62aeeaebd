#include "format/unit_limits.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/format/testing/entry_samples.h"

namespace logfmt {
namespace {

using testing::fields;
using testing::Sample;

constexpr uint64_t kHourUs = 3'600'000'000;
constexpr uint64_t kNowUs = 1000 * kHourUs;
constexpr uint64_t kMiB = 1 << 20;

Owner unit(const std::string& name) { return {OwnerKind::kUnit, name}; }

// A segment of `bytes`, of which those owners take those payload bytes, with
// entries that are so many hours old.
SegmentUses segment(uint64_t seq, uint64_t bytes, const UnitUses& uses) {
  return {{.kind = StoreFileKind::kSegment,
           .first_seq = seq,
           .name = segment_name(seq),
           .identity = {.bytes = bytes}},
          uses};
}

UnitUse use(uint64_t payload_bytes, uint64_t oldest_hours = 2,
            uint64_t newest_hours = 1) {
  return {.rows = 10,
          .payload_bytes = payload_bytes,
          .min_realtime_us = kNowUs - oldest_hours * kHourUs,
          .max_realtime_us = kNowUs - newest_hours * kHourUs};
}

TEST(UnitLimits, PatternsFitNamesWithAndWithoutService) {
  const struct {
    const char* pattern;
    Owner owner;
    bool fits;
  } cases[] = {
      {"bot", unit("bot"), true},
      {"bot", unit("bot.service"), true},
      {"bot.service", unit("bot"), true},
      {"bot", unit("bots"), false},
      {"bot*", unit("bot-2.service"), true},
      {"web@?.service", unit("web@1.service"), true},
      {"cron", {OwnerKind::kIdentifier, "cron"}, true},
      {"bot", {OwnerKind::kUserUnit, "bot.service", "1000"}, true},
      {"*", {}, false},
  };
  for (const auto& c : cases) {
    const UnitLimit limits[] = {{.pattern = c.pattern}};
    EXPECT_EQ(find_limit(limits, c.owner) != nullptr, c.fits)
        << c.pattern << " and " << c.owner.name;
  }
}

TEST(UnitLimits, TheNameItselfComesFirstThenTheLongestPattern) {
  std::vector<UnitLimit> limits{{"*"}, {"bot-*"}, {"bot-prod*"}, {"bot-prod"}};
  std::ranges::stable_sort(limits, more_specific, &UnitLimit::pattern);
  const std::pair<const char*, const char*> cases[] = {
      {"bot-prod", "bot-prod"},
      {"bot-prod2", "bot-prod*"},
      {"bot-x", "bot-*"},
      {"web", "*"}};
  for (const auto& [name, pattern] : cases) {
    EXPECT_EQ(find_limit(limits, unit(name))->pattern, pattern);
  }
}

TEST(UnitLimits, OldestEntriesOfTheLoudUnitGoFirst) {
  const SegmentUses segments[] = {
      segment(1, 4 * kMiB,
              {{unit("loud"), use(300)}, {unit("quiet"), use(100)}}),
      segment(2, 4 * kMiB, {{unit("quiet"), use(100)}}),
      segment(3, 4 * kMiB, {{unit("loud"), use(400)}}),
      segment(4, 4 * kMiB, {{unit("loud"), use(400)}}),
  };
  const UnitLimit limits[] = {{.pattern = "loud", .max_use_bytes = 6 * kMiB}};
  const auto plan = plan_cuts(segments, limits, kNowUs, Cutting::kExact);
  ASSERT_EQ(plan.size(), 2u);
  EXPECT_EQ(plan[0].file.first_seq, 1u);
  ASSERT_EQ(plan[0].cuts.size(), 1u);
  EXPECT_EQ(plan[0].cuts[0].owner, unit("loud"));
  EXPECT_EQ(plan[0].cuts[0].payload_bytes, 300u) << "all it has there";
  EXPECT_EQ(plan[1].file.first_seq, 3u);
  EXPECT_EQ(plan[1].cuts[0].payload_bytes, 201u) << "half of it, and a bit";
}

TEST(UnitLimits, NothingHappensBelowTheLimit) {
  const SegmentUses segments[] = {
      segment(1, 4 * kMiB, {{unit("loud"), use(400)}})};
  for (const uint64_t max : {4 * kMiB, 100 * kMiB, uint64_t{0}}) {
    const UnitLimit limits[] = {{.pattern = "*", .max_use_bytes = max}};
    EXPECT_TRUE(
        plan_cuts(segments, limits, kNowUs, Cutting::kWhenWorthIt).empty());
  }
}

TEST(UnitLimits, EachUnitOfAPatternHasTheLimitForItself) {
  const SegmentUses segments[] = {
      segment(1, 4 * kMiB, {{unit("a"), use(200)}, {unit("b"), use(200)}})};
  const UnitLimit limits[] = {{.pattern = "*", .max_use_bytes = 2 * kMiB}};
  EXPECT_TRUE(plan_cuts(segments, limits, kNowUs, Cutting::kExact).empty());
}

// Otherwise anybody could empty a unit's history by logging under its name.
TEST(UnitLimits, BorrowedNamesCostTheUnitNothing) {
  const SegmentUses segments[] = {
      segment(1, 2 * kMiB, {{unit("sshd"), use(100)}}),
      segment(2, 20 * kMiB,
              {{{OwnerKind::kIdentifier, "sshd"}, use(100)},
               {{OwnerKind::kUserUnit, "sshd", "1000"}, use(100)}})};
  const UnitLimit limits[] = {{.pattern = "sshd", .max_use_bytes = 3 * kMiB}};
  const auto plan = plan_cuts(segments, limits, kNowUs, Cutting::kExact);
  ASSERT_EQ(plan.size(), 1u);
  EXPECT_EQ(plan[0].file.first_seq, 2u);
}

TEST(UnitLimits, CutsForSizeLeaveRoomForAWhile) {
  const SegmentUses segments[] = {
      segment(1, 17 * kMiB, {{unit("a"), use(1700)}})};
  const UnitLimit limits[] = {{.pattern = "a", .max_use_bytes = 16 * kMiB}};
  const auto exact = plan_cuts(segments, limits, kNowUs, Cutting::kExact);
  const auto lazy = plan_cuts(segments, limits, kNowUs, Cutting::kWhenWorthIt);
  EXPECT_EQ(exact.at(0).cuts[0].payload_bytes, 101u);
  EXPECT_EQ(lazy.at(0).cuts[0].payload_bytes, 201u);
}

TEST(UnitLimits, AgeIsCutWhenThatIsWorthARewrite) {
  const struct {
    const char* what;
    UnitUse use;
    bool lazy;
    bool exact;
  } cases[] = {
      {"all young", use(1, 159, 1), false, false},
      {"a little too old", use(1, 165, 1), false, true},
      {"a sixteenth too old", use(1, 171, 1), true, true},
      {"all of it too old", use(1, 162, 161), true, true},
  };
  const UnitLimit limits[] = {{.pattern = "a", .max_age_us = 160 * kHourUs}};
  for (const auto& c : cases) {
    const SegmentUses segments[] = {segment(1, kMiB, {{unit("a"), c.use}})};
    EXPECT_EQ(plan_cuts(segments, limits, kNowUs, Cutting::kWhenWorthIt).size(),
              c.lazy ? 1u : 0u)
        << c.what;
    const auto exact = plan_cuts(segments, limits, kNowUs, Cutting::kExact);
    ASSERT_EQ(exact.size(), c.exact ? 1u : 0u) << c.what;
    if (c.exact) {
      EXPECT_EQ(exact[0].cuts[0].before_us, kNowUs - 160 * kHourUs);
    }
  }
}

TEST(UnitLimits, WhatIsCutIsTheOwnersOldest) {
  std::vector<Sample> samples;
  for (uint64_t seq = 1; seq <= 8; ++seq) {
    samples.push_back(
        testing::plain(seq, seq % 2 == 1 ? "loud" : "quiet", "0123456789"));
  }
  const uint64_t bytes = samples[0].view().payload.encoded().size();
  const auto keep =
      keep_after({{.owner = unit("loud"), .payload_bytes = bytes + 1}});
  std::vector<uint64_t> kept;
  for (const Sample& sample : samples) {
    if (keep(sample.view())) kept.push_back(sample.seq);
  }
  EXPECT_EQ(kept, (std::vector<uint64_t>{2, 4, 5, 6, 7, 8}));
  const auto young = keep_after(
      {{.owner = unit("quiet"), .before_us = samples[4].realtime_us}});
  EXPECT_FALSE(young(samples[3].view()));
  EXPECT_TRUE(young(samples[4].view()));
  EXPECT_TRUE(young(samples[5].view()));
}

TEST(UnitUse, OwnerIsUserUnitThenUnitThenIdentifier) {
  const auto owner = [](const testing::Pairs& pairs) {
    return owner_of(FieldList(fields(pairs)));
  };
  EXPECT_EQ(owner({}), Owner{});
  EXPECT_EQ(owner({{"SYSLOG_IDENTIFIER", "x"}}),
            (Owner{OwnerKind::kIdentifier, "x"}));
  EXPECT_EQ(
      owner(
          {{"SYSLOG_IDENTIFIER", "x"}, {"_SYSTEMD_UNIT", "u"}, {"_UID", "0"}}),
      (Owner{OwnerKind::kUnit, "u"}));
  EXPECT_EQ(owner({{"_SYSTEMD_UNIT", "user@7.service"},
                   {"_SYSTEMD_USER_UNIT", "u"},
                   {"_UID", "7"}}),
            (Owner{OwnerKind::kUserUnit, "u", "7"}));
}

TEST(UnitUse, SurvivesItsEncodingAndRejectsNonsense) {
  UnitUses uses{{unit("a"), use(17)},
                {{OwnerKind::kUserUnit, "b", "1000"}, use(18)},
                {{}, use(19)}};
  const std::string bytes = encode_uses(uses);
  const auto again = decode_uses(bytes);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->size(), 3u);
  EXPECT_EQ(again->at(unit("a")).payload_bytes, 17u);
  EXPECT_EQ(again->at(unit("a")).min_realtime_us, kNowUs - 2 * kHourUs);
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(decode_uses(std::string_view(bytes).substr(0, size))) << size;
  }
  EXPECT_FALSE(decode_uses(bytes + "x"));
}

TEST(UnitUse, SmallestOwnersOfTooManyCountForNobody) {
  UnitUses uses;
  for (size_t i = 0; i < 2 * kOwnersPerSegmentMax; ++i) {
    uses[unit("u" + std::to_string(i))] = use(i);
  }
  const auto again = decode_uses(encode_uses(uses));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->size(), kOwnersPerSegmentMax);
  EXPECT_EQ(total_of(*again).rows, total_of(uses).rows);
  EXPECT_EQ(total_of(*again).payload_bytes, total_of(uses).payload_bytes);
  EXPECT_TRUE(again->contains(
      unit("u" + std::to_string(2 * kOwnersPerSegmentMax - 1))));
  EXPECT_FALSE(again->contains(unit("u1")));
}

}  // namespace
}  // namespace logfmt
