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
#include "logd/intake/claims.h"
#include "logd/intake/stream_line.h"

namespace logd {
namespace {

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
                           EventLoop& loop, EntrySink& sink, StreamTable& table)
    : listener_(std::move(listener)),
      spare_(open("/dev/null", O_RDONLY | O_CLOEXEC)),
      descriptors_max_(stream_descriptors_max()),
      line_bytes_max_(std::min(line_bytes_max, table.line_bytes_max())),
      loop_(loop),
      sink_(sink),
      table_(table) {}

StreamServer::~StreamServer() {
  for (const auto& [stream, owner] : streams_) {
    loop_.remove(stream->fd(), *stream);
  }
}

void StreamServer::on_ready() {
  // Few: those that are accepted and not yet read are lost when keeper and
  // worker are killed together. The rest is safe in the listener's queue.
  constexpr int kAcceptsPerRound = 8;
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
    if (any) sink_.refuse(DropCause::kStreamsRefused, {});
    return any;
  }
  if (!socket.valid()) return errno == EINTR || errno == ECONNABORTED;
  if (socket.get() >= descriptors_max_) {
    sink_.refuse(DropCause::kStreamsRefused, {});
    return true;
  }
  if (!take_connection(std::move(socket)))
    sink_.refuse(DropCause::kStreamsRefused, {});
  return true;
}

bool StreamServer::take_connection(logfmt::Fd socket) {
  ucred peer{};
  socklen_t peer_bytes = sizeof peer;
  const int on = 1;
  if (getsockopt(socket.get(), SOL_SOCKET, SO_PEERCRED, &peer, &peer_bytes) !=
          0 ||
      setsockopt(socket.get(), SOL_SOCKET, SO_PASSCRED, &on, sizeof on) != 0) {
    return false;
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
  const auto place = table_.take(stream->head());
  if (!place) return false;
  stream->place_ = *place;
  watch(std::move(stream));
  return true;
}

void StreamServer::adopt(KeptStream kept) {
  watch(std::make_unique<StreamConnection>(std::move(kept), *this));
}

void StreamServer::watch(std::unique_ptr<StreamConnection> stream) {
  if (stream->fd() < 0 || loop_.add(stream->fd(), *stream)) {
    streams_.emplace(stream.get(), std::move(stream));
  } else {
    table_.free(stream->place());
    sink_.refuse(DropCause::kStreamsRefused, {});
  }
}

StreamConnection* StreamServer::find(uint32_t place) {
  for (const auto& [stream, owner] : streams_) {
    if (stream->place() == place) return stream;
  }
  return nullptr;
}

void StreamServer::close(StreamConnection& stream) {
  loop_.remove(stream.fd(), stream);
  streams_.erase(&stream);
}

bool StreamServer::drain_once(bool accepts) {
  std::vector<StreamConnection*> all;
  all.reserve(streams_.size());
  for (const auto& [stream, owner] : streams_) all.push_back(stream);
  bool any = accepts && accept_one();
  for (StreamConnection* stream : all) any = stream->read_once() || any;
  return any;
}

void StreamServer::end_lines() {
  for (const auto& [stream, owner] : streams_) stream->end_line();
}

void StreamServer::finish_lost() {
  for (auto next = streams_.begin(); next != streams_.end();) {
    StreamConnection& stream = *(next++)->first;
    if (stream.fd() >= 0) continue;
    sink_.zone().arm(BatchKind::kStream, 0, stream.place());
    stream.finish();
    close(stream);
  }
}

void StreamServer::finish() {
  for (const auto& [stream, owner] : streams_) {
    stream->finish();
    loop_.remove(stream->fd(), *stream);
  }
  streams_.clear();
}

}  // namespace logd
