// The collector: owns the parts, starts and stops them in order, and is the
// intake thread.
//
//   sockets -> intake (this thread) -> WAL -> encoder thread -> segments
//                                       \-> sync thread     ^
//                                  idle care thread --------/
//   query socket <-> service threads, which ask the others
//
// Signals arrive through a descriptor: HUP reload, USR1 write out, USR2
// rotate, RTMIN+1 sync, TERM and INT drain what is queued and end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "format/store_dir.h"
#include "logd/config.h"
#include "logd/event_log.h"
#include "logd/identity/host_facts.h"
#include "logd/intake/datagram_batch.h"
#include "logd/intake/datagram_socket.h"
#include "logd/intake/entry_sink.h"
#include "logd/intake/event_loop.h"
#include "logd/intake/kmsg_reader.h"
#include "logd/intake/sockets.h"
#include "logd/intake/stream_server.h"
#include "logd/notify.h"
#include "logd/paths.h"
#include "logd/service/daemon_commands.h"
#include "logd/service/intake_calls.h"
#include "logd/service/service.h"
#include "logd/store/encoder.h"
#include "logd/store/store_writer.h"
#include "logd/store/syncer.h"

namespace logd {

struct DaemonOptions {
  Paths paths{};
  Config config{};
  Takeover takeover = Takeover::kAuto;
};

// What start() has opened before there is a Daemon.
struct OpenParts {
  logfmt::StoreDir store;
  EventLoop loop;
  DatagramBatch batch;
};

// Blocks the signals above in this thread and those it starts; before any
// thread is started.
void block_daemon_signals();

class Daemon {
  // Only start() makes one.
  struct Key {
    explicit Key() = default;
  };

 public:
  // Locks and recovers the store, then binds the sockets: who can connect is
  // heard. An error leaves nothing running.
  static logfmt::Result<std::unique_ptr<Daemon>> start(
      const DaemonOptions& options, Notifier notifier);
  Daemon(Key key, const DaemonOptions& options, Notifier notifier,
         OpenParts parts);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Until a signal says stop; then everything queued is stored.
  logfmt::Status run();
  // What a person should know about the start; for stderr.
  const std::vector<std::string>& notes() const { return notes_; }
  // What happened after the last entry was stored; for stderr too.
  const std::vector<std::string>& unsaid() const { return unsaid_; }

 private:
  class SignalSource;
  class OwnEvents;

  logfmt::Status start_store();
  logfmt::Status start_intake();
  void start_kmsg();
  logfmt::Status start_service(logfmt::Fd listener);
  logfmt::Status watch_sockets();
  void on_signal(int number);
  void reload();
  void sync();
  void drain();
  void stop();
  void store_events();
  int timeout_ms() const;
  void post_stopped();

  DaemonOptions options_;
  Notifier notifier_;
  HostFacts host_;
  EventLog events_;
  logfmt::StoreDir store_dir_;
  EventLoop loop_;
  DatagramBatch batch_;
  std::unique_ptr<Encoder> encoder_;
  std::unique_ptr<Syncer> syncer_;
  std::unique_ptr<StoreWriter> store_;
  std::unique_ptr<EntrySink> sink_;
  std::vector<BoundSocket> sockets_;  // their paths; the descriptors moved on
  std::vector<std::unique_ptr<DatagramSocket>> datagrams_;
  std::vector<std::unique_ptr<StreamServer>> streams_;
  std::unique_ptr<KmsgReader> kmsg_;
  std::unique_ptr<SignalSource> signals_;
  std::unique_ptr<OwnEvents> own_events_;
  IntakeCalls calls_;
  std::unique_ptr<DaemonCommands> commands_;
  std::unique_ptr<Service> service_;  // ends before what it asks
  std::vector<std::string> notes_;
  std::vector<std::string> unsaid_;
  bool stopping_ = false;
};

}  // namespace logd
