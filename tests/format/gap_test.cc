#include "format/gap.h"

#include <gtest/gtest.h>

namespace logfmt {
namespace {

TEST(Gap, SaysWhatIsMissing) {
  Gap gap{.file = "a.seg", .begin = 80, .end = 160, .cause = "a reason"};
  EXPECT_EQ(gap.message(), "gap: a.seg bytes 80-160 entries ?-? (?): a reason");
  gap.first_seq = 5;
  EXPECT_EQ(gap.message(), "gap: a.seg bytes 80-160 entries 5-? (?): a reason");
  gap.last_seq = 7;
  EXPECT_EQ(gap.message(), "gap: a.seg bytes 80-160 entries 5-7 (3): a reason");
}

// Bytes that nobody understands, between entries that follow each other.
TEST(Gap, CountsNoneWhereNoneIsMissing) {
  const Gap gap{.file = "a.seg", .first_seq = 5, .last_seq = 4, .cause = "c"};
  EXPECT_EQ(gap.message(), "gap: a.seg bytes 0-0 entries 5-4 (0): c");
}

}  // namespace
}  // namespace logfmt
