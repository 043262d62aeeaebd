#include "tests/faults/states/failing_calls.h"

#include <algorithm>
#include <cerrno>

namespace logd::faults {
namespace {

int error_of(CallKind kind) {
  switch (kind) {
    case CallKind::kOpen:
    case CallKind::kCreate:
    case CallKind::kList:
      return EMFILE;
    case CallKind::kWrite:
    case CallKind::kReserve:
      return ENOSPC;
    case CallKind::kLock:
      return ENOLCK;
    default:
      return EIO;
  }
}

}  // namespace

bool FailingCalls::is_due(const Call& call) {
  const auto& kinds = fault_.kinds;
  if (paused_ || (!kinds.empty() && std::find(kinds.begin(), kinds.end(),
                                              call.kind) == kinds.end())) {
    return false;
  }
  const size_t number = count_++;
  return number == at_ || (fault_.stays && number > at_);
}

Verdict FailingCalls::before(const Call& call) {
  if (!is_due(call)) return behind_.before(call);
  happened_ = true;
  switch (fault_.effect) {
    case CallFault::Effect::kRefused:
      return {.error = error_of(call.kind)};
    case CallFault::Effect::kInterrupted:
      return {.error = EINTR};
    case CallFault::Effect::kShortened:
      break;
  }
  Verdict verdict = behind_.before(call);
  verdict.bytes_max = std::max<size_t>(1, call.bytes.size() / 2);
  return verdict;
}

}  // namespace logd::faults
