// A connection of stream_server.h: bites, header, lines.
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>

#include "logd/clock.h"
#include "logd/identity/cgroup_unit.h"
#include "logd/identity/proc_facts.h"
#include "logd/intake/claims.h"
#include "logd/intake/crash_text.h"
#include "logd/intake/stream_line.h"
#include "logd/intake/stream_server.h"
#include "logd/zone/passed_descriptors.h"

namespace logd {
namespace {

constexpr size_t kControlBytes = CMSG_SPACE(sizeof(ucred)) + 64;
static_assert(kControlBytes <= LandingZone::kControlBytes);

Credentials credentials_of(const StreamPeer& peer) {
  return {peer.pid, peer.uid, peer.gid};
}

StreamPeer peer_of(const Credentials& credentials) {
  return {credentials.pid, credentials.uid, credentials.gid};
}

Credentials writer_of(std::span<const char> control, const Credentials& peer) {
  Credentials found = peer;
  for_each_part(control, [&](int type, std::span<const char> data) {
    if (type != SCM_CREDENTIALS || data.size() != sizeof(ucred)) return;
    ucred writer{};
    std::memcpy(&writer, data.data(), sizeof writer);
    found = {writer.pid, writer.uid, writer.gid};
  });
  return found;
}

}  // namespace

StreamConnection::StreamConnection(logfmt::Fd socket, const Credentials& peer,
                                   StreamServer& server)
    : socket_(std::move(socket)),
      server_(server),
      peer_(peer),
      writer_(peer),
      subject_(peer),
      lines_(server.line_bytes_max_),
      stream_id_(logfmt::Id128::random()),
      stream_id_text_(stream_id_.hex()) {}

StreamConnection::StreamConnection(KeptStream kept, StreamServer& server)
    : socket_(kept.head.fd),
      server_(server),
      place_(kept.place),
      peer_(credentials_of(kept.head.peer)),
      writer_(credentials_of(kept.head.writer)),
      subject_(peer_),
      lines_(server.line_bytes_max_),
      stream_id_{kept.head.id},
      stream_id_text_(stream_id_.hex()) {
  std::string_view header = kept.header;
  (void)take_header(header);
  if (kept.head.subject > 0) subject_.pid = kept.head.subject;
  lines_.resume(kept.line);
}

StreamHead StreamConnection::head() const {
  return {.fd = socket_.get(),
          .held = 1,
          .header_bytes = static_cast<uint32_t>(header_bytes_),
          .line_bytes = static_cast<uint32_t>(lines_.pending_bytes()),
          .peer = peer_of(peer_),
          .writer = peer_of(writer_),
          .subject = subject_.pid,
          .id = stream_id_.bytes};
}

void StreamConnection::on_ready() { (void)read_once(); }

bool StreamConnection::read_once() {
  const Bite bite = take_bite();
  if (bite == Bite::kClosed) server_.close(*this);  // *this is gone
  return bite == Bite::kTaken;
}

StreamConnection::Bite StreamConnection::take_bite() {
  LandingZone& zone = server_.sink_.zone();
  zone.arm(BatchKind::kStream, kControlBytes, place_);
  // Before the bytes are taken: who waits for that must not be able to send
  // something with an earlier stamp.
  now_us_ = realtime_us();
  const int got = recvmmsg(socket_.get(), &zone.bite_header(), 1,
                           MSG_DONTWAIT | MSG_CMSG_CLOEXEC, nullptr);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Bite::kNothing;
  if (got <= 0 || zone.bite_header().msg_len == 0) {
    finish();
    return Bite::kClosed;
  }
  // One that is sent along has no meaning here and must not stay open.
  for_each_descriptor(zone.control(LandingZone::kDatagrams), ::close);
  return take_received();
}

StreamConnection::Bite StreamConnection::take_received() {
  LandingZone& zone = server_.sink_.zone();
  const std::string_view bytes(
      zone.bite().data(),
      std::min<size_t>(zone.bite_header().msg_len, zone.bite().size()));
  header_bitten_ = 0;
  line_ended_ = false;
  if (take(bytes, writer_of(zone.control(LandingZone::kDatagrams), peer_))) {
    commit_bite(bytes.size());
    return Bite::kTaken;
  }
  server_.sink_.refuse(DropCause::kStreamsRefused, {});
  finish();
  return Bite::kClosed;
}

void StreamConnection::resume_bite(bool crashed) {
  LandingZone& zone = server_.sink_.zone();
  zone.resume();
  now_us_ = realtime_us();
  if (crashed) ++zone.state().attempts;
  if (zone.state().attempts <= 1 || !header_.complete()) {
    if (take_received() == Bite::kClosed) server_.close(*this);
    return;
  }
  const size_t bytes =
      std::min<size_t>(zone.bite_header().msg_len, zone.bite().size());
  lines_.flush(LineBreak::kEof,
               [this](std::string_view line, LineBreak) { store_raw(line); });
  store_raw({zone.bite().data(), bytes});
  line_ended_ = true;
  commit_bite(bytes);
}

// Of a bite that was taken apart: its entries, and what is left of it.
void StreamConnection::commit_bite(size_t bite_bytes) {
  StreamChange change{.place = place_, .head = head()};
  change.header_bytes = static_cast<uint32_t>(header_bitten_);
  const size_t line_bytes =
      line_ended_ ? lines_.pending_bytes() : bite_bytes - header_bitten_;
  change.line_bytes = static_cast<uint32_t>(line_bytes);
  change.line_at = static_cast<uint32_t>(bite_bytes - line_bytes);
  server_.table_.change(change);
  server_.sink_.commit_batch(1);
  server_.table_.apply();
}

bool StreamConnection::take(std::string_view bytes, const Credentials& writer) {
  if (!header_.complete()) {
    const size_t before = bytes.size();
    if (!take_header(bytes)) return false;
    header_bitten_ = before - bytes.size();
  }
  if (!bytes.empty()) take_body(bytes, writer);
  return true;
}

// Eats the header's lines from `bytes`; false when they are no header.
bool StreamConnection::take_header(std::string_view& bytes) {
  while (!bytes.empty() && !header_.complete()) {
    const size_t end = bytes.find('\n');
    const size_t eaten = end == std::string_view::npos ? bytes.size() : end + 1;
    header_text_.append(bytes.substr(0, end));
    header_bytes_ += eaten;
    bytes.remove_prefix(eaten);
    if (header_text_.size() > StreamHeader::kLineBytesMax) return false;
    if (end == std::string_view::npos) return true;
    if (!header_.take_line(header_text_)) return false;
    header_text_.clear();
  }
  if (header_.complete()) header_complete();
  return true;
}

void StreamConnection::header_complete() {
  const StreamHeader& header = header_.header();
  header_text_.shrink_to_fit();
  if (header.kind == StreamKind::kStdout) stream_kind_ = "stdout";
  if (header.kind == StreamKind::kStderr) stream_kind_ = "stderr";
  if (valid_unit_name(header.unit)) {
    unit_ = {.name = with_unit_suffix(header.unit), .by_root = peer_.uid == 0};
  }
  if (header.kind != StreamKind::kUnknown) adopt_child(header);
}

// The peer is a supervisor: what it says of its own child can be believed, for
// it made it. Any other client's unit is that of its stream only.
void StreamConnection::adopt_child(const StreamHeader& header) {
  SupervisedSessions& sessions = server_.sink_.sessions();
  const auto declare = [&](pid_t pid, const ProcStat& stat) {
    if (unit_) {
      sessions.declare(pid, {unit_->name, peer_.uid, stat.start_ticks});
    }
  };
  if (const auto stat = read_proc_stat(peer_.pid)) declare(peer_.pid, *stat);
  const auto child = static_cast<pid_t>(header.child_pid);
  const auto stat = child > 0 ? read_proc_stat(child) : std::nullopt;
  if (!stat || stat->parent != peer_.pid) return;
  subject_.pid = child;
  if (stat->session == child) declare(child, *stat);
}

void StreamConnection::take_body(std::string_view bytes,
                                 const Credentials& writer) {
  crash_on_test_text(bytes);
  const Credentials& author = writer == peer_ ? subject_ : writer;
  const auto sink = [this](std::string_view line, LineBreak reason) {
    store_line(line, reason);
  };
  if (author != writer_) {
    lines_.flush(LineBreak::kPidChange, sink);
    writer_ = author;
  }
  lines_.feed(bytes, sink);
}

void StreamConnection::finish() {
  now_us_ = realtime_us();
  if (header_.complete()) {
    lines_.flush(LineBreak::kEof,
                 [this](std::string_view line, LineBreak reason) {
                   store_line(line, reason);
                 });
  }
  StreamChange change{.place = place_, .head = head()};
  change.head.held = 0;
  server_.table_.change(change);
  server_.sink_.commit_batch(1);
  server_.table_.apply();
}

// Where more waits, its writer goes on: the line is not torn in two.
void StreamConnection::end_line() {
  int waiting = 0;
  if (!header_.complete() || lines_.pending_bytes() == 0 ||
      (ioctl(socket_.get(), FIONREAD, &waiting) == 0 && waiting > 0)) {
    return;
  }
  server_.sink_.zone().arm(BatchKind::kStream, 0, place_);
  now_us_ = realtime_us();
  lines_.flush(LineBreak::kEof,
               [this](std::string_view line, LineBreak reason) {
                 store_line(line, reason);
               });
  server_.table_.change({.place = place_, .head = head()});
  server_.sink_.commit_batch(1);
  server_.table_.apply();
}

void StreamConnection::store_line(std::string_view line, LineBreak reason) {
  line_ended_ = true;
  if (parse_stream_line(line, reason, header_.header(), server_.message_)) {
    store(server_.message_);
  }
}

void StreamConnection::store_raw(std::string_view bytes) {
  Message& message = server_.message_;
  message.clear();
  if (!header_.header().identifier.empty()) {
    message.identifier = header_.header().identifier;
  }
  message.add(logfmt::field::kMessage, bytes);
  message.add(field::kUnparsed, "1");
  store(message);
}

void StreamConnection::store(const Message& message) {
  EntrySink& sink = server_.sink_;
  SenderContext& context =
      sink.context(sink.sender(writer_, now_us_),
                   {.transport = "stdout",
                    .identifier = message.identifier,
                    .facility = message.facility,
                    .stream_id = stream_id_text_,
                    .stream_kind = stream_kind_,
                    .stream_unit = unit_ ? &*unit_ : nullptr});
  sink.store(message, context, now_us_, writer_.pid);
}

}  // namespace logd
