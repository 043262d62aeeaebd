#include "logd/config.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>

namespace logd {
namespace {

namespace fs = std::filesystem;
using logfmt::ErrorCode;
using std::chrono::microseconds;
using testing::HasSubstr;
using testing::StartsWith;

std::string error_of(std::string_view text) {
  const auto config = parse_config(text, "logd.toml", Config{});
  return config ? "accepted" : config.error().message();
}

TEST(Config, SaysNothingWhenTheFileIsEmpty) {
  const auto config = parse_config("", "logd.toml", Config{});
  ASSERT_TRUE(config);
  EXPECT_EQ(*config, Config{});
  EXPECT_EQ(config->store.max_use.percent, 10u);
  EXPECT_EQ(config->store.keep_free.percent, 5u);
  EXPECT_EQ(config->store.max_age, microseconds(0));
  EXPECT_EQ(config->store.sync_interval, std::chrono::seconds(1));
  EXPECT_EQ(config->store.rotate_after, std::chrono::days(1));
  EXPECT_EQ(config->intake.line_bytes_max, 48u << 10);
  EXPECT_EQ(config->limits.rate, 10'000u);
  EXPECT_EQ(config->limits.per, std::chrono::seconds(30));
  EXPECT_FALSE(config->limits.rate_bytes);
}

TEST(Config, TheDefaultShareOfABigDiskIsFourGigabytes) {
  const uint64_t tebibyte = uint64_t{1} << 40;
  EXPECT_EQ(Config{}.store.max_use.bytes_of(tebibyte), uint64_t{4} << 30);
  const auto config =
      parse_config("store.max_use = '10%'", "logd.toml", Config{});
  EXPECT_GT(config->store.max_use.bytes_of(tebibyte), uint64_t{100} << 30);
}

TEST(Config, ReadsEveryKey) {
  const auto config = parse_config(R"(
      [store]
      max_use = "500MB"        # a comment behind a value is not the value
      keep_free = "20%"
      max_age = "90d"
      sync_interval = "250ms"
      rotate_after = "1h30m"
      recompress = false
      [unit.bot]
      max_use = "200MB"
      max_age = "90d"
      rate = 0
      [unit."web@*.service"]
      max_age = "2d"
      rate_bytes = "1MB"
      [limits]
      rate = 500
      rate_bytes = "20MB"
      per = "1min"
      [intake]
      syslog = false
      native = false
      stdout = false
      kmsg = false
      line_max = "4K"
  )",
                                   "logd.toml", Config{});
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->store.max_use.bytes, 500u << 20);
  EXPECT_EQ(config->store.keep_free.percent, 20u);
  EXPECT_EQ(config->store.max_age, std::chrono::days(90));
  EXPECT_EQ(config->store.sync_interval, microseconds(250'000));
  EXPECT_EQ(config->store.rotate_after, std::chrono::minutes(90));
  EXPECT_FALSE(config->store.recompress);
  const uint64_t day_us = 86'400'000'000;
  const std::vector<logfmt::UnitLimit> units{
      {.pattern = "bot", .max_use_bytes = 200 << 20, .max_age_us = 90 * day_us},
      {.pattern = "web@*.service", .max_age_us = 2 * day_us}};
  EXPECT_EQ(config->store.units, units);
  const LimitsConfig limits{
      .rate = 500,
      .rate_bytes = 20 << 20,
      .per = std::chrono::minutes(1),
      .units = {{.pattern = "bot", .rate = 0},
                {.pattern = "web@*.service", .rate_bytes = 1 << 20}}};
  EXPECT_EQ(config->limits, limits);
  const IntakeConfig intake{.syslog = false,
                            .native = false,
                            .stdout = false,
                            .kmsg = false,
                            .line_bytes_max = 4096};
  EXPECT_EQ(config->intake, intake);
}

TEST(Config, TakesNumbersAsBytesAndSeconds) {
  const auto config = parse_config(
      "store.max_age = 3600\nintake.line_max = 1000\n", "logd.toml", Config{});
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->store.max_age, std::chrono::hours(1));
  EXPECT_EQ(config->intake.line_bytes_max, 1000u);
}

TEST(Config, SaysWhereTheMistakeIsAndWhatWasExpected) {
  const struct {
    std::string_view text;
    std::string_view error;
  } cases[] = {
      {"[store]\nmax_usage = 1",
       "logd.toml:2:1: unknown key in [store]: \"max_usage\"; did you mean "
       "\"max_use\"?"},
      {"[intake]\nudp = true",
       "logd.toml:2:1: unknown key in [intake]: \"udp\"; known are: syslog, "
       "native, stdout, kmsg, line_max"},
      {"[stor]\n",
       "logd.toml:1:2: unknown table \"stor\"; did you mean "
       "\"store\"?"},
      {"max_use = '1G'",
       "logd.toml:1:1: unknown table \"max_use\"; known "
       "are: store, intake, limits, unit"},
      {"store = 1",
       "logd.toml:1:1: \"store\" is a table; expected [store] "
       "with its keys below"},
      {"[store]\nmax_use = true",
       "logd.toml:2:11: store.max_use: expected a quoted text, not boolean"},
      {"[store]\nmax_use = 'lots'",
       "logd.toml:2:11: store.max_use: \"lots\" is neither a size nor a share "
       "of the disk; expected something like \"500MB\", \"2G\" or \"10%\""},
      {"[intake]\n  syslog = 'yes'",
       "logd.toml:2:12: intake.syslog: expected true or false, without "
       "quotes"},
      {"[unit.bot]\nmax_usage = '1G'",
       "logd.toml:2:1: unknown key in [unit.bot]: \"max_usage\"; did you mean "
       "\"max_use\"?"},
      {"[unit.bot]\nmax_use = '100K'",
       "logd.toml:2:11: unit.bot.max_use: \"100K\" is too small; expected "
       "\"0\" (no limit) or at least 1M"},
      {"[unit]\nbot = '1G'",
       "logd.toml:2:1: \"bot\" is a unit; expected [unit.bot] with its keys "
       "below"},
      {"[unit.bot.service]\nmax_use = '1G'",
       "logd.toml:1:11: a unit name with a dot needs quotes: "
       "[unit.\"bot.service\"]"},
      {"[limits]\nrates = 1",
       "logd.toml:2:1: unknown key in [limits]: \"rates\"; did you mean "
       "\"rate\"?"},
      {"[limits]\nrate = '1000'",
       "logd.toml:2:8: limits.rate: expected a whole number of messages, "
       "without quotes"},
      {"[unit.bot]\nrate = -1",
       "logd.toml:2:8: unit.bot.rate: \"-1\" is out of range; expected 0 (no "
       "limit) to 1000000000"},
      {"[limits]\nrate_bytes = '1K'",
       "logd.toml:2:14: limits.rate_bytes: \"1K\" is out of range; expected "
       "\"0\" (no limit) or 64K to 1T"},
      {"[limits]\nper = '1ms'",
       "logd.toml:2:7: limits.per: \"1ms\" is out of range; expected \"1s\" to "
       "\"1d\""},
      {"[store]\nmax_age = 'forever'",
       "logd.toml:2:11: store.max_age: \"forever\" is not a span of time; "
       "expected something like \"30s\", \"1h30m\" or \"90d\""},
  };
  for (const auto& [text, error] : cases) EXPECT_EQ(error_of(text), error);
}

TEST(Config, LaterFilesAddToTheLimitsOfAUnit) {
  const auto first = parse_config(
      "unit.bot.max_use = '1G'\nunit.'*'.max_age = '1d'", "a.toml", Config{});
  ASSERT_TRUE(first);
  const auto both = parse_config("unit.bot.max_age = '2d'", "b.toml", *first);
  ASSERT_TRUE(both);
  ASSERT_EQ(both->store.units.size(), 2u);
  EXPECT_EQ(both->store.units[0].pattern, "bot") << "names before patterns";
  EXPECT_EQ(both->store.units[0].max_use_bytes, uint64_t{1} << 30);
  EXPECT_GT(both->store.units[0].max_age_us, both->store.units[1].max_age_us);
}

// A table that fits a unit hides those behind it, whatever it says.
TEST(Config, UnitsStandInTheSameOrderForAllTheirLimits) {
  const auto config = parse_config(
      "unit.'*'.rate = 5\nunit.'web@*'.max_age = '1d'\nunit.bot.rate = 0",
      "logd.toml", Config{});
  ASSERT_TRUE(config) << config.error().message();
  const std::vector<UnitRate> rates{{.pattern = "bot", .rate = 0},
                                    {.pattern = "web@*"},
                                    {.pattern = "*", .rate = 5}};
  EXPECT_EQ(config->limits.units, rates);
  ASSERT_EQ(config->store.units.size(), rates.size());
  for (size_t i = 0; i < rates.size(); ++i) {
    EXPECT_EQ(config->store.units[i].pattern, rates[i].pattern);
  }
}

TEST(Config, PointsToBrokenToml) {
  EXPECT_THAT(error_of("[store]\nmax_use = \n"), StartsWith("logd.toml:2:1"));
  EXPECT_THAT(error_of("[store"), StartsWith("logd.toml:1:"));
  EXPECT_THAT(error_of("[store]\nmax_age='1d'\nmax_age='2d'"),
              StartsWith("logd.toml:3:"));
  EXPECT_THAT(error_of("a = " + std::string(100'000, '[')),
              StartsWith("logd.toml:1:"));
  EXPECT_THAT(error_of("\xff\xfe"), StartsWith("logd.toml:1:"));
}

TEST(Config, KeepsValuesInTheirRange) {
  for (const std::string_view text :
       {"intake.line_max = 78", "intake.line_max = '769K'",
        "store.max_use = '15M'", "store.max_use = 0",
        "store.sync_interval = '9ms'", "store.sync_interval = '61min'",
        "store.rotate_after = '999ms'", "store.max_age = '101y'",
        "limits.per = '25h'", "limits.rate = 1000000001",
        "limits.rate_bytes = '2T'"})
    EXPECT_THAT(error_of(text), HasSubstr("; expected ")) << text;
  for (const std::string_view text :
       {"intake.line_max = 79", "intake.line_max = '768K'",
        "store.max_use = '32M'", "store.keep_free = 0",
        "store.sync_interval = '10ms'", "store.sync_interval = '1h'",
        "store.rotate_after = '1s'", "store.max_age = '100y'",
        "limits.per = '1d'", "limits.per = 1", "limits.rate = 1000000000",
        "limits.rate = 0", "limits.rate_bytes = 0", "limits.rate_bytes = '1T'"})
    EXPECT_EQ(error_of(text), "accepted") << text;
}

class ConfigFiles : public testing::Test {
 protected:
  void SetUp() override {
    std::string dir = testing::TempDir() + "/config_XXXXXX";
    ASSERT_NE(mkdtemp(dir.data()), nullptr);
    dir_ = dir;
    paths_ = {.file = dir_ / "logd.toml", .drop_in_dir = dir_ / "conf.d"};
  }
  void TearDown() override { fs::remove_all(dir_); }

  void write(const fs::path& name, std::string_view text) {
    fs::create_directories((dir_ / name).parent_path());
    std::ofstream(dir_ / name) << text;
  }

  fs::path dir_;
  ConfigPaths paths_;
};

TEST_F(ConfigFiles, AreNotNeeded) {
  const auto config = load_config(paths_);
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(*config, Config{});
}

TEST_F(ConfigFiles, AreNeededWhenAPersonNamedThem) {
  paths_.file_required = true;
  const auto config = load_config(paths_);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(config.error().message(), HasSubstr(paths_.file.string()));
}

TEST_F(ConfigFiles, AreReadInOrderAndTheLastWinsKeyByKey) {
  write("logd.toml", "store.max_age = '1d'\nstore.max_use = '1G'\n");
  for (const char* day : {"9", "2", "7", "5", "3", "8", "4", "6"})
    write(fs::path("conf.d") / day += ".toml",
          fmt::format("store.max_age = '{}d'", day));
  write("conf.d/1.toml", "store.max_age = '1d'\nintake.kmsg = false");
  write("conf.d/notes.txt", "this is not read");
  const auto config = load_config(paths_);
  ASSERT_TRUE(config) << config.error().message();
  EXPECT_EQ(config->store.max_age, std::chrono::days(9));
  EXPECT_EQ(config->store.max_use.bytes, 1u << 30);
  EXPECT_FALSE(config->intake.kmsg);
}

TEST_F(ConfigFiles, ADropInIsNamedInItsErrors) {
  write("conf.d/10-a.toml", "\nintake.kmsg = 1");
  const auto config = load_config(paths_);
  ASSERT_FALSE(config);
  EXPECT_THAT(config.error().message(),
              StartsWith((dir_ / "conf.d/10-a.toml").string() + ":2:15: "));
}

TEST_F(ConfigFiles, AreRefusedWhenTheyAreHugeOrFolders) {
  write("logd.toml", std::string(kConfigBytesMax + 1, '#'));
  EXPECT_EQ(load_config(paths_).error().code, ErrorCode::kLimit);
  paths_.file = dir_;
  EXPECT_THAT(load_config(paths_).error().message(),
              HasSubstr("Is a directory"));
}

}  // namespace
}  // namespace logd
