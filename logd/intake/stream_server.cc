#include "logd/intake/stream_server.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

#include "format/id128.h"
#include "logd/clock.h"
#include "logd/identity/cgroup_unit.h"
#include "logd/identity/proc_facts.h"
#include "logd/intake/stream_line.h"

namespace logd {
namespace {

Credentials writer_of(msghdr& header, const Credentials& peer) {
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
       part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_CREDENTIALS) {
      continue;
    }
    ucred writer{};
    std::memcpy(&writer, CMSG_DATA(part), sizeof writer);
    return {writer.pid, writer.uid, writer.gid};
  }
  return peer;
}

// Descriptors are given out lowest first: from this number on, a stream would
// take one that the store needs for its files.
int stream_descriptors_max() {
  // A batch of datagrams may bring 128.
  constexpr rlim_t kReserved = 192;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return INT_MAX;
  if (limit.rlim_cur <= 2 * kReserved) return INT_MAX;
  return static_cast<int>(
      std::min<rlim_t>(limit.rlim_cur - kReserved, INT_MAX));
}

}  // namespace

StreamServer::StreamServer(logfmt::Fd listener, size_t line_bytes_max,
                           EventLoop& loop, EntrySink& sink)
    : listener_(std::move(listener)),
      spare_(open("/dev/null", O_RDONLY | O_CLOEXEC)),
      descriptors_max_(stream_descriptors_max()),
      line_bytes_max_(line_bytes_max),
      loop_(loop),
      sink_(sink) {}

StreamServer::~StreamServer() {
  for (const auto& [stream, owner] : streams_) {
    loop_.remove(stream->fd(), *stream);
  }
}

void StreamServer::on_ready() {
  constexpr int kAcceptsPerRound = 64;
  for (int i = 0; i < kAcceptsPerRound && accept_one(); ++i) {
  }
}

bool StreamServer::accept_one() {
  logfmt::Fd socket(
      accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!socket.valid() && (errno == EMFILE || errno == ENFILE)) {
    // A waiting connection that is never accepted would keep the loop awake.
    spare_.reset();
    logfmt::Fd refused(
        accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const bool any = refused.valid();
    refused.reset();
    spare_.reset(open("/dev/null", O_RDONLY | O_CLOEXEC));
    if (any) ++sink_.counters().refused_streams;
    return any;
  }
  if (!socket.valid()) return errno == EINTR || errno == ECONNABORTED;
  if (streams_.size() >= kStreamsMax || socket.get() >= descriptors_max_) {
    ++sink_.counters().refused_streams;
    return true;
  }
  ucred peer{};
  socklen_t peer_bytes = sizeof peer;
  const int on = 1;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &peer_bytes) !=
          0 ||
      setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) {
    ++sink_.counters().refused_streams;
    return true;
  }
  // Nothing is ever sent back. A peer that has gone already may still have
  // left its last words, so a failure is no reason to refuse it.
  (void)shutdown(socket.get(), SHUT_WR);
  const Credentials credentials{peer.pid, peer.uid, peer.gid};
  // While it is certainly there: a short-lived client may be gone when its
  // first line is read.
  (void)sink_.sender(credentials, realtime_us());
  auto stream =
      std::make_unique<StreamConnection>(std::move(socket), credentials, *this);
  if (loop_.add(stream->fd(), *stream)) {
    streams_.emplace(stream.get(), std::move(stream));
  } else {
    ++sink_.counters().refused_streams;
  }
  return true;
}

void StreamServer::close(StreamConnection& stream) {
  loop_.remove(stream.fd(), stream);
  streams_.erase(&stream);
}

bool StreamServer::drain_once() {
  std::vector<StreamConnection*> all;
  all.reserve(streams_.size());
  for (const auto& [stream, owner] : streams_) all.push_back(stream);
  bool any = accept_one();
  for (StreamConnection* stream : all) any = stream->read_once() || any;
  return any;
}

void StreamServer::finish() {
  for (const auto& [stream, owner] : streams_) {
    stream->finish();
    loop_.remove(stream->fd(), *stream);
  }
  streams_.clear();
}

StreamConnection::StreamConnection(logfmt::Fd socket, const Credentials& peer,
                                   StreamServer& server)
    : socket_(std::move(socket)),
      server_(server),
      peer_(peer),
      writer_(peer),
      subject_(peer),
      lines_(server.line_bytes_max_),
      stream_id_(logfmt::Id128::random().hex()) {}

void StreamConnection::on_ready() { (void)read_once(); }

bool StreamConnection::read_once() {
  const Bite bite = take_bite();
  if (bite == Bite::kClosed) server_.close(*this);  // *this is gone
  return bite == Bite::kTaken;
}

StreamConnection::Bite StreamConnection::take_bite() {
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(ucred)) + 64];
  iovec buffer{server_.buffer_.get(), StreamServer::kBiteBytes};
  msghdr header{};
  header.msg_iov = &buffer;
  header.msg_iovlen = 1;
  header.msg_control = control;
  header.msg_controllen = sizeof control;
  // Before the bytes are taken: who waits for that must not be able to send
  // something with an earlier stamp.
  now_us_ = realtime_us();
  const ssize_t got =
      recvmsg(socket_.get(), &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return Bite::kNothing;
  if (got <= 0) {
    finish();
    return Bite::kClosed;
  }
  // A descriptor sent along has no meaning here and must not stay open.
  for (cmsghdr* part = CMSG_FIRSTHDR(&header); part != nullptr;
       part = CMSG_NXTHDR(&header, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) {
      continue;
    }
    for (size_t at = 0; CMSG_LEN(at + sizeof(int)) <= part->cmsg_len;
         at += sizeof(int)) {
      int fd = -1;
      std::memcpy(&fd, CMSG_DATA(part) + at, sizeof fd);
      (void)::close(fd);
    }
  }
  const std::string_view bytes(server_.buffer_.get(), static_cast<size_t>(got));
  if (take(bytes, writer_of(header, peer_))) return Bite::kTaken;
  ++server_.sink_.counters().refused_streams;
  return Bite::kClosed;
}

bool StreamConnection::take(std::string_view bytes, const Credentials& writer) {
  if (!header_.complete() && !take_header(bytes)) return false;
  if (!bytes.empty()) take_body(bytes, writer);
  return true;
}

// Eats the header's lines from `bytes`; false when they are no header.
bool StreamConnection::take_header(std::string_view& bytes) {
  while (!bytes.empty() && !header_.complete()) {
    const size_t end = bytes.find('\n');
    header_line_.append(bytes.substr(0, end));
    if (header_line_.size() > StreamHeader::kLineBytesMax) return false;
    if (end == std::string_view::npos) {
      bytes = {};
      return true;
    }
    bytes.remove_prefix(end + 1);
    if (!header_.take_line(header_line_)) return false;
    header_line_.clear();
  }
  if (header_.complete()) header_complete();
  return true;
}

void StreamConnection::header_complete() {
  const StreamHeader& header = header_.header();
  header_line_.shrink_to_fit();
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
  if (!header_.complete()) return;
  lines_.flush(LineBreak::kEof,
               [this](std::string_view line, LineBreak reason) {
                 store_line(line, reason);
               });
}

void StreamConnection::store_line(std::string_view line, LineBreak reason) {
  Message& message = server_.message_;
  if (!parse_stream_line(line, reason, header_.header(), message)) return;
  EntrySink& sink = server_.sink_;
  logfmt::WalContext& context =
      sink.context(sink.sender(writer_, now_us_),
                   {.transport = "stdout",
                    .identifier = message.identifier,
                    .facility = message.facility,
                    .stream_id = stream_id_,
                    .stream_kind = stream_kind_,
                    .stream_unit = unit_ ? &*unit_ : nullptr});
  sink.store(message, context, now_us_, writer_.pid);
}

}  // namespace logd
