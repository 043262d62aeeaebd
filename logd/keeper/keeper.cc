#include "logd/keeper/keeper.h"

#include <poll.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <string_view>
#include <utility>

#include "logd/keeper/held_descriptors.h"

namespace logd {
namespace {

using std::chrono::milliseconds;

// Together with a start and a round of both, a sender waits less than 2 s.
constexpr milliseconds kStuckAfter{1'250};
constexpr milliseconds kLookEvery{250};
constexpr milliseconds kRestartDelayMin{10};
constexpr milliseconds kRestartDelayMax{1'000};
// Workers that get ready and die at once, again and again.
constexpr unsigned kRestartsPerSecondMax = 50;
constexpr size_t kMessageBytesMax = 1024;
// Streams come and go by the thousand. Of those that went meanwhile, the
// manager need not know.
constexpr milliseconds kStoreEvery{2};
constexpr milliseconds kStoreDelayMin{10};  // when the manager is busy
constexpr milliseconds kStoreDelayMax{1'000};

sigset_t waited_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, SIGINT, SIGCHLD,
                           sync_signal(), hand_over_signal()}) {
    sigaddset(&set, number);
  }
  return set;
}

// fork(2), but with one table of descriptors for both. Safe as long as this
// process has one thread.
pid_t fork_sharing_descriptors() {
  return static_cast<pid_t>(
      syscall(SYS_clone, CLONE_FILES | SIGCHLD, nullptr, nullptr, nullptr, 0));
}

bool is_readable(int fd) {
  pollfd item{.fd = fd, .events = POLLIN, .revents = 0};
  return fd >= 0 && poll(&item, 1, 0) == 1 && (item.revents & POLLIN) != 0;
}

}  // namespace

int sync_signal() { return SIGRTMIN + 1; }
int hand_over_signal() { return SIGRTMIN + 2; }

void block_daemon_signals() {
  const sigset_t set = waited_signals();
  (void)pthread_sigmask(SIG_BLOCK, &set, nullptr);
  (void)std::signal(SIGPIPE, SIG_IGN);
}

Keeper::Keeper(TakenZone& taken, Notifier manager, FirstReady first_ready)
    : zone_(taken.zone),
      manager_(std::move(manager)),
      store_(zone_, manager_, std::move(taken.stored)),
      first_ready_(std::move(first_ready)) {}

// Once: after an execution that failed everything is still there.
logfmt::Status Keeper::prepare() {
  if (signals_.valid()) return {};
  const sigset_t set = waited_signals();
  signals_.reset(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  std::array<int, 2> ends{};
  if (!signals_.valid() ||
      socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0,
                 ends.data()) != 0) {
    return logfmt::fail_errno("cannot prepare for workers");
  }
  link_.reset(ends[0]);
  worker_link_.reset(ends[1]);
  kept_ = open_descriptors();
  const std::vector<int> held = held_descriptors(zone_);
  std::erase_if(kept_, [&](int fd) {
    return std::find(held.begin(), held.end(), fd) != held.end();
  });
  store_held();
  return {};
}

logfmt::Result<Keeper::Outcome> Keeper::run() {
  LOGD_RETURN_IF_ERROR(prepare());
  while (true) {
    const auto is_worker = start_worker();
    if (!is_worker) return logfmt::fail(is_worker.error());
    if (*is_worker) {
      return Outcome{.is_worker = true,
                     .link = std::move(worker_link_),
                     .kept = kept_,
                     .has_store = store_.exists()};
    }
    LOGD_RETURN_IF_ERROR(watch());
    const bool ended_itself = WIFEXITED(wait_status_);
    const int exit_status = ended_itself ? WEXITSTATUS(wait_status_) : 1;
    zone_.state().last_wait_status = wait_status_;
    if (exit_status != 0) {  // 0: it has said how
      zone_.state().last_end = std::exchange(killed_stuck_, false)
                                   ? WorkerEnd::kStuck
                                   : WorkerEnd::kItself;
    }
    // One that was killed meanwhile has not: the next is told as well.
    if (handing_over_ && ended_itself && exit_status == kHandedOver) {
      handing_over_ = false;
      store_last();
      return Outcome{.hand_over = true};
    }
    // What keeps the first one from starting, the next will meet as well.
    const bool never_ready =
        ended_itself && zone_.state().starts == 1 && first_ready_.call;
    if (stopping_ || never_ready || (ended_itself && exit_status == 0)) {
      store_last();
      return Outcome{.exit_status = exit_status};
    }
    wait_until(restart_at());
  }
}

// True in the worker.
logfmt::Result<bool> Keeper::start_worker() {
  const pid_t keeper = getpid();
  ++zone_.state().starts;
  zone_.state().loop_fd = -1;
  const pid_t child = fork_sharing_descriptors();
  if (child < 0) return logfmt::fail_errno("cannot start a worker");
  if (child > 0) {
    worker_ = child;
    ready_ = false;
    suspect_ = false;
    // What came while there was no worker.
    if (handing_over_) (void)kill(child, hand_over_signal());
    if (stopping_) (void)kill(child, SIGTERM);
    return false;
  }
  // Alone it would serve sockets that nobody can restart it for.
  (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != keeper) _exit(1);
  return true;
}

// A worker that served dies once and is replaced at once.
Keeper::Clock::time_point Keeper::restart_at() {
  const auto now = Clock::now();
  if (!ready_) {
    const auto delay = kRestartDelayMin * (1U << std::min(failures_++, 8U));
    return now + std::min<milliseconds>(delay, kRestartDelayMax);
  }
  failures_ = 0;
  if (now - second_ > std::chrono::seconds(1)) {
    second_ = now;
    restarts_ = 0;
  }
  return ++restarts_ > kRestartsPerSecondMax ? second_ + std::chrono::seconds(1)
                                             : now;
}

void Keeper::wait_until(Clock::time_point moment) {
  while (!stopping_) {
    const auto left =
        std::chrono::ceil<milliseconds>(moment - Clock::now()).count();
    if (left <= 0) return;
    pollfd item{.fd = signals_.get(), .events = POLLIN, .revents = 0};
    (void)poll(&item, 1, static_cast<int>(left));
    on_signals();
  }
}

logfmt::Status Keeper::watch() {
  while (worker_ > 0) {
    const int loop_fd = suspect_ ? -1 : zone_.state().loop_fd.load();
    std::array<pollfd, 3> items{{{signals_.get(), POLLIN, 0},
                                 {link_.get(), POLLIN, 0},
                                 {loop_fd, POLLIN, 0}}};
    (void)poll(items.data(), items.size(), timeout_ms());
    if (items[1].revents != 0) LOGD_RETURN_IF_ERROR(on_messages());
    if (held_changed_ && Clock::now() >= store_at_) store_held();
    on_signals();
    look_after(items[2].revents != 0);
  }
  return {};
}

int Keeper::timeout_ms() const {
  constexpr milliseconds kForEver{-1};
  milliseconds wait = kForEver;
  if (suspect_ && !stopping_ && !handing_over_) wait = kLookEvery;
  if (held_changed_) {
    const auto left = std::chrono::ceil<milliseconds>(store_at_ - Clock::now());
    wait = std::min(wait == kForEver ? left : wait, left);
    wait = std::max(wait, milliseconds(0));
  }
  return static_cast<int>(wait.count());
}

// What the manager does not take now, it is offered later.
void Keeper::store_held() {
  held_changed_ = !store_.update();
  store_delay_ = !held_changed_ ? milliseconds(0)
                                : std::clamp(2 * store_delay_, kStoreDelayMin,
                                             kStoreDelayMax);
  store_at_ = Clock::now() + std::max(store_delay_, kStoreEvery);
}

// What the last worker had to say, and what it has left.
void Keeper::store_last() {
  constexpr int kTries = 100;
  (void)on_messages();
  for (int i = 0; i < kTries && !store_.update(); ++i) {
    (void)poll(nullptr, 0, static_cast<int>(kStoreDelayMin.count()));
  }
}

void Keeper::on_signals() {
  signalfd_siginfo info{};
  while (read(signals_.get(), &info, sizeof info) == sizeof info) {
    on_signal(static_cast<int>(info.ssi_signo));
  }
}

void Keeper::on_signal(int number) {
  if (number == SIGCHLD) return reap();
  if (number == SIGTERM || number == SIGINT) stopping_ = true;
  if (number == hand_over_signal()) handing_over_ = true;
  if (worker_ > 0) (void)kill(worker_, number);
}

// As the first process of a container it gets everybody's children.
void Keeper::reap() {
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid != worker_) continue;
    worker_ = 0;
    wait_status_ = status;
  }
}

logfmt::Status Keeper::on_messages() {
  std::array<char, kMessageBytesMax> bytes;
  while (true) {
    const ssize_t got = recv(link_.get(), bytes.data(), bytes.size(), 0);
    if (got <= 0) return {};
    // One that had no room among these may have said so.
    held_changed_ = true;
    LOGD_RETURN_IF_ERROR(on_message({bytes.data(), static_cast<size_t>(got)}));
  }
}

logfmt::Status Keeper::on_message(std::string_view message) {
  if (message == kHeldChanged) return {};
  if (message.starts_with("READY=1")) {
    ready_ = true;
    store_held();
    if (first_ready_.call) {
      const FirstReady first = std::exchange(first_ready_, {});
      if (auto status = first.call(); !status) {
        if (worker_ > 0) (void)kill(worker_, SIGTERM);
        return status;
      }
      std::erase_if(kept_, [&](int fd) {
        return std::find(first.closes.begin(), first.closes.end(), fd) !=
               first.closes.end();
      });
    }
  }
  (void)manager_.send(message);
  return {};
}

bool Keeper::loop_waits() const {
  return is_readable(zone_.state().loop_fd.load());
}

// Wakes up only while something waits for the worker, every kLookEvery then.
void Keeper::look_after(bool loop_ready) {
  const auto now = Clock::now();
  const uint64_t beats = zone_.state().beats.load();
  if (!suspect_) {
    if (!loop_ready) return;
    suspect_ = true;
    suspect_since_ = now;
    suspect_beats_ = beats;
    return;
  }
  if (worker_ == 0 || stopping_ || handing_over_) return;
  if (now - suspect_since_ < kLookEvery) return;
  if (beats != suspect_beats_) {
    suspect_ = loop_waits();
    suspect_since_ = now;
    suspect_beats_ = beats;
  } else if (!loop_waits()) {
    suspect_ = false;
  } else if (now - suspect_since_ >= kStuckAfter) {
    killed_stuck_ = true;
    (void)kill(worker_, SIGKILL);
    suspect_since_ = now;
  }
}

}  // namespace logd
