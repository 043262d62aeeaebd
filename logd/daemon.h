// The worker: owns the parts, starts and stops them in order, and is the
// intake thread.
//
//   sockets -> intake (this thread) -> ring -> WAL thread -> WAL
//   WAL -> encoder thread -> segments <- idle care thread
//     \-> sync thread
//   query socket <-> service threads, which ask the others
//
// What is on its way from a socket to the WAL is in the landing zone, so that
// another worker can go on where this one died.
//
// Signals arrive through a descriptor: HUP reload, USR1 write out, USR2
// rotate, RTMIN+1 sync, TERM and INT drain what is queued and end, RTMIN+2 end
// and leave sockets and streams to the next.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "format/store_dir.h"
#include "logd/config.h"
#include "logd/event_log.h"
#include "logd/identity/host_facts.h"
#include "logd/intake/clock_watch.h"
#include "logd/intake/kmsg_reader.h"
#include "logd/intake/sockets.h"
#include "logd/intake/stream_server.h"
#include "logd/keeper/held_descriptors.h"
#include "logd/notify.h"
#include "logd/paths.h"
#include "logd/service/daemon_commands.h"
#include "logd/service/service.h"
#include "logd/store/store_writer.h"
#include "logd/store/wal_thread.h"
#include "logd/zone/landing_zone.h"

namespace logd {

struct DaemonOptions {
  Paths paths{};
  Config config{};
  Takeover takeover = Takeover::kAuto;
};

struct OpenParts {  // before there is a Daemon
  logfmt::StoreDir store;
  EventLoop loop;
};

struct WorkerStart {  // what the keeper has for it
  LandingZone& zone;
  Notifier notifier{};
  std::vector<int> kept{};  // descriptors to be left alone
  bool has_store = false;   // sockets and streams may outlive the keeper
};

// kLeft: stopped, but sockets and streams are open for the next start.
enum class DaemonEnd { kStopped, kLeft, kHandedOver };

class Daemon {
  // Only start() makes one.
  struct Key {
    explicit Key() = default;
  };

 public:
  // Locks and recovers the store, then binds the sockets: who can connect is
  // heard. In a zone that another worker has left, takes up what it had. An
  // error leaves nothing running.
  static logfmt::Result<std::unique_ptr<Daemon>> start(DaemonOptions options,
                                                       WorkerStart start);
  Daemon(Key key, DaemonOptions options, WorkerStart start, OpenParts parts);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Until a signal says stop; then everything queued is stored.
  logfmt::Result<DaemonEnd> run();
  // What a person should know about the start, and what happened after the last
  // entry was stored; for stderr.
  const std::vector<std::string>& notes() const { return notes_; }
  const std::vector<std::string>& unsaid() const { return unsaid_; }

 private:
  class ClockSource;
  class SignalSource;
  class OwnEvents;

  bool takes_over() const { return zone_.state().starts > 1; }
  bool resumes() const;  // what another worker was at
  logfmt::Status start_store();
  logfmt::Status watch_own();
  logfmt::Status start_intake();
  logfmt::Status bind_new_sockets();
  void adopt_sockets();
  void adopt_streams();
  void resume_batch(bool crashed);
  void post_restarted();
  void start_kmsg();
  logfmt::Status start_service(logfmt::Fd listener);
  logfmt::Status watch_sockets();
  void on_signal(int number);
  void reload();
  void sync_soon();
  void drain();
  void tell_keeper();
  void stop();
  void hand_over();
  void finish_store();
  void store_events();
  int timeout_ms() const;

  DaemonOptions options_;
  LandingZone& zone_;
  WorkerStart start_;
  const pid_t keeper_;
  const WorkerEnd last_end_;  // of the worker before
  Strays strays_;             // of the worker before
  HostFacts host_;
  EventLog events_;
  logfmt::StoreDir store_dir_;
  EventLoop loop_;
  DatagramBatch batch_;
  std::unique_ptr<Encoder> encoder_;
  std::unique_ptr<Syncer> syncer_;
  std::unique_ptr<WalThread> wal_;
  std::unique_ptr<StoreWriter> store_;
  std::unique_ptr<EntrySink> sink_;
  std::unique_ptr<StreamTable> stream_table_;
  std::vector<BoundSocket> sockets_;  // their paths; the descriptors moved on
  std::vector<std::unique_ptr<DatagramSocket>> datagrams_;
  std::vector<std::unique_ptr<StreamServer>> streams_;
  std::unique_ptr<KmsgReader> kmsg_;
  std::unique_ptr<ClockSource> clock_;
  std::unique_ptr<SignalSource> signals_;
  std::unique_ptr<OwnEvents> own_events_;
  IntakeCalls calls_;
  std::unique_ptr<DaemonCommands> commands_;
  std::unique_ptr<Service> service_;  // ends before what it asks
  std::vector<std::string> notes_;
  std::vector<std::string> unsaid_;
  uint64_t report_after_us_ = UINT64_MAX;
  bool stopping_ = false;
  bool handing_over_ = false;
};

}  // namespace logd
