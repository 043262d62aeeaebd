#include "logd/run/uplink.h"

namespace logrun {

Uplink::Uplink(const RunOptions& options, Endpoints endpoints, Poller& poller)
    : endpoints_(std::move(endpoints)), poller_(&poller) {
  header_.identifier = options.identifier;
  header_.unit = options.unit;
  header_.priority = options.priority;
}

LogStream Uplink::open(logd::StreamKind kind, pid_t child_pid) const {
  logd::StreamHeader header = header_;
  // journald expects a boolean where the kind and the pid would be.
  if (!endpoints_.is_journald) {
    header.kind = kind;
    header.child_pid = static_cast<uint32_t>(child_pid);
  }
  return LogStream(endpoints_.stream, header.encode(), *poller_);
}

}  // namespace logrun
