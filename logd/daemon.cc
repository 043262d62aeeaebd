#include "logd/daemon.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>

#include "logd/clock.h"
#include "logd/intake/intake_pace.h"
#include "logd/keeper/keeper.h"

namespace logd {
namespace {

std::array<int, 7> worker_signals() {
  return {SIGHUP, SIGUSR1,       SIGUSR2,           SIGTERM,
          SIGINT, sync_signal(), hand_over_signal()};
}

bool sockets_differ(const Config& a, const Config& b) {
  return a.intake.syslog != b.intake.syslog ||
         a.intake.native != b.intake.native ||
         a.intake.stdout != b.intake.stdout || a.intake.kmsg != b.intake.kmsg;
}

}  // namespace

// Signals come through a pipe. A signalfd would not do: it is readable only for
// the process that asks, and the keeper, which polls the worker's epoll, would
// take the news of a signal away from it.
class Daemon::SignalSource : public EventSource {
 public:
  explicit SignalSource(Daemon& daemon) : daemon_(daemon) {
    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) return;
    read_end_.reset(ends[0]);
    write_end_.reset(ends[1]);
    pipe_ = write_end_.get();
    struct sigaction action {};
    action.sa_handler = note;
    action.sa_flags = SA_RESTART;
    for (const int number : worker_signals()) {
      (void)sigaction(number, &action, nullptr);
    }
  }
  // Of the thread that may be interrupted; the others have them blocked.
  static void unblock() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : worker_signals()) sigaddset(&set, number);
    (void)pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
  }
  void on_ready() override {
    uint8_t number = 0;
    while (read(read_end_.get(), &number, 1) == 1) daemon_.on_signal(number);
  }
  int fd() const { return read_end_.get(); }

 private:
  static void note(int number) {
    const int error = errno;
    const auto byte = static_cast<uint8_t>(number);
    (void)!write(pipe_, &byte, 1);
    errno = error;
  }

  static inline volatile int pipe_ = -1;

  Daemon& daemon_;
  logfmt::Fd read_end_;
  logfmt::Fd write_end_;
};

// Entries' monotonic times are told from the offset between the clocks.
class Daemon::ClockSource : public EventSource {
 public:
  ClockSource(EventLog& events, StoreWriter& store)
      : watch_(events), store_(store) {
    store_.set_clock_offset_us(watch_.offset_us());
  }
  void on_ready() override {
    watch_.on_ready();
    store_.set_clock_offset_us(watch_.offset_us());
  }
  bool goes_first() const override { return true; }
  int fd() const { return watch_.fd(); }

 private:
  ClockWatch watch_;
  StoreWriter& store_;
};

class Daemon::OwnEvents : public EventSource {
 public:
  OwnEvents(EventLog& events, EntrySink& sink) : events_(events), sink_(sink) {}
  void on_ready() override {
    for (const Event& event : events_.take()) sink_.store_event(event);
    sink_.commit_rest();
  }

 private:
  EventLog& events_;
  EntrySink& sink_;
};

Daemon::Daemon(Key, DaemonOptions options, WorkerStart start, OpenParts parts)
    : options_(std::move(options)),
      zone_(start.zone),
      start_(std::move(start)),
      keeper_(getppid()),
      last_end_(std::exchange(zone_.state().last_end, WorkerEnd::kItself)),
      host_(read_host_facts()),
      store_dir_(std::move(parts.store)),
      loop_(std::move(parts.loop)),
      batch_(zone_) {}

Daemon::~Daemon() {
  calls_.close();  // or the service would wait for a loop that has ended
  remove_socket_files(sockets_);
}

logfmt::Status Daemon::watch_own() {
  clock_ = std::make_unique<ClockSource>(events_, *store_);
  if (clock_->fd() >= 0) {
    LOGD_RETURN_IF_ERROR(loop_.add(clock_->fd(), *clock_));
  }
  own_events_ = std::make_unique<OwnEvents>(events_, *sink_);
  signals_ = std::make_unique<SignalSource>(*this);
  LOGD_RETURN_IF_ERROR(loop_.add(events_.fd(), *own_events_));
  return loop_.add(signals_->fd(), *signals_);
}

logfmt::Result<DaemonEnd> Daemon::run() {
  SignalSource::unblock();
  tell_keeper();
  (void)start_.notifier.ready();
  IntakePace pace(zone_.state().datagram_queue);
  while (!stopping_ && !handing_over_) {
    zone_.state().beats.fetch_add(1, std::memory_order_relaxed);
    LOGD_RETURN_IF_ERROR(loop_.run_once(timeout_ms()));
    tell_keeper();
    sink_->commit_rest();
    if (pace.rest(sink_->counters().entries)) encoder_->note_intake_busy();
    report_after_us_ =
        sink_->report_drops(store_->take_recovered() ? EntrySink::Report::kSoon
                                                     : EntrySink::Report::kDue);
    if (realtime_us() >= store_->rotate_at_us()) (void)store_->rotate();
  }
  if (handing_over_) {
    hand_over();
    return DaemonEnd::kHandedOver;
  }
  (void)start_.notifier.stopping();
  stop();
  return start_.has_store ? DaemonEnd::kLeft : DaemonEnd::kStopped;
}

bool Daemon::resumes() const {
  return takes_over() && last_end_ != WorkerEnd::kStopped;
}

void Daemon::tell_keeper() {
  if (stream_table_->take_changed() && start_.has_store) {
    (void)start_.notifier.send(kHeldChanged);
  }
}

int Daemon::timeout_ms() const {
  const uint64_t at_us = store_->rotate_at_us();
  uint64_t left_us = report_after_us_;
  if (at_us != UINT64_MAX) {
    const uint64_t now_us = realtime_us();
    left_us = std::min(left_us, at_us - std::min(at_us, now_us));
  }
  if (left_us == UINT64_MAX) return -1;
  return static_cast<int>(std::min<uint64_t>((left_us + 999) / 1000, INT_MAX));
}

void Daemon::on_signal(int number) {
  if (number == SIGTERM || number == SIGINT) {
    stopping_ = true;
  } else if (number == hand_over_signal()) {
    handing_over_ = true;
  } else if (number == SIGHUP) {
    reload();
  } else if (number == SIGUSR1) {
    sync_soon();
  } else if (number == SIGUSR2) {
    (void)store_->rotate();
  } else if (number == sync_signal()) {
    drain();
    sync_soon();
  }
}

// What takes effect at once does; sockets are as they were at the start.
void Daemon::reload() {
  (void)start_.notifier.reloading();
  auto config = load_config(options_.paths.config);
  if (!config) {
    events_.post({.kind = EventKind::kRejectedConfig,
                  .priority = 3,
                  .message = "the configuration was not reloaded, the old one "
                             "stays: " +
                             config.error().message()});
  } else {
    const bool needs_restart = sockets_differ(*config, options_.config);
    options_.config = *config;
    syncer_->set_interval(config->store.sync_interval);
    encoder_->set_config(config->store);
    sink_->limiter().set_config(config->limits);
    store_->set_rotate_after(
        static_cast<uint64_t>(config->store.rotate_after.count()));
    for (const auto& server : streams_) {
      server->set_line_bytes_max(config->intake.line_bytes_max);
    }
    events_.post({.kind = EventKind::kReloaded,
                  .message = needs_restart
                                 ? "the configuration was reloaded; which "
                                   "inputs are served changes when logd is "
                                   "restarted"
                                 : "the configuration was reloaded"});
  }
  (void)start_.notifier.ready();
}

// Nobody waits for it: a signal has no answer.
void Daemon::sync_soon() {
  sink_->commit();
  syncer_->sync_soon();
}

// Everything that was sent before now, but not what a flood goes on sending.
void Daemon::drain() {
  constexpr uint64_t kDrainUsMax = 10'000'000;
  // Longer than any queue of the kernel: 16384 datagrams, 16 MiB of a stream.
  constexpr int kRoundsMax = 256;
  const uint64_t until_us = monotonic_us() + kDrainUsMax;
  bool any = true;
  for (int i = 0; any && i < kRoundsMax && monotonic_us() < until_us; ++i) {
    any = false;
    zone_.state().beats.fetch_add(1, std::memory_order_relaxed);
    // Without a keeper, nobody would store a new connection. It can wait.
    const bool accepts = !start_.has_store || getppid() == keeper_;
    for (const auto& server : streams_) {
      any = server->drain_once(accepts) || any;
    }
    for (const auto& socket : datagrams_) any = socket->take_batch() > 0 || any;
    sink_->commit();
    tell_keeper();
  }
}

// Where a service manager keeps descriptors it may close them all now, or start
// logd again: nothing is to be lost by the one, nor closed by the other.
void Daemon::stop() {
  if (!start_.has_store) remove_socket_files(sockets_);
  drain();
  for (const auto& server : streams_) {
    start_.has_store ? server->end_lines() : server->finish();
  }
  events_.post(
      {.kind = EventKind::kStopped,
       .message = "logd stopped after storing " +
                  std::to_string(store_->stored_rows()) + " entries",
       .fields = {{"N_ENTRIES", std::to_string(store_->stored_rows())}}});
  store_events();
  // What was asked for by now is done, or said to be off.
  calls_.on_ready();
  calls_.close();
  finish_store();
  service_.reset();
  // What the disk did not take is the next one's, as after a crash.
  if (store_->next_seq() == wal_->next_seq()) {
    zone_.state().last_end = WorkerEnd::kStopped;
  }
}

// What is in the sockets stays there, and streams stay what they are. Nothing
// is closed.
void Daemon::hand_over() {
  store_events();
  calls_.on_ready();
  calls_.close();
  finish_store();
}

void Daemon::finish_store() {
  wal_->stop();
  syncer_->wait();
  encoder_->stop();
  for (const Event& event : events_.take()) unsaid_.push_back(event.message);
  if (handing_over_) return;  // the next worker goes on with the rest
  const uint64_t unwritten = store_->next_seq() - wal_->next_seq();
  const uint64_t dropped = store_->drops().total();
  if (unwritten + dropped == 0) return;
  unsaid_.push_back(std::to_string(unwritten + dropped) +
                    " entries were not stored: the disk did not take them");
}

void Daemon::store_events() {
  own_events_->on_ready();
  (void)sink_->report_drops(EntrySink::Report::kNow);
  sink_->commit();
}

}  // namespace logd
