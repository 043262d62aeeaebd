#include "logd/identity/cgroup_unit.h"

#include <gtest/gtest.h>

#include "logd/identity/proc_facts.h"

namespace logd {
namespace {

struct Case {
  std::string_view path;
  std::string_view unit;
  std::string_view user_unit = {};
  std::string_view slice = {};
};

TEST(CgroupUnit, IsTheFirstThatIsNoSlice) {
  const Case cases[] = {
      {"/system.slice/nginx.service", "nginx.service", "", "system.slice"},
      {"/system.slice/system-getty.slice/getty@tty1.service",
       "getty@tty1.service", "", "system-getty.slice"},
      {"/init.scope", "init.scope"},
      {"/system.slice/ssh.service/worker-3", "ssh.service", "", "system.slice"},
      {"/system.slice/docker-4f2a.scope/init", "docker-4f2a.scope", "",
       "system.slice"},
      {"/user.slice/user-1000.slice/session-3.scope", "session-3.scope", "",
       "user-1000.slice"},
      {"/user.slice/user-1000.slice/user@1000.service/app.slice/bot.service",
       "user@1000.service", "bot.service", "user-1000.slice"},
      {"/user.slice/user-1000.slice/user@1000.service/init.scope",
       "user@1000.service", "init.scope", "user-1000.slice"},
      {"", ""},
      {"/", ""},
      {"/system.slice", ""},
      {"//system.slice//a.service", "a.service", "", "system.slice"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.path);
    const CgroupUnits units = parse_cgroup(c.path);
    EXPECT_EQ(units.unit, c.unit);
    EXPECT_EQ(units.user_unit, c.user_unit);
    EXPECT_EQ(units.slice, c.slice);
  }
}

TEST(CgroupUnit, IsNotTakenFromAFolderThatSomebodyElseNamed) {
  const std::string long_name = "/" + std::string(300, 'a') + ".service";
  for (const std::string& path :
       {std::string("/docker/4f2a/system.slice/sshd.service"),
        std::string("/lxc.payload.web/init.scope"),
        std::string("/../system.slice/sshd.service"),
        std::string("/bad name.service"), std::string("/\x1b[2J.service"),
        std::string("/.service"), std::string("/a.service (deleted)"),
        long_name}) {
    EXPECT_EQ(parse_cgroup(path).unit, "") << path;
  }
}

TEST(CgroupUnit, TellsALoginSessionFromAService) {
  EXPECT_TRUE(parse_cgroup("/user.slice/session-c2.scope").is_session());
  EXPECT_FALSE(parse_cgroup("/system.slice/session-x.service").is_session());
  EXPECT_FALSE(parse_cgroup("/init.scope").is_session());
}

TEST(CgroupUnit, AcceptsTheNamesThatJournaldAccepts) {
  EXPECT_TRUE(valid_unit_name("bot"));
  EXPECT_TRUE(valid_unit_name("dev-disk\\x2d1.device"));
  EXPECT_TRUE(valid_unit_name(std::string(255, 'a')));
  EXPECT_FALSE(valid_unit_name(std::string(256, 'a')));
  for (const std::string_view name :
       {std::string_view(), std::string_view("a b"), std::string_view("a/b"),
        std::string_view("a\nb"), std::string_view("a\0b", 3),
        std::string_view("b\xc3\xb6t")}) {
    EXPECT_FALSE(valid_unit_name(name)) << name;
  }
}

TEST(CgroupUnit, NamesAServiceWhereNoKindIsSaid) {
  EXPECT_EQ(with_unit_suffix("bot"), "bot.service");
  EXPECT_EQ(with_unit_suffix("bot.timer"), "bot.timer");
  EXPECT_EQ(with_unit_suffix("bot.py"), "bot.py.service");
  EXPECT_EQ(with_unit_suffix(".service"), ".service.service");
}

TEST(CgroupFile, PrefersSystemdsOwnHierarchy) {
  EXPECT_EQ(systemd_cgroup("0::/system.slice/a.service\n"),
            "/system.slice/a.service");
  EXPECT_EQ(systemd_cgroup("12:cpu,cpuacct:/x\n1:name=systemd:/b.service\n"
                           "0::/c.service\n"),
            "/b.service");
  EXPECT_EQ(systemd_cgroup("1:name=systemd:/\n0::/c.service"), "/c.service");
  EXPECT_EQ(systemd_cgroup("5:memory:/x\n"), "");
  EXPECT_EQ(systemd_cgroup(""), "");
}

TEST(CgroupFile, IsNotFooledByAFolderThatLooksLikeAHierarchy) {
  const std::string_view own =
      "/user.slice/user-1000.slice/user@1000.service/a:name=systemd:"
      "/system.slice/sshd.service";
  EXPECT_EQ(systemd_cgroup("0::" + std::string(own) + "\n"), own);
  EXPECT_EQ(systemd_cgroup("4:cpu:/x:name=systemd:/sshd.service\n0::/mine\n"),
            "/mine");
}

}  // namespace
}  // namespace logd
