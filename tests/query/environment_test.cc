#include <gtest/gtest.h>

#include "tests/query/made_environment.h"

namespace logq {
namespace {

std::string dir_of(const MadeEnvironment& made) {
  return default_state_dir(made.environment());
}

TEST(DefaultStateDir, IsTheSystemsForRoot) {
  EXPECT_EQ(dir_of({.variables = {{"XDG_STATE_HOME", "/s"}},
                    .existing_directory = "/s/logd"}),
            "/var/log/logd");
}

TEST(DefaultStateDir, IsWhatTheVariableSays) {
  EXPECT_EQ(dir_of({.variables = {{"LOGD_STATE_DIR", "/x"}}}), "/x");
}

TEST(DefaultStateDir, IsTheUsersOwnIfThereIsOne) {
  EXPECT_EQ(dir_of({.variables = {{"XDG_STATE_HOME", "/s"}, {"HOME", "/h"}},
                    .euid = 1000,
                    .existing_directory = "/s/logd"}),
            "/s/logd");
  EXPECT_EQ(dir_of({.variables = {{"HOME", "/h"}},
                    .euid = 1000,
                    .existing_directory = "/h/.local/state/logd"}),
            "/h/.local/state/logd");
  EXPECT_EQ(dir_of({.variables = {{"HOME", "/h"}}, .euid = 1000}),
            "/var/log/logd");
  EXPECT_EQ(dir_of({.euid = 1000}), "/var/log/logd");
}

}  // namespace
}  // namespace logq
