#include "logd/run/pid_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <thread>
#include <vector>

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

TEST_F(PidFileTest, IsRefusedWhileAnotherHoldsIt) {
  const auto first = PidFile::claim(path_);
  ASSERT_TRUE(first);
  const auto second = PidFile::claim(path_);
  ASSERT_FALSE(second);
  EXPECT_NE(std::string::npos,
            second.error().detail.find("process " + std::to_string(getpid())));
  EXPECT_TRUE(std::filesystem::exists(path_));
}

// Another process may have got the pid of the one that left the file.
TEST_F(PidFileTest, LeftBehindIsTakenOver) {
  const std::string of_parent = std::to_string(getppid()) + "\n";
  for (const std::string& text :
       {std::string(), of_parent, std::string("999999999\n"),
        std::string("nonsense\n"), std::string("-1\n"), std::string("0\n")}) {
    std::ofstream(path_) << text;
    EXPECT_TRUE(PidFile::claim(path_)) << text;
  }
}

// Whoever claims it while the last owner is removing it must not be left with
// a file that has no name any more.
TEST_F(PidFileTest, HasOneOwnerHoweverManyComeAndGo) {
  std::atomic<int> owners = 0;
  std::atomic<bool> shared = false;
  std::atomic<int> claims = 0;
  const auto come_and_go = [&] {
    for (int i = 0; i < 5000; ++i) {
      const auto claimed = PidFile::claim(path_);
      if (!claimed) continue;
      ++claims;
      if (++owners > 1 || !std::filesystem::exists(path_)) shared = true;
      --owners;
    }
  };
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back(come_and_go);
  threads.clear();
  EXPECT_FALSE(shared);
  EXPECT_GT(claims, 0);
}

TEST_F(PidFileTest, ThatCannotBeWrittenIsNamed) {
  const auto claimed = PidFile::claim("/no/such/directory/pid");
  ASSERT_FALSE(claimed);
  EXPECT_NE(std::string::npos,
            claimed.error().detail.find("/no/such/directory/pid"));
}

}  // namespace
}  // namespace logrun
