#include "logd/identity/sender_cache.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>

#include "format/field_list.h"

namespace logd {
namespace {

constexpr uint64_t kSecond = 1'000'000;
constexpr uint64_t kNow = 1'700'000'000 * kSecond;

std::string value(const logfmt::WalContext& context, std::string_view name) {
  const auto found = logfmt::FieldList(context.fields).find(name);
  return found ? std::string(*found) : "-";
}

class SenderCacheTest : public ::testing::Test {
 protected:
  ~SenderCacheTest() override { end_child(); }

  Credentials self() const { return {getpid(), getuid(), getgid()}; }

  // A process in a session of its own.
  Credentials start_child() {
    int ready[2];
    EXPECT_EQ(pipe(ready), 0);
    child_ = fork();
    if (child_ == 0) {
      setsid();
      std::signal(SIGUSR1, [](int) { prctl(PR_SET_NAME, "renamed"); });
      (void)!write(ready[1], "", 1);
      while (true) pause();
    }
    char byte;
    EXPECT_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return {child_, getuid(), getgid()};
  }
  void rename_child() {
    kill(child_, SIGUSR1);
    while (read_proc_facts(child_)->comm != "renamed") usleep(1000);
  }
  void end_child() {
    if (child_ <= 0) return;
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
    child_ = -1;
  }

  logfmt::WalContext& context(const Credentials& who, const ContextKey& key,
                              uint64_t now_us = kNow) {
    return cache_.context(cache_.find(who, now_us), key);
  }
  void declare(pid_t pid, const std::string& unit, uid_t uid) {
    const auto stat = read_proc_stat(pid);
    ASSERT_TRUE(stat);
    sessions_.declare(pid, {unit, uid, stat->start_ticks});
  }

  HostFacts host_{.hostname = "box"};
  SupervisedSessions sessions_;
  SenderCache cache_{host_, sessions_};
  pid_t child_ = -1;
};

TEST_F(SenderCacheTest, SaysWhatTheKernelKnows) {
  const auto& made = context(self(), {.transport = "syslog"});
  EXPECT_EQ(value(made, "_UID"), std::to_string(getuid()));
  EXPECT_EQ(value(made, "_GID"), std::to_string(getgid()));
  EXPECT_EQ(value(made, "_TRANSPORT"), "syslog");
  EXPECT_EQ(value(made, "_HOSTNAME"), read_hostname());  // as it is now
  EXPECT_NE(value(made, "_COMM"), "-");
  EXPECT_EQ(value(made, "SYSLOG_IDENTIFIER"), "-");
  EXPECT_EQ(value(made, "SYSLOG_FACILITY"), "-");
}

TEST_F(SenderCacheTest, KeepsOneContextForEachKind) {
  const ContextKey plain{.transport = "syslog"};
  ContextKey empty = plain;
  empty.identifier = "";
  ContextKey named = plain;
  named.identifier = "bot";
  ContextKey facility = named;
  facility.facility = 3;
  ContextKey stream = named;
  stream.stream_id = "00000000000000000000000000000001";
  std::set<logfmt::WalContext*> made;
  for (const auto& key : {plain, empty, named, facility, stream}) {
    made.insert(&context(self(), key));
    EXPECT_EQ(&context(self(), key), &context(self(), key));
  }
  EXPECT_EQ(made.size(), 5U);
  EXPECT_EQ(value(context(self(), empty), "SYSLOG_IDENTIFIER"), "");
  EXPECT_EQ(value(context(self(), facility), "SYSLOG_FACILITY"), "3");
}

TEST_F(SenderCacheTest, KeepsTheFactsOfAProcessThatHasGone) {
  const Credentials child = start_child();
  const std::string comm = value(context(child, {.transport = "x"}), "_COMM");
  ASSERT_NE(comm, "-");
  end_child();
  const uint64_t later = kNow + 5 * kSecond;
  EXPECT_EQ(value(context(child, {.transport = "x"}, later), "_COMM"), comm);
}

TEST_F(SenderCacheTest, ForgetsThemBeforeTheNumberMeansAnother) {
  const Credentials child = start_child();
  (void)context(child, {.transport = "x"});
  end_child();
  const uint64_t later = kNow + 90 * kSecond;
  const auto& made = context(child, {.transport = "x"}, later);
  EXPECT_EQ(value(made, "_COMM"), "-");
  EXPECT_EQ(value(made, "_UID"), std::to_string(getuid()));
}

TEST_F(SenderCacheTest, ReadsFactsAgainAfterASecond) {
  const Credentials child = start_child();
  const auto comm = [&](uint64_t now_us) {
    return value(context(child, {.transport = "x"}, now_us), "_COMM");
  };
  const std::string before = comm(kNow);
  rename_child();
  EXPECT_EQ(comm(kNow + kSecond / 2), before);
  EXPECT_EQ(comm(kNow + 2 * kSecond), "renamed");
}

TEST_F(SenderCacheTest, NoticesADeclaredSessionAtOnce) {
  const Credentials child = start_child();
  const auto from = [&] {
    return value(context(child, {.transport = "x"}), "_UNIT_FROM");
  };
  EXPECT_EQ(from(), "-");
  declare(child_, "bot.service", getuid());
  EXPECT_EQ(from(), "session");
}

TEST_F(SenderCacheTest, ForgetsFactsOfOtherCredentials) {
  const Credentials child = start_child();
  (void)context(child, {.transport = "x"});
  end_child();
  Credentials other = child;
  other.uid += 1;
  const auto& made = context(other, {.transport = "x"});
  EXPECT_EQ(value(made, "_COMM"), "-");
  EXPECT_EQ(value(made, "_UID"), std::to_string(other.uid));
}

TEST_F(SenderCacheTest, BelievesTheStreamsOwnUnitFirst) {
  const Credentials child = start_child();
  declare(child_, "session.service", getuid());
  const StreamUnit by_root{"web.service", true};
  const StreamUnit by_user{"web.service", false};
  ContextKey key{.transport = "stdout", .stream_id = "1"};
  key.stream_unit = &by_root;
  const auto& root = context(child, key);
  EXPECT_EQ(value(root, "_SYSTEMD_UNIT"), "web.service");
  EXPECT_EQ(value(root, "_UNIT_FROM"), "stream");
  key.stream_unit = &by_user;
  key.stream_id = "2";
  const auto& user = context(child, key);
  EXPECT_EQ(value(user, "_SYSTEMD_UNIT"), "-");
  EXPECT_EQ(value(user, "_SYSTEMD_USER_UNIT"), "web.service");
}

TEST_F(SenderCacheTest, AttributesASupervisedSession) {
  const Credentials child = start_child();
  declare(child_, "bot.service", getuid());
  const auto& made = context(child, {.transport = "syslog"});
  EXPECT_EQ(value(made, getuid() == 0 ? "_SYSTEMD_UNIT" : "_SYSTEMD_USER_UNIT"),
            "bot.service");
  EXPECT_EQ(value(made, "_UNIT_FROM"), "session");
}

TEST_F(SenderCacheTest, IsBoundedForAnyNumberOfProcesses) {
  for (pid_t pid = 5'000'000; pid < 5'100'000; ++pid) {
    (void)context({pid, 1, 1}, {.transport = "x"},
                  kNow + static_cast<uint64_t>(pid));
  }
  EXPECT_LE(cache_.size(), 4096U);
}

TEST_F(SenderCacheTest, IsBoundedForAnyNumberOfIdentifiers) {
  const std::string tail(1000, 'x');
  for (int i = 0; i < 200'000; ++i) {
    const std::string name = std::to_string(i) + tail;
    ASSERT_EQ(value(context(self(), {.transport = "x", .identifier = name}),
                    "SYSLOG_IDENTIFIER"),
              name);
  }
  EXPECT_LE(cache_.cached_bytes(), size_t{65} << 20);
}

TEST(SupervisedSessions, BelongToTheUidThatDeclaredThem) {
  SupervisedSessions sessions;
  const auto stat = read_proc_stat(getpid());
  sessions.declare(getpid(), {"bot.service", 1000, stat->start_ticks});
  ASSERT_NE(sessions.find(getpid(), 0, 1000), nullptr);
  ASSERT_NE(sessions.find(1, getpid(), 1000), nullptr);
  EXPECT_EQ(sessions.find(getpid(), 0, 1001), nullptr);
  EXPECT_EQ(sessions.find(1, getpid(), 0), nullptr);
}

TEST(SupervisedSessions, AreNotInheritedWithTheNumber) {
  SupervisedSessions sessions;
  const auto stat = read_proc_stat(getpid());
  sessions.declare(getpid(), {"bot.service", 0, stat->start_ticks - 1});
  EXPECT_EQ(sessions.find(getpid(), getpid(), 0), nullptr);
}

TEST(SupervisedSessions, OutliveTheirLeader) {
  SupervisedSessions sessions;
  constexpr pid_t kGone = 0x3FFFFFFF;
  sessions.declare(kGone, {"bot.service", 0, 1});
  EXPECT_NE(sessions.find(1, kGone, 0), nullptr);
}

TEST(SupervisedSessions, ForgetTheOldestWhenThereAreTooMany) {
  SupervisedSessions sessions;
  constexpr pid_t kFirst = 0x30000000;
  for (pid_t pid = kFirst; pid < kFirst + 10'000; ++pid) {
    sessions.declare(pid, {"u.service", 0, 1});
  }
  EXPECT_EQ(sessions.find(kFirst, 0, 0), nullptr);
  EXPECT_NE(sessions.find(kFirst + 9'999, 0, 0), nullptr);
}

}  // namespace
}  // namespace logd
