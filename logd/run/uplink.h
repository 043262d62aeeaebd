// The streams of one logrun: the same daemon, unit, identifier and priority.
#pragma once

#include <sys/types.h>

#include "logd/intake/stream_header.h"
#include "logd/run/endpoints.h"
#include "logd/run/log_stream.h"
#include "logd/run/options.h"
#include "logd/run/poller.h"

namespace logrun {

class Uplink {
 public:
  // `poller` outlives the streams.
  Uplink(const RunOptions& options, Endpoints endpoints, Poller& poller);

  // `child_pid` 0: nobody's child, logrun's own input.
  LogStream open(logd::StreamKind kind, pid_t child_pid) const;
  const Endpoints& endpoints() const { return endpoints_; }

 private:
  logd::StreamHeader header_{};
  Endpoints endpoints_;
  Poller* poller_;
};

}  // namespace logrun
