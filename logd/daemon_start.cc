// How a worker comes to life: in a new landing zone, or in one that another
// worker has left.
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

#include "format/checksum.h"
#include "logd/daemon.h"
#include "logd/keeper/held_descriptors.h"
#include "logd/keeper/keeper.h"
#include "logd/store/free_memory.h"
#include "logd/store/readers_group.h"
#include "logd/store/recovery.h"
#include "logd/store/retention.h"

namespace logd {
namespace {

// A worker whose keeper was killed ends in order, which takes a moment.
logfmt::Status lock_patiently(logfmt::StoreDir& store) {
  constexpr int kTries = 20;
  constexpr std::chrono::milliseconds kBetween{50};
  logfmt::Status status = store.lock();
  for (int i = 1; i < kTries && !status; ++i) {
    std::this_thread::sleep_for(kBetween);
    status = store.lock();
  }
  return status;
}

// The zone has a descriptor of its own: the lock is held as long as one of them
// is open, and a worker that fails to start closes its own.
logfmt::Status take_lock(logfmt::StoreDir& store, ZoneState& state) {
  if (state.lock_fd < 0) {
    LOGD_RETURN_IF_ERROR(lock_patiently(store));
    state.lock_fd = fcntl(store.lock_fd(), F_DUPFD_CLOEXEC, 0);
    return {};
  }
  logfmt::Fd lock(fcntl(state.lock_fd, F_DUPFD_CLOEXEC, 0));
  if (!lock.valid()) return logfmt::fail_errno("cannot take over the lock");
  store.adopt_lock(std::move(lock));
  return {};
}

HeldSocket held(const BoundSocket& socket) {
  HeldSocket held{.fd = socket.fd.get(),
                  .role = static_cast<uint32_t>(socket.role),
                  .has_streams = socket.role == SocketRole::kStream ? 1U : 0U,
                  .device = socket.device,
                  .inode = socket.inode};
  socket.path.copy(held.path.data(), held.path.size() - 1);
  return held;
}

// By itself: a kill from outside says nothing of what it was doing.
bool has_crashed(WorkerEnd end, int wait_status) {
  return end == WorkerEnd::kStuck ||
         (end == WorkerEnd::kItself && WIFSIGNALED(wait_status) &&
          WTERMSIG(wait_status) != SIGKILL);
}

std::string how_it_ended(WorkerEnd end, int status) {
  if (end == WorkerEnd::kStuck) return "stuck";
  if (end == WorkerEnd::kWithKeeper) return "keeper";
  if (WIFEXITED(status) && WEXITSTATUS(status) == kHandedOver) return "upgrade";
  if (WIFSIGNALED(status)) return "signal " + std::to_string(WTERMSIG(status));
  return "exit status " + std::to_string(WEXITSTATUS(status));
}

}  // namespace

logfmt::Result<std::unique_ptr<Daemon>> Daemon::start(DaemonOptions options,
                                                      WorkerStart start) {
  raise_descriptor_limit();
  share_one_heap();
  LandingZone& zone = start.zone;
  zone.begin_worker();
  Strays strays;
  if (zone.state().starts > 1) strays = close_strays(zone, start.kept);
  auto store = logfmt::StoreDir::open_or_create(options.paths.state_dir);
  if (!store) return logfmt::fail(std::move(store.error()));
  LOGD_RETURN_IF_ERROR(take_lock(*store, zone.state()));
  auto loop = EventLoop::create();
  if (!loop) return logfmt::fail(std::move(loop.error()));
  auto daemon =
      std::make_unique<Daemon>(Key{}, std::move(options), std::move(start),
                               OpenParts{std::move(*store), std::move(*loop)});
  daemon->strays_ = std::move(strays);
  auto status = daemon->start_store();
  if (status) {
    status = daemon->start_intake();
    // What recovery found is not found again.
    if (!status) daemon->store_events();
  }
  if (!status) {
    // The sockets are the next worker's: they must not be closed.
    if (daemon->takes_over()) (void)daemon.release();
    return logfmt::fail(std::move(status.error()));
  }
  zone.state().loop_fd = daemon->loop_.fd();
  return daemon;
}

logfmt::Status Daemon::start_store() {
  const StoreConfig& config = options_.config.store;
  if (auto shared = share_with_readers(store_dir_); !shared) {
    notes_.push_back(shared.error().message() + "; only root can read it");
  }
  RecoveryOptions recovery;
  if (resumes()) recovery.resume_boot = host_.boot_id;
  auto found = recover_store(store_dir_, events_, recovery);
  if (!found) return logfmt::fail(std::move(found.error()));
  encoder_ = std::make_unique<Encoder>(store_dir_, config, events_,
                                       std::move(found->encoded));
  std::vector<std::string> unsynced;
  for (ClosedWal& wal : found->wals) {
    if (resumes()) unsynced.push_back(wal.name);
    encoder_->enqueue(std::move(wal));
  }
  syncer_ = std::make_unique<Syncer>(store_dir_, config.sync_interval,
                                     std::move(unsynced));
  const uint64_t file_bytes = found->open_wal ? found->open_wal->bytes() : 0;
  wal_ = std::make_unique<WalThread>(
      WalThreadParts{store_dir_, host_.boot_id, zone_, *syncer_, *encoder_,
                     events_},
      std::move(found->open_wal), found->written_seq);
  store_ = std::make_unique<StoreWriter>(
      StoreWriter::Parts{logfmt::checksum_seed(store_dir_.id()), zone_, *wal_,
                         *syncer_},
      std::max(found->next_seq, zone_.committed().next_seq), file_bytes);
  store_->set_rotate_after(static_cast<uint64_t>(config.rotate_after.count()));
  sink_ = std::make_unique<EntrySink>(*store_, host_, options_.config.limits);
  stream_table_ = std::make_unique<StreamTable>(zone_);
  // What the last worker had counted and was about to say.
  store_->drops().report_lost();
  return watch_own();
}

logfmt::Status Daemon::start_intake() {
  if (zone_.state().sockets_bound != 0) {
    adopt_sockets();
  } else {
    LOGD_RETURN_IF_ERROR(bind_new_sockets());
  }
  LOGD_RETURN_IF_ERROR(watch_sockets());
  if (takes_over()) adopt_streams();
  if (resumes()) {
    post_restarted();
    store_events();  // what comes next may be deadly
    resume_batch(has_crashed(last_end_, zone_.state().last_wait_status));
  }
  for (const auto& server : streams_) server->finish_lost();
  if (geteuid() == 0 && options_.takeover != Takeover::kNo &&
      options_.config.intake.kmsg) {
    start_kmsg();
  }
  if (!resumes()) {
    events_.post({.kind = EventKind::kStarted,
                  .message = "logd " LOGD_VERSION " started"});
  }
  for (const std::string& note : notes_) {
    events_.post({.kind = EventKind::kNotice, .priority = 5, .message = note});
  }
  return {};
}

logfmt::Status Daemon::bind_new_sockets() {
  const bool root = geteuid() == 0;
  if (root && options_.takeover != Takeover::kNo) raise_datagram_queue();
  const uint32_t queue = datagram_queue();
  auto bound = bind_sockets({.runtime_dir = options_.paths.runtime_dir,
                             .intake = options_.config.intake,
                             .takeover = options_.takeover,
                             .root = root,
                             .bound_before = std::move(strays_.bound)});
  if (!bound) return logfmt::fail(std::move(bound.error()));
  notes_.insert(notes_.end(), bound->notes.begin(), bound->notes.end());
  sockets_ = std::move(bound->sockets);
  static_assert(ZoneState::kSocketsMax >= 8, "what bind_sockets() may make");
  for (size_t i = 0; i < ZoneState::kSocketsMax; ++i) {
    zone_.state().sockets[i] =
        i < sockets_.size() ? held(sockets_[i]) : HeldSocket{};
  }
  std::atomic_signal_fence(std::memory_order_release);
  zone_.state().datagram_queue = queue;
  zone_.state().sockets_bound = 1;
  return {};
}

void Daemon::adopt_sockets() {
  for (const HeldSocket& socket : zone_.state().sockets) {
    if (socket.fd < 0) continue;
    sockets_.push_back({.fd = logfmt::Fd(socket.fd),
                        .role = static_cast<SocketRole>(socket.role),
                        .path = socket.path.data(),
                        .device = socket.device,
                        .inode = socket.inode});
  }
}

void Daemon::adopt_streams() {
  if (streams_.empty()) return stream_table_->close_all();
  StreamServer& server = *streams_.front();
  for (KeptStream& kept : stream_table_->kept()) server.adopt(std::move(kept));
  for (logfmt::Fd& connection : strays_.connections) {
    server.adopt(std::move(connection));
  }
}

void Daemon::resume_batch(bool crashed) {
  if (!zone_.batch_is_open()) return;
  if (zone_.state().armed_kind == BatchKind::kStream) {
    StreamConnection* stream =
        streams_.empty() ? nullptr
                         : streams_.front()->find(zone_.state().armed_place);
    if (stream != nullptr) stream->resume_bite(crashed);
    return;
  }
  for (const auto& socket : datagrams_) {
    if (socket->kind() != zone_.state().armed_kind) continue;
    return socket->resume_batch(crashed);
  }
}

void Daemon::post_restarted() {
  const std::string cause =
      how_it_ended(last_end_, zone_.state().last_wait_status);
  const std::string message =
      last_end_ == WorkerEnd::kWithKeeper
          ? "logd was killed and goes on with what the service manager kept"
          : "logd's worker ended (" + cause +
                ") and another one took over; nothing that it had received was "
                "lost";
  events_.post({.kind = EventKind::kRestarted,
                .priority = 4,
                .message = message,
                .fields = {{"CAUSE", cause}}});
}

logfmt::Status Daemon::watch_sockets() {
  for (BoundSocket& socket : sockets_) {
    if (socket.role == SocketRole::kQuery) {
      LOGD_RETURN_IF_ERROR(start_service(std::move(socket.fd)));
    } else if (socket.role == SocketRole::kStream) {
      streams_.push_back(std::make_unique<StreamServer>(
          std::move(socket.fd), options_.config.intake.line_bytes_max, loop_,
          *sink_, *stream_table_));
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
                   .wal = *wal_,
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
  auto reader =
      KmsgReader::open(options_.paths.runtime_dir, host_.boot_id, *sink_);
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

}  // namespace logd
