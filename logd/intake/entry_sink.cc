#include "logd/intake/entry_sink.h"

#include <unistd.h>

#include "logd/clock.h"

namespace logd {
namespace {

// A batch that has grown to this is written before the next row.
constexpr size_t kBatchBytesMax = 1 << 20;
constexpr size_t kBatchRowsMax = 4096;
constexpr int kDaemonFacility = 3;

}  // namespace

void EntrySink::store(const Message& message, logfmt::WalContext& context,
                      uint64_t realtime_us, pid_t pid) {
  logfmt::FrameBuilder& frame = store_.frame();
  frame.begin_row(context, {.realtime_us = realtime_us,
                            .pid = static_cast<uint32_t>(pid),
                            .priority = message.priority});
  for (const logfmt::Field& field : message.fields) {
    frame.add_field(field.name, field.value);
  }
  frame.end_row();
  store_.note_priority(message.priority);
  ++counters_.entries;
  if (frame.body_bytes() >= kBatchBytesMax || frame.rows() >= kBatchRowsMax) {
    store_.commit();
  }
}

void EntrySink::store_event(const Event& event) {
  Message& message = event_message_;
  message.clear();
  message.priority = event.priority;
  message.add(logfmt::field::kMessage, event.message);
  message.add("MESSAGE_ID", message_id(event.kind));
  if (const auto name = event_name(event.kind); !name.empty()) {
    message.add("LOGD_EVENT", name);
  }
  for (const auto& [name, value] : event.fields) message.add(name, value);
  if (event.kind == EventKind::kLost) store_.note_loss_report();
  const uint64_t now_us = realtime_us();
  Sender& self = sender({getpid(), geteuid(), getegid()}, now_us);
  logfmt::WalContext& own = context(self, {.transport = logfmt::kOwnTransport,
                                           .identifier = logfmt::kOwnIdentifier,
                                           .facility = kDaemonFacility});
  if (event.about.kind == logfmt::OwnerKind::kNobody) {
    store(message, own, now_us, getpid());
    return;
  }
  // Said each time: such entries are rare.
  logfmt::WalContext about{.fields = own.fields};
  append_object(event.about, about.fields);
  store(message, about, now_us, getpid());
}

}  // namespace logd
