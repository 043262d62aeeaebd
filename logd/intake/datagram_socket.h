// The two datagram inputs: syslog (/dev/log) and journald's native protocol.
#pragma once

#include <string>

#include "logd/intake/datagram_batch.h"
#include "logd/intake/entry_sink.h"
#include "logd/intake/event_loop.h"
#include "logd/intake/native_parser.h"
#include "logd/intake/syslog_parser.h"

namespace logd {

enum class DatagramProtocol : uint8_t { kSyslog, kNative };

class DatagramSocket : public EventSource {
 public:
  // `batch` is shared by the sockets of one thread.
  DatagramSocket(logfmt::Fd socket, DatagramProtocol protocol,
                 DatagramBatch& batch, EntrySink& sink)
      : socket_(std::move(socket)),
        protocol_(protocol),
        batch_(batch),
        sink_(sink) {}

  // Takes one batch.
  void on_ready() override { (void)take_batch(); }
  bool goes_first() const override { return true; }
  // How many datagrams there were.
  size_t take_batch();
  // Takes the batch that a worker left which died over it. `crashed`: it was
  // not killed from outside. The second time that one datagram has made a
  // worker crash, it is stored as it came.
  void resume_batch(bool crashed);
  BatchKind kind() const;
  int fd() const { return socket_.get(); }

 private:
  void meet_senders(size_t count);
  void take(const Datagram& datagram);
  void take_syslog(const Datagram& datagram);
  void take_native(const Datagram& datagram);
  void store_native(std::string_view bytes, const Datagram& datagram);
  void refuse(const Datagram& datagram);
  void store(const Datagram& datagram);
  void store_raw(const Datagram& datagram);
  int32_t utc_offset_s(uint64_t now_us);

  logfmt::Fd socket_;
  DatagramProtocol protocol_;
  DatagramBatch& batch_;
  EntrySink& sink_;
  Message message_;
  uint64_t now_us_ = 0;
  int32_t utc_offset_s_ = 0;
  uint64_t utc_offset_until_us_ = 0;
};

}  // namespace logd
