#include "logd/intake/sockets.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <filesystem>

#include "tests/format/testing/temp_dir.h"

namespace logd {
namespace {

namespace fs = std::filesystem;
using logfmt::testing::TempDir;

class SocketsTest : public ::testing::Test {
 protected:
  logfmt::Result<BoundSockets> bind() {
    return bind_sockets({.runtime_dir = dir_.path() + "/run"});
  }
  std::string path(const std::string& name) {
    return dir_.path() + "/run/" + name;
  }
  static bool connects(const std::string& path, int type) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
    const logfmt::Fd fd(socket(AF_UNIX, type | SOCK_CLOEXEC, 0));
    return connect(fd.get(), reinterpret_cast<sockaddr*>(&address),
                   sizeof address) == 0;
  }

  TempDir dir_;
};

TEST_F(SocketsTest, AreOpenToEverybody) {
  const auto bound = bind();
  ASSERT_TRUE(bound);
  ASSERT_EQ(bound->sockets.size(), 4U);
  for (const BoundSocket& socket : bound->sockets) {
    struct stat status {};
    ASSERT_EQ(stat(socket.path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0666U) << socket.path;
  }
  EXPECT_TRUE(connects(path("syslog"), SOCK_DGRAM));
  EXPECT_TRUE(connects(path("native"), SOCK_DGRAM));
  EXPECT_TRUE(connects(path("stdout"), SOCK_STREAM));
  EXPECT_TRUE(connects(path("query"), SOCK_STREAM));
}

TEST_F(SocketsTest, AreOnlyThoseThatAreConfigured) {
  const auto bound =
      bind_sockets({.runtime_dir = dir_.path() + "/run",
                    .intake = {.syslog = false, .stdout = false}});
  ASSERT_TRUE(bound);
  EXPECT_EQ(bound->sockets.size(), 2U);
  EXPECT_FALSE(fs::exists(path("syslog")));
  EXPECT_TRUE(fs::exists(path("query")));
}

TEST_F(SocketsTest, ReplaceWhatADeadDaemonLeft) {
  { ASSERT_TRUE(bind()); }
  EXPECT_TRUE(fs::exists(path("syslog")));
  EXPECT_FALSE(connects(path("syslog"), SOCK_DGRAM));
  const auto bound = bind();
  ASSERT_TRUE(bound) << bound.error().message();
  EXPECT_TRUE(connects(path("syslog"), SOCK_DGRAM));
}

TEST_F(SocketsTest, TakeNothingFromAProcessThatServes) {
  const auto first = bind();
  const auto second = bind();
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message(),
            path("syslog") + " is served by another process");
  EXPECT_TRUE(connects(path("syslog"), SOCK_DGRAM));
}

TEST_F(SocketsTest, NeverReplaceAFileThatIsNoSocket) {
  fs::create_directories(path(""));
  logfmt::testing::write_whole(path("stdout"), "precious");
  const auto bound = bind();
  ASSERT_FALSE(bound);
  EXPECT_NE(bound.error().message().find("not a socket"), std::string::npos);
  EXPECT_EQ(logfmt::testing::read_whole(path("stdout")), "precious");
  EXPECT_FALSE(fs::exists(path("syslog"))) << "what was bound is taken back";
}

TEST_F(SocketsTest, SayWhenAPathIsTooLong) {
  const auto bound =
      bind_sockets({.runtime_dir = dir_.path() + "/" + std::string(100, 'x')});
  ASSERT_FALSE(bound);
  EXPECT_NE(bound.error().message().find("107 bytes"), std::string::npos);
}

TEST_F(SocketsTest, AreRemovedWhereTheyAreStillOurs) {
  auto bound = bind();
  ASSERT_TRUE(bound);
  fs::remove(path("native"));
  logfmt::testing::write_whole(path("native"), "somebody else's");
  remove_socket_files(bound->sockets);
  EXPECT_FALSE(fs::exists(path("syslog")));
  EXPECT_TRUE(fs::exists(path("native")));
}

}  // namespace
}  // namespace logd
