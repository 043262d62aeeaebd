// Goes into the background, the classic way, and keeps a pid file.
//
// daemonize() forks twice with a session of its own between, so that the
// daemon has no terminal and can never get one. The process that the person
// started waits until the daemon says how its start went, and returns that:
// when it ends with status 0, the sockets accept. Call it before any thread
// is started and with all paths absolute; the daemon works in "/".
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "format/file.h"
#include "format/result.h"

namespace logd {

// The daemon's line to the process that waits for it. One of the two calls is
// made, once; if the daemon dies before, the waiting process reports that.
// Made without a line, as in the foreground, it does nothing.
class StartReport {
 public:
  StartReport() = default;
  explicit StartReport(logfmt::Fd line) : line_(std::move(line)) {}

  // Also lets go of the terminal: stdout and stderr become /dev/null, which
  // until now could still carry warnings.
  logfmt::Status ready();
  // -1 where nobody waits.
  int fd() const { return line_.get(); }
  // The waiting process will end with this status and text, cut to 4 KiB.
  logfmt::Status failed(int exit_status, std::string_view text);

 private:
  logfmt::Status send(int exit_status, std::string_view text);

  logfmt::Fd line_;
};

struct Daemonized {
  bool waited = false;   // this is the first process; its work is done
  int exit_status = 0;   // and this is how it should end,
  std::string error{};   // after it has printed this, if any
  StartReport report{};  // for the daemon
};

logfmt::Result<Daemonized> daemonize();

// A file with this process's id in it, locked as long as the process and its
// children live. A file that nobody has locked is a leftover and is taken
// over. The destructor removes it, in the process that created it only.
class PidFile {
 public:
  static logfmt::Result<PidFile> create(const std::filesystem::path& path);
  PidFile(PidFile&& other) noexcept;
  PidFile& operator=(PidFile&&) = delete;
  ~PidFile();

 private:
  PidFile(std::filesystem::path path, logfmt::Fd fd);

  std::filesystem::path path_;
  logfmt::Fd fd_;
  pid_t owner_;
};

}  // namespace logd
