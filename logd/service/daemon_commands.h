// The commands, carried out by the daemon's parts: what has to be done by the
// intake thread is done there, the waiting is the caller's.
#pragma once

#include <functional>

#include "format/store_dir.h"
#include "logd/intake/entry_sink.h"
#include "logd/service/commands.h"
#include "logd/service/intake_calls.h"
#include "logd/store/encoder.h"
#include "logd/store/store_writer.h"
#include "logd/store/syncer.h"

namespace logd {

struct CommandParts {
  IntakeCalls& intake;
  const logfmt::StoreDir& store;
  StoreWriter& writer;
  EntrySink& sink;
  WalThread& wal;
  Syncer& syncer;
  Encoder& encoder;
  std::function<void()> drain{};  // takes what the sockets hold
};

class DaemonCommands : public Commands {
 public:
  explicit DaemonCommands(const CommandParts& parts) : parts_(parts) {}

  logfmt::Status sync() override;
  logfmt::Status flush() override;
  logfmt::Status rotate() override;
  logfmt::Result<std::string> status() override;

 private:
  logfmt::Status write_out(bool drain);
  logfmt::Status wait_written(uint64_t position);

  CommandParts parts_;
};

}  // namespace logd
