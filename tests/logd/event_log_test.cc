#include "logd/event_log.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <set>

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
  EXPECT_EQ(last.fields[0].second, std::to_string(100'001 - taken.size()));
  EXPECT_TRUE(events.take().empty());
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
