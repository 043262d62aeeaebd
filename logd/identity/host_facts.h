// What is the same for all entries of a machine at a time.
#pragma once

#include <string>

#include "format/id128.h"

namespace logd {

struct HostFacts {
  std::string hostname{};
  logfmt::Id128 boot_id{};
  logfmt::Id128 machine_id{};  // zero where the machine has none
};

// Reads the kernel's boot id, the host name and /etc/machine-id. Without a
// boot id (no /proc) a random one stands for this run.
HostFacts read_host_facts();
// The name alone, which may change while the daemon runs.
std::string read_hostname();

}  // namespace logd
