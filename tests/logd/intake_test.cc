// Datagrams from a client's socket to the entries that a reader finds.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/logd/testing/intake_bench.h"

namespace logd {
namespace {

using testing::field_of;
using testing::IntakeBench;
using testing::message_of;
using testing::Sample;

class IntakeTest : public ::testing::Test {
 protected:
  void send(const std::string& socket, std::string_view bytes) {
    const auto fd = bench_.connect(socket);
    ASSERT_EQ(::send(fd.get(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }
  void send_file(int file, std::string_view bytes = {}) {
    const auto fd = bench_.connect("native");
    iovec data{const_cast<char*>(bytes.data()), bytes.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof file)] = {};
    msghdr header{};
    header.msg_iov = &data;
    header.msg_iovlen = 1;
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    part->cmsg_level = SOL_SOCKET;
    part->cmsg_type = SCM_RIGHTS;
    part->cmsg_len = CMSG_LEN(sizeof file);
    std::memcpy(CMSG_DATA(part), &file, sizeof file);
    ASSERT_GE(sendmsg(fd.get(), &header, 0), 0);
  }
  static logfmt::Fd memory_file(std::string_view text, bool sealed) {
    logfmt::Fd fd(memfd_create("entry", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    EXPECT_EQ(write(fd.get(), text.data(), text.size()),
              static_cast<ssize_t>(text.size()));
    if (sealed) {
      fcntl(fd.get(), F_ADD_SEALS,
            F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE);
    }
    return fd;
  }
  // Does it in a process of user nobody, and waits for its end.
  template <class Work>
  static void as_nobody(Work work) {
    const pid_t child = fork();
    if (child == 0) {
      if (setresuid(kNobody, kNobody, kNobody) == 0) work();
      _exit(0);
    }
    waitpid(child, nullptr, 0);
  }
  Sample only_entry() {
    const auto entries = bench_.entries();
    EXPECT_EQ(entries.size(), 1U);
    return entries.empty() ? Sample{} : entries.front();
  }
  void expect_refused() {
    EXPECT_TRUE(bench_.entries().empty());
    EXPECT_EQ(bench_.refused_datagrams(), 1U);
  }

  IntakeBench bench_;
};

TEST_F(IntakeTest, StoresASyslogDatagramWithItsSender) {
  send("syslog", "<28>Nov 22 05:42:46 bot[77]: it works");
  const Sample entry = only_entry();
  EXPECT_EQ(message_of(entry), "it works");
  EXPECT_EQ(entry.priority, 4);
  EXPECT_EQ(entry.pid, static_cast<uint32_t>(getpid()));
  EXPECT_EQ(field_of(entry, "SYSLOG_IDENTIFIER"), "bot");
  EXPECT_EQ(field_of(entry, "SYSLOG_PID"), "77");
  EXPECT_EQ(field_of(entry, "SYSLOG_FACILITY"), "3");
  EXPECT_EQ(field_of(entry, "_TRANSPORT"), "syslog");
  EXPECT_EQ(field_of(entry, "_UID"), std::to_string(getuid()));
  EXPECT_NE(field_of(entry, "_EXE"), "-");
}

TEST_F(IntakeTest, LeavesOutTheFacilityOfTheKernelForSyslogOnly) {
  send("syslog", "<6>Nov 22 05:42:46 a: x");
  send("native", "MESSAGE=x\nSYSLOG_FACILITY=0\n");
  const auto entries = bench_.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(field_of(entries[0], "SYSLOG_FACILITY"), "-");
  EXPECT_EQ(field_of(entries[1], "SYSLOG_FACILITY"), "0");
}

TEST_F(IntakeTest, StoresEveryEntryOfANativeDatagram) {
  send("native", "MESSAGE=one\nPRIORITY=3\nCODE_LINE=7\n\nMESSAGE=two\n");
  const auto entries = bench_.entries();
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_EQ(message_of(entries[0]), "one");
  EXPECT_EQ(entries[0].priority, 3);
  EXPECT_EQ(field_of(entries[0], "CODE_LINE"), "7");
  EXPECT_EQ(field_of(entries[0], "_TRANSPORT"), "journal");
  EXPECT_EQ(entries[1].priority, logfmt::kNoPriority);
}

TEST_F(IntakeTest, TakesNoTrustedFieldFromAClient) {
  send("native",
       "MESSAGE=x\n_UID=0\n_SYSTEMD_UNIT=sshd.service\n__CURSOR=1\n_PID=1\n");
  const Sample entry = only_entry();
  EXPECT_EQ(field_of(entry, "_UID"), std::to_string(getuid()));
  EXPECT_NE(field_of(entry, "_SYSTEMD_UNIT"), "sshd.service");
  EXPECT_EQ(field_of(entry, "__CURSOR"), "-");
  EXPECT_EQ(field_of(entry, "_PID"), "-");
  EXPECT_EQ(bench_.dropped(DropCause::kFields), 4U);
}

TEST_F(IntakeTest, StoresALargeDatagramWhole) {
  const std::string text(150'000, 'x');
  send("syslog", "<13>a: " + text);
  EXPECT_EQ(message_of(only_entry()), text);
}

TEST_F(IntakeTest, ReadsAnEntryFromASealedMemoryFile) {
  const std::string text(5 << 20, 'x');
  send_file(memory_file("MESSAGE=" + text + "\n", true).get());
  EXPECT_EQ(message_of(only_entry()), text);
}

TEST_F(IntakeTest, ReadsAnUnsealedMemoryFileOfRoot) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  send_file(memory_file("MESSAGE=x\n", false).get());
  EXPECT_EQ(message_of(only_entry()), "x");
}

TEST_F(IntakeTest, RefusesAnUnsealedMemoryFileOfAnybodyElse) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  as_nobody([&] { send_file(memory_file("MESSAGE=x\n", false).get()); });
  expect_refused();
}

TEST_F(IntakeTest, ReadsASealedMemoryFileOfAnybody) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  as_nobody([&] { send_file(memory_file("MESSAGE=x\n", true).get()); });
  const Sample entry = only_entry();
  EXPECT_EQ(message_of(entry), "x");
  EXPECT_EQ(field_of(entry, "_UID"), std::to_string(kNobody));
}

TEST_F(IntakeTest, RefusesAFileThatIsLargerThanAnEntry) {
  const logfmt::Fd fd(memfd_create("entry", MFD_CLOEXEC));
  ASSERT_EQ(ftruncate(fd.get(), 100 << 20), 0);
  send_file(fd.get());
  expect_refused();
}

TEST_F(IntakeTest, RefusesAPipe) {
  int ends[2];
  ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
  const logfmt::Fd read_end(ends[0]);
  const logfmt::Fd write_end(ends[1]);
  send_file(read_end.get());
  expect_refused();
}

TEST_F(IntakeTest, RefusesTextAndAFileInOneDatagram) {
  send_file(memory_file("MESSAGE=x\n", true).get(), "MESSAGE=y\n");
  expect_refused();
}

TEST_F(IntakeTest, CountsEmptyDatagramsAndGoesOn) {
  send("syslog", "");
  send("native", "");
  send("syslog", "after");
  EXPECT_EQ(message_of(only_entry()), "after");
  EXPECT_EQ(bench_.refused_datagrams(), 2U);
}

TEST_F(IntakeTest, SaysAtTheEndWhatItCountedSinceTheLastReport) {
  EntrySink& sink = bench_.sink();
  const auto drop_and_report = [&](EntrySink::Report when) {
    sink.refuse(DropCause::kMalformed, {1, 10});
    (void)sink.report_drops(when);
    return bench_.entries().size();
  };
  EXPECT_EQ(drop_and_report(EntrySink::Report::kNow), 1U);
  EXPECT_EQ(drop_and_report(EntrySink::Report::kSoon), 1U) << "not yet";
  EXPECT_EQ(drop_and_report(EntrySink::Report::kNow), 2U);
}

TEST_F(IntakeTest, AddsWhatItKnowsOfAnObjectForRootOnly) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const std::string text =
      "MESSAGE=x\nOBJECT_PID=" + std::to_string(getpid()) + "\n";
  send("native", text);
  as_nobody([&] { send("native", text); });
  send("native", "MESSAGE=x\nOBJECT_PID=no number\n");
  const auto entries = bench_.entries();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(field_of(entries[0], "OBJECT_UID"), "0");
  EXPECT_NE(field_of(entries[0], "OBJECT_COMM"), "-");
  EXPECT_EQ(field_of(entries[1], "OBJECT_UID"), "-");
  EXPECT_EQ(field_of(entries[2], "OBJECT_UID"), "-");
}

// A client may send such a field, but never as a trusted one.
TEST_F(IntakeTest, OnlyLogdTellsOfUnits) {
  bench_.sink().store_event(
      {.message = "1 message of bot was dropped",
       .about = {logfmt::OwnerKind::kIdentifier, "bot", "1000"}});
  send("native", "MESSAGE=x\nOBJECT_UNIT=bot\n_TRANSPORT=driver\n");
  const auto entries = bench_.entries();
  ASSERT_EQ(entries.size(), 2U);
  const auto trusted = [&](size_t i, std::string_view name) {
    return std::string(
        logfmt::FieldList(entries[i].context).find(name).value_or("-"));
  };
  EXPECT_EQ(trusted(0, "_TRANSPORT"), "driver");
  EXPECT_EQ(trusted(0, "SYSLOG_IDENTIFIER"), "logd");
  EXPECT_EQ(trusted(0, "OBJECT_UNIT"), "bot");
  EXPECT_EQ(trusted(0, "OBJECT_UID"), "1000");
  EXPECT_EQ(trusted(1, "_TRANSPORT"), "journal");
  EXPECT_EQ(trusted(1, "OBJECT_UNIT"), "-");
}

TEST_F(IntakeTest, KeepsTheOrderOfASender) {
  const auto fd = bench_.connect("syslog");
  size_t sent = 0;
  for (; sent < 20'000; ++sent) {
    const std::string text = std::to_string(sent);
    while (::send(fd.get(), text.data(), text.size(), MSG_DONTWAIT) < 0) {
      bench_.turn();
    }
  }
  const auto entries = bench_.entries();
  ASSERT_EQ(entries.size(), sent);
  for (size_t i = 0; i < sent; ++i) {
    ASSERT_EQ(message_of(entries[i]), std::to_string(i));
    ASSERT_EQ(entries[i].seq, i + 1);
  }
}

}  // namespace
}  // namespace logd
