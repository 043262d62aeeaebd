#include "logd/intake/datagram_socket.h"

#include <utility>

#include "format/entry.h"
#include "format/limits.h"
#include "logd/clock.h"
#include "logd/intake/claims.h"
#include "logd/intake/crash_text.h"
#include "logd/intake/memory_file.h"
#include "logd/intake/object_fields.h"

namespace logd {
namespace {

constexpr uint64_t kMicrosecondsPerSecond = 1'000'000;
// SYSLOG_RAW may hold all of it once more, and both have to fit an entry.
constexpr size_t kSyslogBytesMax = logfmt::kEntryBytesMax / 2;
// With the fields around it, it has to fit an entry.
constexpr size_t kRawBytesMax = logfmt::kEntryBytesMax - (64 << 10);

}  // namespace

BatchKind DatagramSocket::kind() const {
  return protocol_ == DatagramProtocol::kSyslog ? BatchKind::kSyslog
                                                : BatchKind::kNative;
}

size_t DatagramSocket::take_batch() {
  const auto count = batch_.receive(socket_.get(), kind());
  if (!count) return 0;  // the socket is ours and open: nothing to be done
  meet_senders(*count);
  for (size_t i = 0; i < *count; ++i) {
    take(batch_[i]);
    // Many large ones do not fit the ring at once.
    if (sink_.stage_if_large()) sink_.commit_batch(i + 1);
  }
  if (*count > 0) sink_.commit_batch(*count);
  batch_.release();
  return *count;
}

void DatagramSocket::resume_batch(bool crashed) {
  LandingZone& zone = batch_.zone();
  zone.resume();
  const size_t count = batch_.resume();
  meet_senders(count);
  // One by one: should it happen again, it is known with which.
  if (crashed) ++zone.state().attempts;
  bool deadly = zone.state().attempts > 1;
  for (size_t i = zone.next().taken; i < count; ++i) {
    if (std::exchange(deadly, false)) {
      store_raw(batch_[i]);
      zone.state().attempts = 1;
    } else {
      take(batch_[i]);
    }
    sink_.commit_batch(i + 1);
  }
  batch_.release();
}

// All senders first: one that has only written its line and left may be gone
// by the time the last datagram of the batch is parsed.
void DatagramSocket::meet_senders(size_t count) {
  now_us_ = realtime_us();
  pid_t last = -1;
  for (size_t i = 0; i < count; ++i) {
    const Credentials& sender = batch_[i].sender;
    if (sender.pid != last) (void)sink_.sender(sender, now_us_);
    last = sender.pid;
  }
}

void DatagramSocket::take(const Datagram& datagram) {
  crash_on_test_text(datagram.bytes);
  if (protocol_ == DatagramProtocol::kSyslog) {
    take_syslog(datagram);
  } else {
    take_native(datagram);
  }
}

void DatagramSocket::take_syslog(const Datagram& datagram) {
  if (datagram.truncated || datagram.bytes.empty() ||
      datagram.bytes.size() > kSyslogBytesMax) {
    refuse(datagram);
    return;
  }
  parse_syslog(datagram.bytes, SyslogForm::kLocal,
               {.receive_time_us = datagram.stamp_us,
                .utc_offset_s = utc_offset_s(datagram.stamp_us)},
               message_);
  store(datagram);
}

void DatagramSocket::take_native(const Datagram& datagram) {
  const bool by_file =
      datagram.bytes.empty() && datagram.descriptors.size() == 1;
  const bool refused = datagram.truncated || datagram.excess_descriptors ||
                       (!by_file && !datagram.descriptors.empty()) ||
                       (!by_file && datagram.bytes.empty());
  if (refused) {
    refuse(datagram);
    return;
  }
  if (!by_file) {
    store_native(datagram.bytes, datagram);
    return;
  }
  std::string bytes;
  if (auto status = read_entry_file(datagram.descriptors[0].get(),
                                    datagram.sender.uid == 0, bytes);
      !status) {
    refuse(datagram);
    return;
  }
  store_native(bytes, datagram);
}

void DatagramSocket::store_native(std::string_view bytes,
                                  const Datagram& datagram) {
  NativeCounters counters;
  NativeParser parser(bytes, counters);
  ObjectFields object;  // the message points into it
  while (parser.next(message_)) {
    if (datagram.sender.uid == 0) object.add_to(message_);
    store(datagram);
  }
  sink_.refuse(DropCause::kMalformed, {counters.entries_dropped, 0});
  sink_.refuse(DropCause::kFields, {counters.fields_dropped, 0});
}

// Empty, beyond a limit, or with descriptors that it should not have.
void DatagramSocket::refuse(const Datagram& datagram) {
  sink_.refuse(datagram.truncated || datagram.bytes.size() > kSyslogBytesMax
                   ? DropCause::kTooLarge
                   : DropCause::kMalformed,
               {1, datagram.bytes.size()});
}

void DatagramSocket::store(const Datagram& datagram) {
  Sender& sender = sink_.sender(datagram.sender, now_us_);
  const bool native = protocol_ == DatagramProtocol::kNative;
  // journald leaves out the facility of the kernel, which is 0, for syslog.
  const bool has_facility = native || message_.facility > 0;
  SenderContext& context = sink_.context(
      sender, {.transport = native ? "journal" : "syslog",
               .identifier = message_.identifier,
               .facility = has_facility ? message_.facility : -1});
  sink_.store(message_, context, datagram.stamp_us, datagram.sender.pid);
}

void DatagramSocket::store_raw(const Datagram& datagram) {
  std::string file;
  std::string_view bytes = datagram.bytes;
  if (bytes.empty() && datagram.descriptors.size() == 1 &&
      read_entry_file(datagram.descriptors[0].get(), datagram.sender.uid == 0,
                      file)) {
    bytes = file;
  }
  message_.clear();
  message_.add(logfmt::field::kMessage, bytes.substr(0, kRawBytesMax));
  message_.add(field::kUnparsed, "1");
  store(datagram);
}

int32_t DatagramSocket::utc_offset_s(uint64_t now_us) {
  if (now_us >= utc_offset_until_us_) {
    const auto now = static_cast<time_t>(now_us / kMicrosecondsPerSecond);
    tm local{};
    localtime_r(&now, &local);
    utc_offset_s_ = static_cast<int32_t>(local.tm_gmtoff);
    utc_offset_until_us_ = now_us + kMicrosecondsPerSecond;
  }
  return utc_offset_s_;
}

}  // namespace logd
