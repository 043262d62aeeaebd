#include "logd/intake/entry_sink.h"

#include <unistd.h>

#include "logd/clock.h"

namespace logd {
namespace {

// A field's lengths in a row take no more.
constexpr size_t kFieldExtraBytesMax = 10;
constexpr int kDaemonFacility = 3;

// Reports are not made more often than this.
constexpr uint64_t kReportEveryUs = 1'000'000;
// All that a full table of drops has to say.
constexpr size_t kReportBytesMax = 128 << 10;

size_t payload_bytes_max(const Message& message) {
  size_t bytes = 0;
  for (const logfmt::Field& field : message.fields) {
    bytes += field.name.size() + field.value.size() + kFieldExtraBytesMax;
  }
  return bytes;
}

}  // namespace

void EntrySink::count_drop(DropCause cause, const logfmt::Owner& owner,
                           const DropAmount& amount) {
  counters_.drops[static_cast<size_t>(cause)] += amount.count;
  store_.drops().add(cause, owner, amount, realtime_us());
}

void EntrySink::refuse(DropCause cause, const DropAmount& amount) {
  if (amount.count > 0) count_drop(cause, {}, amount);
}

void EntrySink::store(const Message& message, SenderContext& context,
                      uint64_t realtime_us, pid_t pid) {
  const size_t bytes = payload_bytes_max(message);
  if (context.limited &&
      !limiter_.admit(context.owner,
                      {.priority = message.priority,
                       .bytes = bytes,
                       .now_us = clock_us(CLOCK_MONOTONIC_COARSE)},
                      context.place)) {
    return count_drop(DropCause::kRateLimit, context.owner, {1, bytes});
  }
  if (!store_.admits(message.priority, bytes + context.fields.size())) {
    return count_drop(store_.drop_cause(), context.owner, {1, bytes});
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

uint64_t EntrySink::report_drops(Report when) {
  DropTable& drops = store_.drops();
  const uint64_t now_us = realtime_us();
  const uint64_t wait_us = drops.wait_us(now_us);
  if (wait_us == UINT64_MAX) return wait_us;
  if (wait_us > 0 && when == Report::kDue) return wait_us;
  const uint64_t since_us = now_us - reported_us_;  // large after a step
  if (since_us < kReportEveryUs && when != Report::kNow) {
    return kReportEveryUs - since_us;
  }
  reported_us_ = now_us;
  if (!store_.admits(0, kReportBytesMax)) return kReportEveryUs;
  for (const Event& event : drops.report()) store_event(event);
  drops.report_stored();  // counts with the entries, by the same commit
  commit();
  return drops.wait_us(now_us);
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
  SenderContext& own = context(self, {.transport = logfmt::kOwnTransport,
                                      .identifier = logfmt::kOwnIdentifier,
                                      .facility = kDaemonFacility});
  if (event.about.kind == logfmt::OwnerKind::kNobody) {
    store(message, own, now_us, getpid());
    return;
  }
  // Said each time: such entries are rare.
  SenderContext about;
  about.fields = own.fields;
  about.limited = false;
  append_object(event.about, about.fields);
  store(message, about, now_us, getpid());
}

}  // namespace logd
