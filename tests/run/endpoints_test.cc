#include "logd/run/endpoints.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>

namespace logrun {
namespace {

class EndpointsTest : public testing::Test {
 protected:
  ~EndpointsTest() override { unsetenv("LOGD_RUNTIME_DIR"); }
};

TEST_F(EndpointsTest, RuntimeDirectoryDecidesWhetherItExistsOrNot) {
  setenv("LOGD_RUNTIME_DIR", "/nowhere/logd", 1);
  const auto endpoints = find_endpoints();
  ASSERT_TRUE(endpoints);
  EXPECT_EQ("/nowhere/logd/stdout", endpoints->stream);
  EXPECT_EQ("/nowhere/logd/native", endpoints->native);
  EXPECT_FALSE(endpoints->is_journald);
}

TEST_F(EndpointsTest, PathThatNoSocketCanHaveIsRefused) {
  setenv("LOGD_RUNTIME_DIR", ("/" + std::string(150, 'x')).c_str(), 1);
  const auto endpoints = find_endpoints();
  ASSERT_FALSE(endpoints);
  EXPECT_NE(std::string::npos,
            endpoints.error().detail.find("LOGD_RUNTIME_DIR"));
}

}  // namespace
}  // namespace logrun
