#include "logd/run/signal_source.h"

#include <sys/signalfd.h>
#include <unistd.h>

namespace logrun {

logfmt::Result<SignalSource> SignalSource::create(Poller& poller) {
  sigset_t blocked;
  sigemptyset(&blocked);
  for (const int signal : {SIGCHLD, SIGHUP, SIGINT, SIGTERM, SIGQUIT, SIGUSR1,
                           SIGUSR2, SIGWINCH, SIGCONT, SIGPIPE}) {
    sigaddset(&blocked, signal);
  }
  sigset_t original;
  if (sigprocmask(SIG_BLOCK, &blocked, &original) != 0) {
    return logfmt::fail_errno("cannot block signals");
  }
  logfmt::Fd fd(signalfd(-1, &blocked, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd.valid()) return logfmt::fail_errno("cannot create a signalfd");
  LOGD_RETURN_IF_ERROR(poller.watch(fd.get()));
  return SignalSource(std::move(fd), original);
}

std::optional<int> SignalSource::take() {
  signalfd_siginfo info;
  if (read(fd_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

}  // namespace logrun
