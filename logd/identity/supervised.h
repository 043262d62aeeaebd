// Sessions that somebody declared to be a unit: what `logrun` starts.
//
// logrun opens its streams with a unit name and its child's pid. The child is
// the leader of a session of its own, so whatever it starts, and whatever of
// that calls syslog(3), can be told by its session. Bounded: the oldest
// declaration is forgotten first. One thread.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>

namespace logd {

struct DeclaredUnit {
  std::string unit{};
  uid_t uid = 0;  // of who declared it; only processes of that uid belong
  uint64_t start_ticks = 0;  // of the process that the number stood for
};

class SupervisedSessions {
 public:
  // `pid` is the supervisor itself or the leader of a session.
  void declare(pid_t pid, DeclaredUnit unit);

  // The unit of a process with that pid, session and uid.
  const DeclaredUnit* find(pid_t pid, pid_t session, uid_t uid) const;
  // Grows with every declaration: what was found before it may be outdated.
  uint64_t version() const { return version_; }

 private:
  const DeclaredUnit* lookup(pid_t pid, uid_t uid) const;

  std::unordered_map<pid_t, DeclaredUnit> units_;
  std::deque<pid_t> in_order_;
  uint64_t version_ = 0;
};

}  // namespace logd
