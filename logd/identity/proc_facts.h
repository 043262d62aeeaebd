// What /proc says about a process. Every part may be missing: the process may
// be gone, or belong to somebody whose files we may not read.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace logd {

// Longer command lines are cut: a process with megabytes of arguments must
// not make every one of its entries as large.
inline constexpr size_t kCommandLineBytesMax = 4096;

struct ProcStat {
  pid_t parent = 0;
  pid_t session = 0;
  uint64_t start_ticks = 0;  // since boot; tells a reused pid from the old one
};

struct ProcFacts {
  ProcStat stat{};
  std::string comm{};
  std::string exe{};
  std::string command_line{};    // quoted for a shell, as journald does
  std::string effective_caps{};  // hex, as /proc prints it
  std::string cgroup{};          // path in the unified or systemd hierarchy
  std::string login_uid{};       // audit; empty when unset
  std::string audit_session{};
};

std::string read_small_file(const std::string& path, size_t bytes_max);

std::optional<ProcStat> read_proc_stat(pid_t pid);
// Nothing where the process is gone.
std::optional<ProcFacts> read_proc_facts(pid_t pid);

// NUL-separated arguments to one line that a shell would read back.
std::string quote_command_line(std::string_view arguments);
// The path of systemd's hierarchy in the text of /proc/PID/cgroup.
std::string_view systemd_cgroup(std::string_view cgroup_file);

}  // namespace logd
