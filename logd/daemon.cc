#include "logd/daemon.h"

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <csignal>

#include "logd/clock.h"
#include "logd/store/readers_group.h"
#include "logd/store/recovery.h"
#include "logd/store/retention.h"

namespace logd {
namespace {

// The kernel's SIGRTMIN+1 as C libraries number it; a function there.
int sync_signal() { return SIGRTMIN + 1; }

sigset_t daemon_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGHUP, SIGUSR1, SIGUSR2, SIGTERM, SIGINT}) {
    sigaddset(&set, number);
  }
  sigaddset(&set, sync_signal());
  return set;
}

// Every stream is a descriptor.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

bool sockets_differ(const Config& a, const Config& b) {
  return a.intake.syslog != b.intake.syslog ||
         a.intake.native != b.intake.native ||
         a.intake.stdout != b.intake.stdout || a.intake.kmsg != b.intake.kmsg;
}

}  // namespace

class Daemon::SignalSource : public EventSource {
 public:
  explicit SignalSource(Daemon& daemon) : daemon_(daemon) {
    const sigset_t set = daemon_signals();
    fd_.reset(signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK));
  }
  void on_ready() override {
    signalfd_siginfo info{};
    while (read(fd_.get(), &info, sizeof info) == sizeof info) {
      daemon_.on_signal(static_cast<int>(info.ssi_signo));
    }
  }
  int fd() const { return fd_.get(); }

 private:
  Daemon& daemon_;
  logfmt::Fd fd_;
};

class Daemon::OwnEvents : public EventSource {
 public:
  OwnEvents(EventLog& events, EntrySink& sink) : events_(events), sink_(sink) {}
  void on_ready() override {
    for (const Event& event : events_.take()) sink_.store_event(event);
  }

 private:
  EventLog& events_;
  EntrySink& sink_;
};

void block_daemon_signals() {
  const sigset_t set = daemon_signals();
  (void)pthread_sigmask(SIG_BLOCK, &set, nullptr);
  (void)std::signal(SIGPIPE, SIG_IGN);
}

Daemon::Daemon(Key, const DaemonOptions& options, Notifier notifier,
               OpenParts parts)
    : options_(options),
      notifier_(std::move(notifier)),
      host_(read_host_facts()),
      store_dir_(std::move(parts.store)),
      loop_(std::move(parts.loop)),
      batch_(std::move(parts.batch)) {}

Daemon::~Daemon() {
  calls_.close();  // or the service would wait for a loop that has ended
  remove_socket_files(sockets_);
}

logfmt::Result<std::unique_ptr<Daemon>> Daemon::start(
    const DaemonOptions& options, Notifier notifier) {
  raise_descriptor_limit();
  auto store = logfmt::StoreDir::open_or_create(options.paths.state_dir);
  if (!store) return logfmt::fail(std::move(store.error()));
  LOGD_RETURN_IF_ERROR(store->lock());
  auto loop = EventLoop::create();
  if (!loop) return logfmt::fail(std::move(loop.error()));
  auto batch = DatagramBatch::create();
  if (!batch) return logfmt::fail(std::move(batch.error()));
  auto daemon = std::make_unique<Daemon>(
      Key{}, options, std::move(notifier),
      OpenParts{std::move(*store), std::move(*loop), std::move(*batch)});
  LOGD_RETURN_IF_ERROR(daemon->start_store());
  if (auto status = daemon->start_intake(); !status) {
    daemon->store_events();  // what recovery found is not found again
    return logfmt::fail(std::move(status.error()));
  }
  return daemon;
}

logfmt::Status Daemon::start_store() {
  const StoreConfig& config = options_.config.store;
  if (auto shared = share_with_readers(store_dir_); !shared) {
    notes_.push_back(shared.error().message() + "; only root can read it");
  }
  auto found = recover_store(store_dir_, events_);
  if (!found) return logfmt::fail(std::move(found.error()));
  encoder_ = std::make_unique<Encoder>(store_dir_, config, events_,
                                       std::move(found->encoded));
  for (ClosedWal& wal : found->wals) encoder_->enqueue(std::move(wal));
  syncer_ = std::make_unique<Syncer>(store_dir_, config.sync_interval);
  store_ = std::make_unique<StoreWriter>(
      StoreParts{store_dir_, host_.boot_id, *syncer_, *encoder_, events_},
      found->next_seq, found->last_batch_id);
  store_->set_rotate_after(static_cast<uint64_t>(config.rotate_after.count()));
  sink_ = std::make_unique<EntrySink>(*store_, host_);
  own_events_ = std::make_unique<OwnEvents>(events_, *sink_);
  signals_ = std::make_unique<SignalSource>(*this);
  LOGD_RETURN_IF_ERROR(loop_.add(events_.fd(), *own_events_));
  return loop_.add(signals_->fd(), *signals_);
}

logfmt::Status Daemon::start_intake() {
  const bool root = geteuid() == 0;
  if (root && options_.takeover != Takeover::kNo) raise_datagram_queue();
  auto bound = bind_sockets({.runtime_dir = options_.paths.runtime_dir,
                             .intake = options_.config.intake,
                             .takeover = options_.takeover,
                             .root = root});
  if (!bound) return logfmt::fail(std::move(bound.error()));
  notes_.insert(notes_.end(), bound->notes.begin(), bound->notes.end());
  sockets_ = std::move(bound->sockets);
  LOGD_RETURN_IF_ERROR(watch_sockets());
  if (root && options_.takeover != Takeover::kNo &&
      options_.config.intake.kmsg) {
    start_kmsg();
  }
  events_.post({.kind = EventKind::kStarted,
                .message = "logd " LOGD_VERSION " started"});
  for (const std::string& note : notes_) {
    events_.post({.kind = EventKind::kNotice, .priority = 5, .message = note});
  }
  return {};
}

logfmt::Status Daemon::watch_sockets() {
  for (BoundSocket& socket : sockets_) {
    if (socket.role == SocketRole::kQuery) {
      LOGD_RETURN_IF_ERROR(start_service(std::move(socket.fd)));
    } else if (socket.role == SocketRole::kStream) {
      streams_.push_back(std::make_unique<StreamServer>(
          std::move(socket.fd), options_.config.intake.line_bytes_max, loop_,
          *sink_));
      LOGD_RETURN_IF_ERROR(loop_.add(streams_.back()->fd(), *streams_.back()));
    } else {
      const auto protocol = socket.role == SocketRole::kSyslog
                                ? DatagramProtocol::kSyslog
                                : DatagramProtocol::kNative;
      datagrams_.push_back(std::make_unique<DatagramSocket>(
          std::move(socket.fd), protocol, batch_, *sink_));
      LOGD_RETURN_IF_ERROR(
          loop_.add(datagrams_.back()->fd(), *datagrams_.back()));
    }
  }
  return {};
}

// Who may read the files may also ask for the commands.
logfmt::Status Daemon::start_service(logfmt::Fd listener) {
  struct stat status {};
  if (fstat(store_dir_.fd(), &status) != 0) {
    return logfmt::fail_errno("cannot see whose the store is");
  }
  LOGD_RETURN_IF_ERROR(loop_.add(calls_.fd(), calls_));
  commands_ = std::make_unique<DaemonCommands>(
      CommandParts{.intake = calls_,
                   .store = store_dir_,
                   .writer = *store_,
                   .sink = *sink_,
                   .syncer = *syncer_,
                   .encoder = *encoder_,
                   .drain = [this] { drain(); }});
  service_ =
      std::make_unique<Service>(std::move(listener), status.st_gid, *commands_);
  return {};
}

// The kernel's log is the system's, as /dev/log is; a container may not have
// it, and logd is of use without.
void Daemon::start_kmsg() {
  auto reader = KmsgReader::open(options_.paths.runtime_dir, host_.boot_id,
                                 *sink_, events_);
  logfmt::Status status;
  if (reader) {
    kmsg_ = std::move(*reader);
    status = loop_.add(kmsg_->fd(), *kmsg_);
  }
  if (!reader || !status) {
    notes_.push_back((reader ? status.error() : reader.error()).message() +
                     "; the kernel's log is not collected");
  }
}

logfmt::Status Daemon::run() {
  (void)notifier_.ready();
  while (!stopping_) {
    LOGD_RETURN_IF_ERROR(loop_.run_once(timeout_ms()));
    sink_->commit();
    if (realtime_us() >= store_->rotate_at_us()) store_->rotate();
  }
  (void)notifier_.stopping();
  stop();
  return {};
}

int Daemon::timeout_ms() const {
  const uint64_t at_us = store_->rotate_at_us();
  if (at_us == UINT64_MAX) return -1;
  const uint64_t now_us = realtime_us();
  if (at_us <= now_us) return 0;
  return static_cast<int>(
      std::min<uint64_t>((at_us - now_us) / 1000 + 1, INT_MAX));
}

void Daemon::on_signal(int number) {
  if (number == SIGTERM || number == SIGINT) {
    stopping_ = true;
  } else if (number == SIGHUP) {
    reload();
  } else if (number == SIGUSR1) {
    sync();
  } else if (number == SIGUSR2) {
    store_->rotate();
  } else if (number == sync_signal()) {
    drain();
    sync();
  }
}

// What takes effect at once does; sockets are as they were at the start.
void Daemon::reload() {
  (void)notifier_.reloading();
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
  (void)notifier_.ready();
}

void Daemon::sync() {
  sink_->commit();
  syncer_->wait();
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
    for (const auto& server : streams_) any = server->drain_once() || any;
    for (const auto& socket : datagrams_) any = socket->take_batch() > 0 || any;
    sink_->commit();
  }
}

void Daemon::stop() {
  remove_socket_files(sockets_);
  drain();
  for (const auto& server : streams_) server->finish();
  post_stopped();
  store_events();
  // What was asked for by now is done, or said to be off.
  calls_.on_ready();
  calls_.close();
  encoder_->stop();
  service_.reset();
  for (const Event& event : events_.take()) unsaid_.push_back(event.message);
  if (const uint64_t lost = store_->unreported_losses(); lost > 0) {
    unsaid_.push_back(std::to_string(lost) +
                      " entries were lost because the store could not be "
                      "written");
  }
}

void Daemon::store_events() {
  own_events_->on_ready();
  store_->close();
}

void Daemon::post_stopped() {
  const IntakeCounters& counters = sink_->counters();
  events_.post(
      {.kind = EventKind::kStopped,
       .message = "logd stopped after storing " +
                  std::to_string(store_->stored_rows()) + " entries",
       .fields = {
           {"N_ENTRIES", std::to_string(store_->stored_rows())},
           {"N_REFUSED_DATAGRAMS", std::to_string(counters.refused_datagrams)},
           {"N_REFUSED_ENTRIES", std::to_string(counters.refused_entries)},
           {"N_REFUSED_FIELDS", std::to_string(counters.refused_fields)},
           {"N_REFUSED_STREAMS", std::to_string(counters.refused_streams)}}});
}

}  // namespace logd
