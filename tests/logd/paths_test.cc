#include "logd/paths.h"

#include <gtest/gtest.h>

namespace logd {
namespace {

const Environment kUser{
    .euid = 1000, .working_dir = "/srv/app", .home = "/users/ann"};

TEST(Paths, OfRootAreTheSystems) {
  const auto paths =
      resolve_paths({}, {.home = "/x", .xdg_state_home = "/not/for/root"});
  ASSERT_TRUE(paths);
  EXPECT_EQ(paths->config.file, "/etc/logd/logd.toml");
  EXPECT_EQ(paths->config.drop_in_dir, "/etc/logd/conf.d");
  EXPECT_FALSE(paths->config.file_required);
  EXPECT_EQ(paths->state_dir, "/var/log/logd");
  EXPECT_EQ(paths->runtime_dir, "/run/logd");
}

TEST(Paths, OfAUserFollowXdg) {
  auto environment = kUser;
  environment.xdg_config_home = "/c";
  environment.xdg_state_home = "/s";
  environment.xdg_runtime_dir = "/r";
  const auto paths = resolve_paths({}, environment);
  ASSERT_TRUE(paths);
  EXPECT_EQ(paths->config.file, "/c/logd/logd.toml");
  EXPECT_EQ(paths->config.drop_in_dir, "/c/logd/conf.d");
  EXPECT_EQ(paths->state_dir, "/s/logd");
  EXPECT_EQ(paths->runtime_dir, "/r/logd");
}

TEST(Paths, OfAUserHaveDefaultsAndIgnoreRelativeXdg) {
  auto environment = kUser;
  environment.xdg_state_home = "not/absolute";
  const auto paths = resolve_paths({}, environment);
  ASSERT_TRUE(paths);
  EXPECT_EQ(paths->config.file, "/users/ann/.config/logd/logd.toml");
  EXPECT_EQ(paths->state_dir, "/users/ann/.local/state/logd");
  EXPECT_EQ(paths->runtime_dir, "/run/user/1000/logd");
}

TEST(Paths, OptionsBeatVariablesBeatDefaults) {
  auto environment = kUser;
  environment.logd_state_dir = "/env/state";
  environment.logd_runtime_dir = "/env/run";
  auto paths = resolve_paths({}, environment);
  EXPECT_EQ(paths->state_dir, "/env/state");
  EXPECT_EQ(paths->runtime_dir, "/env/run");
  paths = resolve_paths({.runtime_dir = "/opt/run", .state_dir = "/opt/state"},
                        environment);
  EXPECT_EQ(paths->state_dir, "/opt/state");
  EXPECT_EQ(paths->runtime_dir, "/opt/run");
}

TEST(Paths, AreAbsoluteWhateverWasSaid) {
  const auto paths =
      resolve_paths({.config_file = "my.toml", .state_dir = "logs"}, kUser);
  ASSERT_TRUE(paths);
  EXPECT_EQ(paths->config.file, "/srv/app/my.toml");
  EXPECT_EQ(paths->state_dir, "/srv/app/logs");
}

TEST(Paths, ANamedConfigurationStandsAloneAndMustExist) {
  const auto paths = resolve_paths({.config_file = "/a.toml"}, {});
  ASSERT_TRUE(paths);
  EXPECT_TRUE(paths->config.file_required);
  EXPECT_EQ(paths->config.drop_in_dir, "");
}

TEST(Paths, WithoutAHomeTheStoreMustBeNamed) {
  auto environment = kUser;
  environment.home = "";
  EXPECT_FALSE(resolve_paths({}, environment));
  const auto paths = resolve_paths({.state_dir = "/s"}, environment);
  ASSERT_TRUE(paths);
  EXPECT_EQ(paths->config.file, "");
}

}  // namespace
}  // namespace logd
