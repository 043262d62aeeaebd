#include "query/engine/field_values.h"

#include <gtest/gtest.h>

#include "tests/query_engine/made_store.h"

namespace logq_test {
namespace {

using Names = std::set<std::string, std::less<>>;

// A sealed segment, an open one and a WAL, each with fields of its own.
class FieldValues : public testing::Test {
 protected:
  FieldValues() {
    const MadeEntry entries[] = {entry("bot.service", "bot", "RED"),
                                 entry("web.service", "web", "GREEN"),
                                 entry("db.service", "db", "BLUE")};
    name_ = store_.add_segment(std::span(entries).subspan(0, 1));
    store_.add_segment(std::span(entries).subspan(1, 1), 10, Ending::kOpen);
    store_.add_wal(std::span(entries).subspan(2, 1));
  }

  MadeEntry entry(std::string_view unit, std::string_view identifier,
                  std::string_view color) {
    MadeEntry made = entry_of(++last_seq_, unit, "text");
    made.priority = static_cast<uint8_t>(last_seq_);
    made.pid = 100 + static_cast<uint32_t>(last_seq_);
    logfmt::append_field(made.context, "SYSLOG_IDENTIFIER", identifier);
    logfmt::append_field(made.payload, "COLOR", color);
    return made;
  }

  logq::DistinctValues values_of(std::string_view field) {
    logq::DistinctValues found;
    EXPECT_TRUE(logq::collect_values(store_.dir(), field, found));
    return found;
  }

  uint64_t last_seq_ = 0;
  std::string name_;
  MadeStore store_;
};

TEST_F(FieldValues, AreFoundWhereverTheyAreKept) {
  EXPECT_EQ(values_of("_SYSTEMD_UNIT").values,
            (Names{"bot.service", "web.service", "db.service"}));
  EXPECT_EQ(values_of("SYSLOG_IDENTIFIER").values, (Names{"bot", "web", "db"}));
  EXPECT_EQ(values_of("COLOR").values, (Names{"RED", "GREEN", "BLUE"}));
  EXPECT_EQ(values_of("PRIORITY").values, (Names{"1", "2", "3"}));
  EXPECT_EQ(values_of("_PID").values, (Names{"101", "102", "103"}));
  EXPECT_EQ(values_of("_BOOT_ID").values, Names{boot_number(1).hex()});
  EXPECT_EQ(values_of("NONE").values, Names{});
}

TEST_F(FieldValues, FieldNamesCoverColumnsContextsAndPayloads) {
  logq::DistinctValues found;
  ASSERT_TRUE(logq::collect_field_names(store_.dir(), found));
  for (const auto* name : {"_SYSTEMD_UNIT", "SYSLOG_IDENTIFIER", "COLOR",
                           "MESSAGE", "PRIORITY", "_PID", "_BOOT_ID"}) {
    EXPECT_TRUE(found.values.contains(name)) << name;
  }
}

TEST_F(FieldValues, DamageIsReported) {
  flip_byte(store_.path_of(name_), 3);
  const auto found = values_of("SYSLOG_IDENTIFIER");
  EXPECT_EQ(found.values, (Names{"web", "db"}));
  ASSERT_EQ(found.gaps.size(), 1u);
  EXPECT_EQ(found.gaps[0].file, name_);
}

TEST_F(FieldValues, DiskUseCountsAllocatedBytesOfAllFiles) {
  // The open WAL has its 8 MiB reserved.
  MadeWal live(store_.dir(), 4, boot_number(1));
  const auto bytes = logq::disk_bytes(store_.dir());
  ASSERT_TRUE(bytes);
  EXPECT_GE(*bytes, 8u << 20);
  EXPECT_LT(*bytes, 9u << 20);
}

TEST(DistinctValues, AreBounded) {
  logq::DistinctValues found;
  found.add(std::string(logq::kDistinctBytesMax, 'x'));
  EXPECT_TRUE(found.complete);
  found.add("y");
  EXPECT_FALSE(found.complete);
  EXPECT_EQ(found.values.size(), 1u);
}

}  // namespace
}  // namespace logq_test
