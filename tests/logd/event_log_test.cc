#include "logd/event_log.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "format/field_list.h"

namespace logd {
namespace {

bool readable(int fd) {
  pollfd wanted{fd, POLLIN, 0};
  return poll(&wanted, 1, 0) == 1;
}

TEST(EventLog, WakesItsReaderWhenThereIsSomethingToTake) {
  EventLog events;
  EXPECT_FALSE(readable(events.fd()));
  events.post({.message = "one"});
  events.post({.message = "two"});
  EXPECT_TRUE(readable(events.fd()));
  const auto taken = events.take();
  ASSERT_EQ(taken.size(), 2U);
  EXPECT_EQ(taken[1].message, "two");
  EXPECT_FALSE(readable(events.fd()));
  EXPECT_TRUE(events.take().empty());
}

TEST(EventLog, IsBoundedAndSaysWhatItDropped) {
  EventLog events;
  for (int i = 0; i < 100'000; ++i) events.post({.message = "again"});
  const auto taken = events.take();
  ASSERT_LT(taken.size(), 1000U);
  const Event& last = taken.back();
  EXPECT_EQ(last.kind, EventKind::kDropped);
  const auto dropped = 100'001 - taken.size();
  EXPECT_EQ(last.fields[0].second, std::to_string(dropped));
  EXPECT_EQ(last.fields[1].second, std::to_string(dropped * 5)) << "bytes";
  EXPECT_TRUE(events.take().empty());
}

// Scripts look for these.
TEST(EventLog, HasTheNamesThatTheLogIsSearchedFor) {
  const std::pair<EventKind, std::string_view> names[] = {
      {EventKind::kDropped, "dropped"},
      {EventKind::kLimited, "limited"},
      {EventKind::kRestarted, "restarted"},
      {EventKind::kUnclean, "unclean"},
      {EventKind::kDamaged, "damaged"},
      {EventKind::kClockStepped, "clock-stepped"},
      {EventKind::kEvicted, "evicted"},
      {EventKind::kNotice, ""},
  };
  for (const auto& [kind, name] : names) EXPECT_EQ(event_name(kind), name);
}

TEST(EventLog, SaysWhoseTheObjectOfAnEventIs) {
  using logfmt::OwnerKind;
  using Fields = std::vector<std::pair<std::string, std::string>>;
  const std::pair<logfmt::Owner, Fields> cases[] = {
      {{}, {}},
      {{OwnerKind::kUnit, "bot.service"}, {{"OBJECT_UNIT", "bot.service"}}},
      {{OwnerKind::kUserUnit, "bot.service", "1000"},
       {{"OBJECT_UNIT", "bot.service"}, {"OBJECT_UID", "1000"}}},
      {{OwnerKind::kIdentifier, "bot", "1000"},
       {{"OBJECT_UNIT", "bot"},
        {"OBJECT_UID", "1000"},
        {"OBJECT_UNIT_FROM", "identifier"}}},
  };
  for (const auto& [owner, expected] : cases) {
    std::string context;
    append_object(owner, context);
    Fields fields;
    for (const auto& [name, value] : logfmt::FieldList(context)) {
      fields.emplace_back(name, value);
    }
    EXPECT_EQ(fields, expected);
  }
}

TEST(EventLog, GivesEachKindAnIdOfItsOwn) {
  std::set<std::string_view> ids;
  for (int kind = 0; kind <= static_cast<int>(EventKind::kNotice); ++kind) {
    const auto id = message_id(static_cast<EventKind>(kind));
    EXPECT_EQ(id.size(), 32U);
    EXPECT_TRUE(ids.insert(id).second) << id;
  }
}

}  // namespace
}  // namespace logd
