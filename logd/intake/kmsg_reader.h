// The kernel's log, from /dev/kmsg.
//
// The number of the last record taken is kept in the runtime directory, beside
// the boot that it belongs to: a restarted daemon goes on where the last one
// stopped, and a rebooted machine begins anew. Records that the kernel
// overwrote before they were read become an entry that counts them.
#pragma once

#include <filesystem>
#include <memory>

#include "logd/intake/entry_sink.h"
#include "logd/intake/event_loop.h"
#include "logd/intake/kmsg_parser.h"

namespace logd {

class KmsgReader : public EventSource {
  // Only open() makes one.
  struct Key {
    explicit Key() = default;
  };
  struct Open {
    logfmt::Fd kmsg;
    logfmt::Fd position;
    logfmt::Id128 boot_id;
  };

 public:
  static logfmt::Result<std::unique_ptr<KmsgReader>> open(
      const std::filesystem::path& runtime_dir, const logfmt::Id128& boot_id,
      EntrySink& sink);

  KmsgReader(Key key, Open open, EntrySink& sink);

  void on_ready() override;
  int fd() const { return kmsg_.get(); }

 private:
  bool take_record();
  void report_missed(uint64_t count);

  logfmt::Fd kmsg_;
  logfmt::Fd position_;
  logfmt::Id128 boot_id_;
  EntrySink& sink_;
  uint64_t next_seq_ = 0;
  KmsgRecord record_;
};

}  // namespace logd
