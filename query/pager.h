// The pager between logq and a terminal.
//
// choose_pager() decides, without side effects; Pager runs the choice. The
// text given to a pager is escaped already (OutputOptions::text.terminal), so
// less may pass colours through (-R).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "format/file.h"
#include "format/result.h"
#include "query/environment.h"

namespace logq {

struct PagerChoice {
  std::string command;  // for sh -c
  std::string less;     // value of LESS
  bool secure = false;  // LESSSECURE=1: the user has borrowed rights
};

struct PagerRequest {
  bool disabled = false;  // --no-pager
  bool follow = false;
  bool at_end = false;  // -e
};

// LOGQ_PAGER, PAGER, else less where it is installed. None when stdout is no
// terminal or a dumb one, when following, and for "cat".
std::optional<PagerChoice> choose_pager(const PagerRequest& request,
                                        const Environment& environment);

class Pager {
 public:
  // From then on SIGINT is the pager's business.
  static logfmt::Result<Pager> start(const PagerChoice& choice);

  Pager(Pager&&) = default;
  Pager& operator=(Pager&&) = delete;
  ~Pager() { wait(); }

  int fd() const { return fd_.get(); }
  // Closes the pipe and returns when the user has left the pager.
  void wait();

 private:
  Pager(pid_t pid, logfmt::Fd fd) : pid_(pid), fd_(std::move(fd)) {}

  pid_t pid_;
  logfmt::Fd fd_;
};

}  // namespace logq
