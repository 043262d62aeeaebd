#include "logd/intake/stream_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <filesystem>

#include "tests/logd/testing/intake_bench.h"

namespace logd {
namespace {

using testing::field_of;
using testing::IntakeBench;
using testing::messages;

using Texts = std::vector<std::string>;
constexpr std::string_view kHeader = "bot\n\n30\n1\n0\n0\n0\n";

void put(const logfmt::Fd& fd, std::string_view bytes) {
  ASSERT_EQ(send(fd.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
            static_cast<ssize_t>(bytes.size()));
}

std::string header_with_unit(const std::string& unit,
                             const std::string& last = "0") {
  return "bot\n" + unit + "\n30\n1\n0\n0\n" + last + "\n";
}

TEST(StreamServer, StoresEachLineWithWhatTheHeaderSaid) {
  IntakeBench bench;
  const auto fd = bench.connect("stdout");
  put(fd, std::string(kHeader) + "hello\n<3>bad\n\n  kept \n");
  const auto entries = bench.entries();
  ASSERT_EQ(messages(entries), (Texts{"hello", "bad", "  kept"}));
  EXPECT_EQ(entries[0].priority, 6);
  EXPECT_EQ(entries[1].priority, 3);
  EXPECT_EQ(entries[0].pid, static_cast<uint32_t>(getpid()));
  EXPECT_EQ(field_of(entries[0], "SYSLOG_IDENTIFIER"), "bot");
  EXPECT_EQ(field_of(entries[0], "SYSLOG_FACILITY"), "3");
  EXPECT_EQ(field_of(entries[0], "_TRANSPORT"), "stdout");
  EXPECT_EQ(field_of(entries[0], "_STREAM_ID").size(), 32U);
  EXPECT_EQ(field_of(entries[0], "_LINE_BREAK"), "-");
}

TEST(StreamServer, ReadsAHeaderInSingleBytes) {
  IntakeBench bench;
  const auto fd = bench.connect("stdout");
  for (const char c : std::string(kHeader) + "hello\n") {
    put(fd, {&c, 1});
    bench.turn();
  }
  EXPECT_EQ(messages(bench.entries()), Texts{"hello"});
}

TEST(StreamServer, ClosesWhatSendsNoHeader) {
  const std::string cases[] = {
      "bot\n\nx\n1\n0\n0\n0\nline\n",
      "bot\n\n1000\n1\n0\n0\n0\nline\n",
      "bot\n\n6\nmaybe\n0\n0\n0\nline\n",
      std::string("b\0t\n\n6\n1\n0\n0\n0\nline\n", 21),
      std::string(255, 'x') + "\n",
      std::string(100'000, 'x'),
  };
  for (const std::string& header : cases) {
    SCOPED_TRACE(header.substr(0, 20));
    IntakeBench bench;
    const auto fd = bench.connect("stdout");
    put(fd, header);
    EXPECT_TRUE(bench.entries().empty());
    EXPECT_EQ(bench.streams().size(), 0U);
    EXPECT_EQ(bench.dropped(DropCause::kStreamsRefused), 1U);
    EXPECT_EQ(send(fd.get(), "x", 1, MSG_NOSIGNAL), -1);
    EXPECT_EQ(errno, EPIPE);
  }
}

TEST(StreamServer, EndsALineThatIsTooLong) {
  IntakeBench bench(100);
  const auto fd = bench.connect("stdout");
  put(fd, std::string(kHeader) + std::string(250, 'x') + "\nafter\n");
  const auto entries = bench.entries();
  ASSERT_EQ(messages(entries),
            (Texts{std::string(100, 'x'), std::string(100, 'x'),
                   std::string(50, 'x'), "after"}));
  EXPECT_EQ(field_of(entries[0], "_LINE_BREAK"), "line-max");
}

TEST(StreamServer, KeepsNoLongerLineThanMemoryHasAPlaceFor) {
  IntakeBench bench;
  bench.streams().set_line_bytes_max(1 << 30);
  const auto fd = bench.connect("stdout");
  put(fd, std::string(kHeader));
  std::string sent;
  for (char c = 'a'; c < 'z'; ++c) {
    sent += std::string(10'000, c);
    put(fd, std::string(10'000, c));
    bench.turn();
  }
  put(fd, "\n");
  std::string stored;
  for (const std::string& piece : messages(bench.entries())) stored += piece;
  EXPECT_EQ(stored, sent);
}

TEST(StreamServer, StoresAnUnfinishedLineAtTheEnd) {
  IntakeBench bench;
  auto closed = bench.connect("stdout");
  const auto open = bench.connect("stdout");
  put(closed, std::string(kHeader) + "last words");
  put(open, std::string(kHeader) + "under way");
  closed.reset();
  EXPECT_EQ(messages(bench.entries()), Texts{"last words"});
  EXPECT_EQ(bench.streams().size(), 1U);
  bench.streams().finish();
  const auto entries = bench.entries();
  ASSERT_EQ(messages(entries), (Texts{"last words", "under way"}));
  EXPECT_EQ(field_of(entries[1], "_LINE_BREAK"), "eof");
}

TEST(StreamServer, TellsTheProcessesOfOneStreamApart) {
  IntakeBench bench;
  const auto fd = bench.connect("stdout");
  put(fd, std::string(kHeader) + "parent, half a ");
  bench.turn();
  const pid_t child = fork();
  if (child == 0) {
    (void)send(fd.get(), "child\n", 6, 0);
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  const auto entries = bench.entries();
  ASSERT_EQ(messages(entries), (Texts{"parent, half a", "child"}));
  EXPECT_EQ(field_of(entries[0], "_LINE_BREAK"), "pid-change");
  EXPECT_EQ(entries[0].pid, static_cast<uint32_t>(getpid()));
  EXPECT_EQ(entries[1].pid, static_cast<uint32_t>(child));
}

TEST(StreamServer, BelievesTheUnitOfRootAndScopesThatOfOthers) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  IntakeBench bench;
  put(bench.connect("stdout"), header_with_unit("web") + "root\n");
  const pid_t child = fork();
  if (child == 0) {
    if (setresuid(kNobody, kNobody, kNobody) == 0) {
      put(bench.connect("stdout"), header_with_unit("web") + "nobody\n");
    }
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  const auto entries = bench.entries();
  ASSERT_EQ(messages(entries), (Texts{"root", "nobody"}));
  EXPECT_EQ(field_of(entries[0], "_SYSTEMD_UNIT"), "web.service");
  EXPECT_EQ(field_of(entries[0], "_UNIT_FROM"), "stream");
  EXPECT_EQ(field_of(entries[1], "_SYSTEMD_UNIT"), "-");
  EXPECT_EQ(field_of(entries[1], "_SYSTEMD_USER_UNIT"), "web.service");
}

TEST(StreamServer, IgnoresAUnitNameThatIsNone) {
  IntakeBench bench;
  put(bench.connect("stdout"), header_with_unit("../etc") + "x\n");
  const auto entries = bench.entries();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_NE(field_of(entries[0], "_UNIT_FROM"), "stream");
}

TEST(StreamServer, BelievesAPeerAboutItsOwnChildOnly) {
  IntakeBench bench;
  const pid_t child = fork();
  if (child == 0) {
    while (true) pause();
  }
  const auto relay = [&](pid_t pid) {
    put(bench.connect("stdout"),
        header_with_unit("bot", "stderr " + std::to_string(pid)) + "x\n");
    bench.turn();
  };
  relay(child);
  relay(1);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const auto entries = bench.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(entries[0].pid, static_cast<uint32_t>(child));
  EXPECT_EQ(field_of(entries[0], "_STREAM"), "stderr");
  EXPECT_EQ(entries[1].pid, static_cast<uint32_t>(getpid()));
}

TEST(StreamServer, ClosesDescriptorsThatAreSentAlong) {
  const auto open_descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                         std::filesystem::directory_iterator());
  };
  IntakeBench bench;
  const auto fd = bench.connect("stdout");
  put(fd, std::string(kHeader) + "first\n");
  bench.turn();
  const auto before = open_descriptors();
  for (int i = 0; i < 20; ++i) {
    char text[] = "line\n";
    iovec data{text, 5};
    alignas(cmsghdr) char control[CMSG_SPACE(4 * sizeof(int))] = {};
    msghdr header{};
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(4 * sizeof(int));
    const int sent[] = {0, 1, 2, fd.get()};
    std::memcpy(CMSG_DATA(part), sent, sizeof sent);
    ASSERT_EQ(sendmsg(fd.get(), &header, 0), 5);
    bench.turn();
  }
  bench.turn();
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_EQ(bench.entries().size(), 21U);
}

TEST(StreamServer, SurvivesStreamsThatCloseInTheSameRound) {
  IntakeBench bench;
  for (int round = 0; round < 20; ++round) {
    std::vector<logfmt::Fd> clients;
    for (int i = 0; i < 100; ++i) clients.push_back(bench.connect("stdout"));
    bench.turn();
    for (size_t i = 0; i < clients.size(); ++i) {
      put(clients[i], i % 3 == 0 ? std::string("no header\n\nx\n")
                                 : std::string(kHeader) + "line\n");
    }
    clients.clear();
  }
  EXPECT_EQ(bench.entries().size(), 20U * 66);
  EXPECT_EQ(bench.streams().size(), 0U);
}

TEST(StreamServer, RefusesStreamsBeforeTheStoreRunsOutOfDescriptors) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit tight = before;
  tight.rlim_cur = 512;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &tight), 0);
  const auto bench = std::make_unique<IntakeBench>();
  // The clients are another process: its descriptors are its own.
  int go[2];
  ASSERT_EQ(pipe(go), 0);
  const pid_t child = fork();
  if (child == 0) {
    std::vector<logfmt::Fd> clients;
    for (int i = 0; i < 490; ++i) clients.push_back(bench->connect("stdout"));
    for (const auto& client : clients) {
      (void)send(client.get(), kHeader.data(), kHeader.size(), MSG_NOSIGNAL);
    }
    char byte;
    close(go[1]);
    (void)!read(go[0], &byte, 1);
    _exit(0);
  }
  close(go[0]);
  EXPECT_TRUE(testing::becomes_true([&] {
    bench->turn();
    return bench->dropped(DropCause::kStreamsRefused) > 0;
  }));
  for (int i = 0; i < 30; ++i) bench->turn();
  EXPECT_LT(bench->streams().size(), 350U);
  EXPECT_GT(bench->streams().size(), 250U);
  const logfmt::Fd spare(open("/dev/null", O_RDONLY));
  EXPECT_TRUE(spare.valid());
  close(go[1]);
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(testing::becomes_true([&] {
    bench->turn();
    return bench->streams().size() == 0;
  }));
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

}  // namespace
}  // namespace logd
