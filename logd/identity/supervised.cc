#include "logd/identity/supervised.h"

#include "logd/identity/proc_facts.h"

namespace logd {
namespace {

constexpr size_t kSessionsMax = 4096;

}  // namespace

void SupervisedSessions::declare(pid_t pid, DeclaredUnit unit) {
  if (!units_.contains(pid)) {
    in_order_.push_back(pid);
    if (in_order_.size() > kSessionsMax) {
      units_.erase(in_order_.front());
      in_order_.pop_front();
    }
  }
  units_.insert_or_assign(pid, std::move(unit));
  ++version_;
}

const DeclaredUnit* SupervisedSessions::find(pid_t pid, pid_t session,
                                             uid_t uid) const {
  if (const DeclaredUnit* unit = lookup(pid, uid)) return unit;
  return lookup(session, uid);
}

const DeclaredUnit* SupervisedSessions::lookup(pid_t pid, uid_t uid) const {
  const auto found = units_.find(pid);
  if (found == units_.end() || found->second.uid != uid) return nullptr;
  // A number that now stands for another process says nothing. A leader that
  // is gone is fine: its number is not given out while its session lives.
  const auto stat = read_proc_stat(pid);
  if (stat && stat->start_ticks != found->second.start_ticks) return nullptr;
  return &found->second;
}

}  // namespace logd
