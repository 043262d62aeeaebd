#include "logd/intake/entry_sink.h"

#include <unistd.h>

#include "logd/clock.h"

namespace logd {
namespace {

// A field's lengths in a row take no more.
constexpr size_t kFieldExtraBytesMax = 10;
constexpr int kDaemonFacility = 3;

size_t row_bytes_max(const Message& message,
                     const logfmt::WalContext& context) {
  size_t bytes = context.fields.size();
  for (const logfmt::Field& field : message.fields) {
    bytes += field.name.size() + field.value.size() + kFieldExtraBytesMax;
  }
  return bytes;
}

// Whose entries these are, for a person who asks what was dropped.
std::string_view owner_of(const logfmt::WalContext& context) {
  const logfmt::FieldList fields(context.fields);
  for (const auto name : {logfmt::field::kUnit, logfmt::field::kUserUnit,
                          logfmt::field::kIdentifier, logfmt::field::kComm}) {
    if (const auto value = fields.find(name)) return *value;
  }
  return {};
}

}  // namespace

void EntrySink::store(const Message& message, logfmt::WalContext& context,
                      uint64_t realtime_us, pid_t pid) {
  const size_t bytes = row_bytes_max(message, context);
  if (!store_.admits(message.priority, bytes)) {
    store_.count_drop(store_.drop_cause(), owner_of(context), bytes);
    return;
  }
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
}

void EntrySink::commit_rest() {
  if (!store_.frame().empty()) store_.commit();
}

void EntrySink::commit_batch(size_t taken) {
  store_.zone().next().taken = taken;
  store_.commit();
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
  const uint64_t now_us = realtime_us();
  Sender& self = sender({getpid(), geteuid(), getegid()}, now_us);
  store(message,
        context(self, {.transport = "driver",
                       .identifier = "logd",
                       .facility = kDaemonFacility}),
        now_us, getpid());
}

}  // namespace logd
