#include "logd/intake/kmsg_parser.h"

#include <gtest/gtest.h>

namespace logd {
namespace {

std::string_view value_of(const KmsgRecord& record, std::string_view name) {
  for (const logfmt::Field& field : record.message.fields) {
    if (field.name == name) return field.value;
  }
  return "-";
}

TEST(KmsgParser, ReadsARecordOfTheKernel) {
  KmsgRecord record;
  ASSERT_TRUE(
      parse_kmsg("4,1023,5678901,-;usb 1-1: reset\n SUBSYSTEM=usb\n"
                 " DEVICE=c189:1\n",
                 record));
  EXPECT_EQ(record.seq, 1023U);
  EXPECT_EQ(record.monotonic_us, 5678901U);
  EXPECT_EQ(record.message.priority, 4);
  EXPECT_EQ(record.message.facility, 0);
  EXPECT_EQ(record.message.identifier, "kernel");
  EXPECT_EQ(value_of(record, "MESSAGE"), "usb 1-1: reset");
  EXPECT_EQ(value_of(record, "_SOURCE_MONOTONIC_TIMESTAMP"), "5678901");
  EXPECT_EQ(value_of(record, "_KERNEL_SUBSYSTEM"), "usb");
  EXPECT_EQ(value_of(record, "_KERNEL_DEVICE"), "c189:1");
}

TEST(KmsgParser, NamesTheProcessThatWroteToTheKernelsLog) {
  KmsgRecord record;
  ASSERT_TRUE(parse_kmsg("30,7,1,-;systemd[1]: Started it: now\n", record));
  EXPECT_EQ(record.message.priority, 6);
  EXPECT_EQ(record.message.facility, 3);
  EXPECT_EQ(record.message.identifier, "systemd");
  EXPECT_EQ(value_of(record, "SYSLOG_PID"), "1");
  EXPECT_EQ(value_of(record, "MESSAGE"), "Started it: now");
  ASSERT_TRUE(parse_kmsg("14,8,1,-;two words: no name\n", record));
  EXPECT_FALSE(record.message.identifier);
  EXPECT_EQ(value_of(record, "MESSAGE"), "two words: no name");
}

TEST(KmsgParser, UndoesTheKernelsEscapes) {
  KmsgRecord record;
  ASSERT_TRUE(parse_kmsg("6,1,2,-,caller=T1;a\\x0ab\\x5c \\xzz \\x4", record));
  EXPECT_EQ(value_of(record, "MESSAGE"), "a\nb\\ \\xzz \\x4");
}

TEST(KmsgParser, RefusesWhatIsNoRecord) {
  KmsgRecord record;
  for (const char* line :
       {"", ";", "6", "6,1", "6,1,2", "6,1,2,-", "x,1,2,-;t", "6,,2,-;t",
        "6,1;2,3,-;t", "99999999999999999999,1,2,-;t"}) {
    EXPECT_FALSE(parse_kmsg(line, record)) << line;
  }
}

TEST(KmsgParser, SurvivesACutAnywhere) {
  const std::string_view line = "30,7,1,-;a[2]: b\\x41\n DEVICE=x\n";
  KmsgRecord record;
  for (size_t end = 0; end <= line.size(); ++end) {
    const bool whole_head = end > line.find(';');
    EXPECT_EQ(parse_kmsg(line.substr(0, end), record), whole_head);
  }
}

}  // namespace
}  // namespace logd
