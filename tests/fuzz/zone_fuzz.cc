// A landing zone as a worker may have left it that wrote where it should not
// have, and all that a new one reads there.
//
// Input: a byte that says what the worker had done (Life), then patches of the
// memory, each a byte that says which part (parts_of()), u32 place, u16 length,
// bytes. Only descriptors are always what the kernel or the worker had opened.
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <vector>

#include "format/coding.h"
#include "format/limits.h"
#include "logd/intake/datagram_batch.h"
#include "logd/intake/line_splitter.h"
#include "logd/intake/native_parser.h"
#include "logd/intake/object_fields.h"
#include "logd/intake/stream_line.h"
#include "logd/intake/syslog_parser.h"
#include "logd/keeper/held_descriptors.h"
#include "logd/zone/frame_ring.h"
#include "logd/zone/landing_zone.h"
#include "logd/zone/passed_descriptors.h"
#include "logd/zone/stream_table.h"

namespace {

using logd::BatchKind;
using logd::FrameRing;
using logd::LandingZone;
using logd::StreamTable;

enum Life : uint8_t {
  kFrames = 1,
  kDrops = 2,
  kStreams = 4,
  kBatchKind = 3 << 3,  // BatchKind of a batch under way
  kHalfCommitted = 32,  // of that batch
  kExecuted = 64,       // the keeper has executed itself anew since
};

// Two ends of a connection each, for as long as the process lives.
struct Sockets {
  explicit Sockets(int type) {
    const int on = 1;
    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) !=
            0 ||
        setsockopt(ends[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) {
      __builtin_trap();
    }
  }
  int ends[2];
};

const Sockets& datagrams() {
  static const Sockets sockets(SOCK_DGRAM);
  return sockets;
}

const Sockets& stream() {
  static const Sockets sockets(SOCK_STREAM);
  return sockets;
}

void send(int fd, std::string_view text, bool with_descriptor = false) {
  iovec data{const_cast<char*>(text.data()), text.size()};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
  msghdr header{};
  header.msg_iov = &data;
  header.msg_iovlen = 1;
  if (with_descriptor) {
    header.msg_control = control;
    header.msg_controllen = sizeof control;
    cmsghdr* part = CMSG_FIRSTHDR(&header);
    *part = {.cmsg_len = CMSG_LEN(sizeof(int)),
             .cmsg_level = SOL_SOCKET,
             .cmsg_type = SCM_RIGHTS};
    std::memcpy(CMSG_DATA(part), &fd, sizeof fd);
  }
  if (sendmsg(fd, &header, 0) < 0) __builtin_trap();
}

void leave_frames(LandingZone& zone) {
  FrameRing ring(zone.ring(), zone.state().ring_tail, 0);
  for (const uint64_t seq : {1, 4, 7}) {
    ring.stage({.bytes = std::string(200 * seq, 'f'),
                .rows = 3,
                .first_seq = seq,
                .marks = logd::RingFrame::kUrgent});
  }
  zone.next().ring_head = ring.head();
  zone.next().next_seq = 10;
}

void leave_drops(LandingZone& zone) {
  logd::DropTable& drops = zone.next().drops;
  for (const char* name : {"bot.service", "web.service"}) {
    drops.add(logd::DropCause::kNoSpace,
              {.kind = logfmt::OwnerKind::kUnit, .name = name}, {3, 99}, 17);
  }
  if (drops.report().size() != 2) __builtin_trap();
}

void leave_streams(LandingZone& zone, std::string_view bite) {
  StreamTable table(zone);
  logd::StreamHead head{.fd = stream().ends[1]};
  const auto place = table.take(head);
  if (!place) __builtin_trap();
  std::memcpy(zone.bite().data(), bite.data(), bite.size());
  head.held = 1;
  head.header_bytes = static_cast<uint32_t>(bite.find("half"));
  head.line_bytes = static_cast<uint32_t>(bite.size()) - head.header_bytes;
  table.change({.place = *place,
                .head = head,
                .header_bytes = head.header_bytes,
                .line_at = head.header_bytes,
                .line_bytes = head.line_bytes});
}

void receive(LandingZone& zone, BatchKind kind) {
  zone.arm(kind, LandingZone::kControlBytes);
  if (kind == BatchKind::kStream) {
    send(stream().ends[0], "and its end\nmore", true);
    (void)recvmmsg(stream().ends[1], &zone.bite_header(), 1, 0, nullptr);
    return;
  }
  const int fd = datagrams().ends[0];
  send(fd, "<13>Nov 22 10:00:00 tag[17]: text");
  send(fd, "", true);
  send(fd, "MESSAGE=text\nOBJECT_PID=1\nX\n\3\0\0\0\0\0\0\0a\nb\n");
  (void)recvmmsg(datagrams().ends[1], zone.headers().data(), 3, 0, nullptr);
}

void live(LandingZone& zone, uint8_t life) {
  if ((life & kFrames) != 0) leave_frames(zone);
  if ((life & kDrops) != 0) leave_drops(zone);
  if ((life & kStreams) != 0) {
    leave_streams(zone, "tag\nunit\n6\n1\n0\n0\n0\nhalf a line");
  }
  zone.commit();
  const auto kind = static_cast<BatchKind>((life & kBatchKind) >> 3);
  if (kind != BatchKind::kNone) receive(zone, kind);
  if ((life & kHalfCommitted) != 0) {
    zone.next().taken = 1;
    zone.commit();
  }
}

void close_received(const LandingZone& zone) {
  for (size_t i = 0; i <= LandingZone::kDatagrams; ++i) {
    logd::for_each_descriptor(zone.control(i), ::close);
  }
}

std::array<std::span<char>, 8> parts_of(LandingZone& zone) {
  const auto bytes_of = [](auto& first, size_t count) {
    return std::span(reinterpret_cast<char*>(&first), sizeof first * count);
  };
  return {bytes_of(zone.state(), 1),
          bytes_of(zone.headers()[0], LandingZone::kDatagrams + 1),
          bytes_of(*static_cast<char*>(zone.headers()[0].msg_hdr.msg_control),
                   LandingZone::kControlBytes * (LandingZone::kDatagrams + 1)),
          zone.bite(),
          zone.ring(),
          bytes_of(zone.stream(0), logd::kStreamPlaces),
          zone.stream_text(0),
          zone.slot(0)};
}

void patch(LandingZone& zone, logfmt::Decoder& in) {
  const auto parts = parts_of(zone);
  while (in.ok() && !in.at_end()) {
    const std::span<char> part = parts[in.fixed<uint8_t>() % parts.size()];
    const size_t place = in.fixed<uint32_t>() % part.size();
    const std::string_view bytes = in.bytes(in.fixed<uint16_t>());
    bytes.copy(part.data() + place, part.size() - place);
  }
}

// In place of those that the patches name. What was opened; some of it will be
// closed already.
std::vector<int> open_received(LandingZone& zone) {
  static const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  std::vector<int> opened;
  const auto replace = [&](int type, std::span<const char> data) {
    if (type != SCM_RIGHTS) return;
    for (; data.size() >= sizeof(int); data = data.subspan(sizeof(int))) {
      opened.push_back(dup(null));
      std::memcpy(const_cast<char*>(data.data()), &opened.back(), sizeof(int));
    }
  };
  for (size_t i = 0; i <= LandingZone::kDatagrams; ++i) {
    logd::for_each_part(zone.control(i), replace);
  }
  return opened;
}

// As a program would be surprised to find that it reads beyond the memory.
void look_at(std::string_view bytes) {
  static volatile size_t seen = 0;
  if (!bytes.empty()) seen = seen + bytes.front() + bytes.back();
}

void read_ring(LandingZone& zone) {
  const uint64_t head = zone.committed().ring_head;
  FrameRing taker(zone.ring(), zone.state().ring_tail, head);
  while (const auto frame = taker.at(taker.tail(), head)) {
    const auto within = zone.ring();
    if (frame->bytes.data() < within.data() ||
        frame->bytes.data() + frame->bytes.size() >
            within.data() + within.size() ||
        frame->end <= taker.tail()) {
      __builtin_trap();
    }
    look_at(frame->bytes);
    taker.take_out(frame->end);
  }
  if (taker.tail() < head) taker.take_out(head);
  FrameRing stager(zone.ring(), zone.state().ring_tail, taker.tail());
  if (!stager.fits(100)) __builtin_trap();
  stager.stage({.bytes = std::string(100, 'n'), .rows = 1});
  const auto staged = taker.at(taker.tail(), stager.head());
  if (!staged || staged->bytes.size() != 100) __builtin_trap();
}

void read_stream(std::string_view header, std::string_view line,
                 std::string_view bite) {
  logd::StreamHeaderParser parser;
  logd::LineSplitter lines(100);
  logd::Message message;
  lines.resume(line);
  const std::string all = std::string(header) + std::string(bite);
  lines.feed(all, [&](std::string_view text, logd::LineBreak reason) {
    if (!parser.complete() && !parser.take_line(text)) return;
    parse_stream_line(text, reason, parser.header(), message);
  });
}

void read_streams(LandingZone& zone, std::string_view bite) {
  StreamTable table(zone);
  const auto kept = table.kept();
  // There is one connection, and its other end.
  if (kept.size() > 2) __builtin_trap();
  for (const logd::KeptStream& stream : kept) {
    if (stream.line.size() > zone.line_bytes()) __builtin_trap();
    read_stream(stream.header, stream.line, bite);
  }
  if (!table.take({})) __builtin_trap();
}

void read_drops(LandingZone& zone) {
  logd::DropTable& drops = zone.next().drops;
  drops.report_lost();
  const uint64_t total = drops.total();
  drops.add(logd::DropCause::kFields, {}, {1, 1}, 20);
  if (drops.total() != total + 1) __builtin_trap();
  for (const logd::Event& event : drops.report()) look_at(event.message);
  drops.report_stored();
  if (!drops.empty()) __builtin_trap();
}

void parse(BatchKind kind, const logd::Datagram& datagram) {
  logd::Message message;
  if (kind == BatchKind::kSyslog) {
    parse_syslog(datagram.bytes, logd::SyslogForm::kLocal,
                 {.receive_time_us = datagram.stamp_us}, message);
    return;
  }
  logd::NativeCounters counters;
  logd::NativeParser parser(datagram.bytes, counters);
  while (parser.next(message)) look_at(message.fields.front().value);
}

void read_batch(LandingZone& zone) {
  zone.resume();
  const BatchKind kind = zone.state().armed_kind;
  if (kind == BatchKind::kStream) {
    logd::for_each_descriptor(zone.control(LandingZone::kDatagrams), ::close);
    return;
  }
  logd::DatagramBatch batch(zone);
  const size_t count = batch.resume();
  for (size_t i = zone.next().taken; i < count; ++i) parse(kind, batch[i]);
  batch.release();
}

void take_over(LandingZone& zone) {
  zone.begin_worker();
  if (logd::held_descriptors(zone).size() > (1 << 16)) __builtin_trap();
  read_ring(zone);
  read_drops(zone);
  const size_t bite_bytes =
      std::min<size_t>(zone.bite_header().msg_len, zone.bite().size());
  read_streams(zone, {zone.bite().data(), bite_bytes});
  if (zone.batch_is_open()) read_batch(zone);
  // It goes on.
  for (int i = 0; i < 3; ++i) {
    zone.commit();
    zone.arm(BatchKind::kSyslog, LandingZone::kControlBytes);
    send(datagrams().ends[0], "new");
    const auto headers = zone.headers();
    if (recvmmsg(datagrams().ends[1], headers.data(), 2, 0, nullptr) != 1 ||
        zone.received() != 1 || !zone.batch_is_open()) {
      __builtin_trap();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  logfmt::Decoder in({reinterpret_cast<const char*>(data), size});
  auto zone = LandingZone::create(0);
  if (!zone) __builtin_trap();
  const auto life = in.fixed<uint8_t>();
  live(*zone, life);
  close_received(*zone);
  patch(*zone, in);
  const std::vector<int> opened = open_received(*zone);
  if ((life & kExecuted) == 0) {
    take_over(*zone);
  } else if (auto again = LandingZone::attach(logfmt::Fd(dup(zone->fd())))) {
    take_over(*again);
  }
  for (const int fd : opened) (void)close(fd);
  return 0;
}
