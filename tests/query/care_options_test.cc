#include "query/care/care_options.h"

#include <gtest/gtest.h>

#include "query/options.h"
#include "tests/query/made_environment.h"

namespace logq {
namespace {

using Words = std::vector<std::string>;

logfmt::Result<Options> parsed(const Words& words) {
  return parse_options(words, MadeEnvironment().environment());
}
std::string error_of(const Words& words) {
  const auto options = parsed(words);
  return options ? "" : options.error().detail;
}

TEST(CareOptions, SizesCountBy1024) {
  struct Case {
    std::string text;
    uint64_t bytes;
  };
  for (const auto& [text, bytes] : std::vector<Case>{{"0", 0},
                                                     {"4096", 4096},
                                                     {"4096B", 4096},
                                                     {"1K", 1024},
                                                     {"50M", 50 << 20},
                                                     {"50MB", 50 << 20},
                                                     {"50 MiB", 50 << 20},
                                                     {"1.5G", 3ULL << 29},
                                                     {"2T", 2ULL << 40}}) {
    const auto read = parse_bytes(text);
    ASSERT_TRUE(read) << text;
    EXPECT_EQ(*read, bytes) << text;
  }
  for (const auto text :
       {"", "M", "x", "-1", "1X", "1MX", "1e3", "99999999E", "nan", "inf"}) {
    EXPECT_FALSE(parse_bytes(text)) << text;
  }
}

TEST(CareOptions, ZeroIsNoLimit) {
  const auto options = parsed({"--vacuum-size=0", "--vacuum-files=3"});
  ASSERT_TRUE(options);
  EXPECT_EQ(options->action, Action::kMaintain);
  EXPECT_FALSE(options->care.vacuum.bytes);
  EXPECT_EQ(options->care.vacuum.files, 3U);
}

TEST(CareOptions, MaintenanceCombines) {
  const auto options = parsed({"--sync", "--rotate", "--vacuum-time=2weeks"});
  ASSERT_TRUE(options) << options.error().detail;
  EXPECT_TRUE(options->care.sync);
  EXPECT_TRUE(options->care.rotate);
  EXPECT_FALSE(options->care.flush);
  EXPECT_EQ(options->care.vacuum.age_us, 14 * 86400'000000ULL);
}

TEST(CareOptions, AreRefusedWhereTheyWouldDoSomethingElseThanMeant) {
  for (const Words& words :
       std::vector<Words>{{"--delete"},
                          {"--delete", "-n", "5", "-u", "bot"},
                          {"--delete", "-f", "-u", "bot"},
                          {"--delete", "-u", "bot", "--vacuum-size=1M"},
                          {"--delete", "-u", "bot", "--verify"},
                          {"--yes"},
                          {"--yes", "--vacuum-size=1M"},
                          {"--verify", "-u", "bot"},
                          {"--repair", "-S", "today"},
                          {"--verify", "--repair"},
                          {"--sync", "-n", "3"},
                          {"--vacuum-size=1M", "-t", "bot"},
                          {"--vacuum-files=1", "-u", "bot"},
                          {"--vacuum-size=1M", "-u", "!bot"},
                          {"--vacuum-size=x"},
                          {"--vacuum-time=x"},
                          {"--vacuum-files=x"},
                          {"dump"},
                          {"dump", "a", "b"},
                          {"dump", "a", "--block", "x"},
                          {"--block", "1"}}) {
    EXPECT_NE(error_of(words), "") << testing::PrintToString(words);
  }
}

TEST(CareOptions, DumpTakesAFileAndABlock) {
  const auto options = parsed({"dump", "a.seg", "--block", "3"});
  ASSERT_TRUE(options) << options.error().detail;
  EXPECT_EQ(options->action, Action::kDump);
  EXPECT_EQ(options->care.dump_file, "a.seg");
  EXPECT_EQ(options->care.dump_block, 3U);
}

TEST(CareOptions, DeleteTakesEveryFilter) {
  for (const Words& filter : std::vector<Words>{{"-u", "bot"},
                                                {"-t", "bot"},
                                                {"-p", "err"},
                                                {"-S", "today"},
                                                {"-U", "today"},
                                                {"-b"},
                                                {"-k"},
                                                {"-g", "x"},
                                                {"-v", "x"},
                                                {"--facility", "kern"},
                                                {"A=1"}}) {
    Words words{"--delete"};
    words.insert(words.end(), filter.begin(), filter.end());
    const auto options = parsed(words);
    ASSERT_TRUE(options) << options.error().detail;
    EXPECT_EQ(options->action, Action::kDelete);
  }
}

TEST(CareOptions, TheRuntimeDirectoryIsThatOfTheStore) {
  MadeEnvironment root;
  EXPECT_EQ(default_runtime_dir(root.environment()), "/run/logd");
  MadeEnvironment user{.variables = {{"HOME", "/h"}},
                       .uid = 7,
                       .euid = 7,
                       .existing_directory = "/h/.local/state/logd"};
  EXPECT_EQ(default_runtime_dir(user.environment()), "/run/user/7/logd");
  user.variables["XDG_RUNTIME_DIR"] = "/x";
  EXPECT_EQ(default_runtime_dir(user.environment()), "/x/logd");
  user.existing_directory.clear();  // the system's store is read
  EXPECT_EQ(default_runtime_dir(user.environment()), "/run/logd");
  user.variables["LOGD_RUNTIME_DIR"] = "/r";
  EXPECT_EQ(default_runtime_dir(user.environment()), "/r");
}

}  // namespace
}  // namespace logq
