#include "logd/run/pid_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace logrun {
namespace {

class PidFileTest : public testing::Test {
 protected:
  ~PidFileTest() override { std::filesystem::remove(path_); }

  std::string path_ =
      testing::TempDir() + "pid_file_" + std::to_string(getpid());
};

TEST_F(PidFileTest, HoldsThePidAndGoesWithTheProcess) {
  {
    const auto claimed = PidFile::claim(path_);
    ASSERT_TRUE(claimed);
    pid_t pid = 0;
    std::ifstream(path_) >> pid;
    EXPECT_EQ(getpid(), pid);
  }
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(PidFileTest, OfALiveProcessIsRefused) {
  std::ofstream(path_) << getppid() << "\n";
  const auto claimed = PidFile::claim(path_);
  ASSERT_FALSE(claimed);
  EXPECT_NE(std::string::npos,
            claimed.error().detail.find(std::to_string(getppid())));
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(PidFileTest, IsRefusedWhileAnotherHoldsIt) {
  const auto first = PidFile::claim(path_);
  ASSERT_TRUE(first);
  EXPECT_FALSE(PidFile::claim(path_));
  EXPECT_TRUE(std::filesystem::exists(path_));
}

TEST_F(PidFileTest, LeftBehindIsTakenOver) {
  for (const char* text : {"", "999999999\n", "nonsense\n", "-1\n", "0\n"}) {
    std::ofstream(path_) << text;
    EXPECT_TRUE(PidFile::claim(path_)) << text;
  }
}

TEST_F(PidFileTest, ThatCannotBeWrittenIsNamed) {
  const auto claimed = PidFile::claim("/no/such/directory/pid");
  ASSERT_FALSE(claimed);
  EXPECT_NE(std::string::npos,
            claimed.error().detail.find("/no/such/directory/pid"));
}

}  // namespace
}  // namespace logrun
