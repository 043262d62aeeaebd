// One record of /dev/kmsg as a Message; pure.
//
//   "PRIO,SEQ,MICROSECONDS,FLAGS[,...];TEXT\n KEY=VALUE\n KEY=VALUE\n"
//
// Fields as journald 252 names them: SYSLOG_IDENTIFIER=kernel, or the name
// that a process wrote in front of its text; _SOURCE_MONOTONIC_TIMESTAMP;
// _KERNEL_DEVICE and _KERNEL_SUBSYSTEM. Source: the kernel's
// Documentation/ABI/testing/dev-kmsg.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "logd/intake/message.h"

namespace logd {

struct KmsgRecord {
  uint64_t seq = 0;
  uint64_t monotonic_us = 0;
  Message message{};
  // What the message's views may point into.
  std::string monotonic_text{};
  std::string text{};
};

// False where `line` is no record. Clears `out` first.
bool parse_kmsg(std::string_view line, KmsgRecord& out);

}  // namespace logd
