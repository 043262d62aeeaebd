#include "logd/store/drop_table.h"

#include <gtest/gtest.h>

#include <cstring>
#include <map>
#include <set>
#include <string>

namespace logd {
namespace {

using logfmt::Owner;
using logfmt::OwnerKind;

constexpr uint64_t kSecondUs = 1'000'000;
constexpr uint64_t kNowUs = 1'796'040'000 * kSecondUs;

const Owner kBot{OwnerKind::kUnit, "bot.service"};
const Owner kNobodys{};

std::string value_of(const Event& event, std::string_view name) {
  for (const auto& [field, value] : event.fields) {
    if (field == name) return value;
  }
  return "absent";
}

uint64_t count_of(const std::vector<Event>& events) {
  uint64_t count = 0;
  for (const Event& event : events) {
    count += std::stoull(value_of(event, "N_DROPPED"));
  }
  return count;
}

Event only_report(DropTable& table) {
  const auto events = table.report();
  EXPECT_EQ(events.size(), 1U);
  return events.empty() ? Event{} : events.front();
}

TEST(DropTable, IsEmptyWhereAllBytesAreZero) {
  DropTable table;
  std::memset(static_cast<void*>(&table), 0, sizeof table);
  EXPECT_TRUE(table.valid());
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.wait_us(kNowUs), UINT64_MAX);
  EXPECT_TRUE(table.report().empty());
}

TEST(DropTable, SaysHowMuchOfWhomWasDroppedWhenAndWhy) {
  DropTable table;
  table.add(DropCause::kRateLimit, kBot, {1, 50}, kNowUs);
  table.add(DropCause::kRateLimit, kBot, {1233, 56'739},
            kNowUs + 8 * kSecondUs + 1);
  const Event event = only_report(table);
  EXPECT_EQ(event.kind, EventKind::kLimited);
  EXPECT_EQ(event.message,
            "1234 messages of bot.service (56789 bytes) were dropped within 9 "
            "s: beyond its rate limit, see [limits] in logd.toml(5)");
  EXPECT_EQ(value_of(event, "N_DROPPED"), "1234");
  EXPECT_EQ(value_of(event, "BYTES_DROPPED"), "56789");
  EXPECT_EQ(value_of(event, "CAUSE"), "rate-limit");
  EXPECT_EQ(value_of(event, "FIRST_TIME"), "1796040000000000");
  EXPECT_EQ(value_of(event, "LAST_TIME"), "1796040008000001");
  EXPECT_EQ(event.about, kBot);
}

TEST(DropTable, HasAWordForEachCause) {
  std::set<std::string_view> names;
  for (size_t i = 0; i < kDropCauses; ++i) {
    const auto cause = static_cast<DropCause>(i);
    DropTable table;
    table.add(cause, kNobodys, {}, kNowUs);
    const Event event = only_report(table);
    EXPECT_EQ(value_of(event, "CAUSE"), cause_name(cause));
    EXPECT_EQ(event.kind == EventKind::kLimited,
              cause == DropCause::kRateLimit);
    EXPECT_EQ(event.about, kNobodys);
    names.insert(cause_name(cause));
  }
  const std::set<std::string_view> words{
      "rate-limit",   "no-space",      "disk-error", "disk-slow",
      "too-large",    "malformed",     "fields",     "streams-refused",
      "kmsg-overrun", "own-queue-full"};
  EXPECT_EQ(names, words);
}

TEST(DropTable, ReadsLikeASentence) {
  const struct {
    DropCause cause;
    Owner owner;
    DropAmount amount;
    std::string_view message;
  } cases[] = {
      {DropCause::kNoSpace,
       {OwnerKind::kIdentifier, "cron", "1000"},
       {1, 9},
       "1 message of cron (user 1000, 9 bytes) was dropped within 1 s: the "
       "disk is full"},
      {DropCause::kStreamsRefused,
       {},
       {3, 0},
       "3 streams (0 bytes) were dropped within 1 s: no valid header, or too "
       "many streams"},
      {DropCause::kFields,
       {OwnerKind::kUserUnit, "a.service", "7"},
       {2, 40},
       "2 fields of a.service (user 7, 40 bytes) were dropped within 1 s: "
       "names that clients may not use"},
  };
  for (const auto& c : cases) {
    DropTable table;
    table.add(c.cause, c.owner, c.amount, kNowUs);
    const Event event = only_report(table);
    EXPECT_EQ(event.message, c.message);
    EXPECT_EQ(event.about, c.owner);
  }
}

TEST(DropTable, KeepsCausesAndOwnersApart) {
  DropTable table;
  const Owner owners[] = {kBot,
                          {OwnerKind::kUserUnit, "bot.service", "1000"},
                          {OwnerKind::kUserUnit, "bot.service", "1001"},
                          {OwnerKind::kIdentifier, "bot.service", "1000"}};
  for (const Owner& owner : owners) {
    table.add(DropCause::kRateLimit, owner, {}, kNowUs);
    table.add(DropCause::kNoSpace, owner, {}, kNowUs);
    table.add(DropCause::kNoSpace, owner, {}, kNowUs);
  }
  const auto events = table.report();
  EXPECT_EQ(events.size(), 8U);
  EXPECT_EQ(count_of(events), 12U);
}

TEST(DropTable, IsDueTenSecondsAfterTheFirstDrop) {
  DropTable table;
  table.add(DropCause::kRateLimit, kBot, {}, kNowUs);
  table.add(DropCause::kNoSpace, kBot, {}, kNowUs + 9 * kSecondUs);
  EXPECT_EQ(table.wait_us(kNowUs + 9 * kSecondUs), kSecondUs);
  EXPECT_FALSE(table.due(kNowUs + 10 * kSecondUs - 1));
  EXPECT_TRUE(table.due(kNowUs + 10 * kSecondUs));
  EXPECT_TRUE(table.due(kNowUs + 3600 * kSecondUs));
  EXPECT_TRUE(table.due(kNowUs - 1)) << "the clock was set back";
  EXPECT_EQ(table.report().size(), 2U) << "what is younger goes along";
  EXPECT_EQ(table.wait_us(kNowUs + 3600 * kSecondUs), UINT64_MAX);
}

TEST(DropTable, ReportsALossOnce) {
  DropTable table;
  table.add(DropCause::kNoSpace, kBot, {3, 300}, kNowUs);
  EXPECT_EQ(count_of(table.report()), 3U);
  EXPECT_TRUE(table.report().empty()) << "one is on its way";
  EXPECT_EQ(table.total(), 3U) << "until that is stored";
  table.report_stored();
  EXPECT_TRUE(table.empty());
  EXPECT_TRUE(table.report().empty());
}

TEST(DropTable, TakesALostReportIntoTheNext) {
  DropTable table;
  table.add(DropCause::kNoSpace, kBot, {3, 300}, kNowUs);
  (void)table.report();
  table.add(DropCause::kNoSpace, kBot, {5, 500}, kNowUs + kSecondUs);
  table.report_lost();
  EXPECT_TRUE(table.due(kNowUs + 10 * kSecondUs));
  const Event event = only_report(table);
  EXPECT_EQ(value_of(event, "N_DROPPED"), "8");
  EXPECT_EQ(value_of(event, "BYTES_DROPPED"), "800");
  EXPECT_EQ(value_of(event, "FIRST_TIME"), std::to_string(kNowUs));
}

TEST(DropTable, KeepsWhatWasDroppedAfterTheReport) {
  DropTable table;
  table.add(DropCause::kNoSpace, kBot, {3, 300}, kNowUs);
  (void)table.report();
  table.add(DropCause::kNoSpace, kBot, {5, 500}, kNowUs + kSecondUs);
  table.add(DropCause::kNoSpace, kBot, {1, 100}, kNowUs + 2 * kSecondUs);
  table.report_stored();
  EXPECT_EQ(table.wait_us(kNowUs + 2 * kSecondUs), 9 * kSecondUs);
  const Event event = only_report(table);
  EXPECT_EQ(value_of(event, "N_DROPPED"), "6");
  EXPECT_EQ(value_of(event, "BYTES_DROPPED"), "600");
  EXPECT_EQ(value_of(event, "FIRST_TIME"), std::to_string(kNowUs + kSecondUs));
}

// The table of a worker that died between a report and its commit.
TEST(DropTable, ACopyIsAsGood) {
  DropTable table;
  table.add(DropCause::kRateLimit, kBot, {3, 300}, kNowUs);
  const DropTable committed = table;
  EXPECT_EQ(count_of(table.report()), 3U);
  DropTable with_report = table;
  DropTable next = committed;
  next.report_lost();
  EXPECT_EQ(count_of(next.report()), 3U);
  with_report.report_lost();
  EXPECT_EQ(count_of(with_report.report()), 3U);
}

TEST(DropTable, CountsOwnersThatAreTooManyByCause) {
  DropTable table;
  uint64_t dropped = 0;
  for (int i = 0; i < 1000; ++i) {
    const Owner owner{OwnerKind::kIdentifier, "x" + std::to_string(i), "7"};
    table.add(DropCause::kRateLimit, owner, {2, 10}, kNowUs);
    if (i % 2 == 0) table.add(DropCause::kNoSpace, owner, {1, 5}, kNowUs);
    dropped += i % 2 == 0 ? 3 : 2;
  }
  EXPECT_TRUE(table.valid());
  EXPECT_EQ(table.total(), dropped);
  const auto events = table.report();
  EXPECT_EQ(events.size(), DropTable::kRowsMax + 2);
  EXPECT_EQ(count_of(events), dropped);
  EXPECT_EQ(events.back().about, kNobodys);
  EXPECT_NE(events.back().message.find("messages of other units ("),
            std::string::npos)
      << events.back().message;
  table.report_stored();
  EXPECT_TRUE(table.empty());
  table.add(DropCause::kRateLimit, kBot, {}, kNowUs);
  EXPECT_EQ(only_report(table).about, kBot) << "there is room again";
}

TEST(DropTable, CutsLongNamesBetweenCharacters) {
  const std::string longest(DropTable::kNameBytesMax, 'n');
  const std::string euro = "\xe2\x82\xac";
  const std::pair<std::string, std::string> cases[] = {
      {longest, longest},
      {longest + "n", longest.substr(3) + "..."},
      {longest.substr(4) + euro + euro, longest.substr(4) + "..."},
      {std::string(60'000, '\x80'), "..."},
  };
  for (const auto& [name, shown] : cases) {
    DropTable table;
    const Owner owner{OwnerKind::kUnit, name};
    table.add(DropCause::kRateLimit, owner, {}, kNowUs);
    table.add(DropCause::kRateLimit, owner, {}, kNowUs);
    EXPECT_EQ(only_report(table).about.name, shown);
  }
}

// Memory that another process has written may hold anything.
TEST(DropTable, ATableOfOtherBytesIsNotValid) {
  DropTable table;
  table.add(DropCause::kRateLimit, kBot, {3, 300}, kNowUs);
  int refused = 0;
  for (size_t i = 0; i < sizeof table; ++i) {
    DropTable damaged = table;
    reinterpret_cast<unsigned char*>(&damaged)[i] = 0xFF;
    if (!damaged.valid()) {
      ++refused;
      continue;
    }
    damaged.report_lost();
    (void)damaged.report();
    damaged.report_stored();
  }
  // The number of rows; a row's cause, kind and two lengths; what is reported
  // of its count, and of its 300 bytes.
  EXPECT_EQ(refused, 8 + 4 + 8 + 7);
}

}  // namespace
}  // namespace logd
