#include "logd/store/loss_account.h"

#include <gtest/gtest.h>

namespace logd {
namespace {

std::string lost_in(const Event& event) {
  for (const auto& [name, value] : event.fields) {
    if (name == "N_DROPPED") return value;
  }
  return "?";
}

TEST(LossAccount, ReportsALossOnce) {
  LossAccount losses;
  EXPECT_FALSE(losses.due());
  losses.add(3, 300, "no space");
  losses.add(4, 400, "no space");
  EXPECT_TRUE(losses.due());
  EXPECT_EQ(lost_in(losses.report()), "7");
  losses.report_posted();
  EXPECT_FALSE(losses.due());
  losses.report_written();
  EXPECT_FALSE(losses.due());
  EXPECT_EQ(losses.rows(), 0U);
}

TEST(LossAccount, TakesALostReportIntoTheNext) {
  LossAccount losses;
  losses.add(3, 300, "no space");
  losses.report_posted();
  losses.add(5, 500, "no space");  // the batch with the report in it
  losses.report_lost();
  EXPECT_TRUE(losses.due());
  EXPECT_EQ(lost_in(losses.report()), "8");
}

TEST(LossAccount, KeepsWhatWasLostAfterTheReport) {
  LossAccount losses;
  losses.add(3, 300, "no space");
  losses.report_posted();
  losses.add(5, 500, "no space");
  losses.report_written();
  EXPECT_TRUE(losses.due());
  EXPECT_EQ(lost_in(losses.report()), "5");
}

}  // namespace
}  // namespace logd
