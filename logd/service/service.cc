#include "logd/service/service.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <vector>

namespace logd {
namespace {

constexpr std::string_view kText = "text/plain; charset=utf-8";
constexpr std::string_view kJson = "application/json";
constexpr std::string_view kCommands[] = {"/sync", "/flush", "/rotate"};
constexpr char kStatus[] = "/status";

bool is_command(const std::string& path) {
  return std::ranges::find(kCommands, path) != std::end(kCommands);
}

bool has_group(int fd, gid_t group) {
  std::vector<gid_t> groups(1024);
  auto bytes = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &bytes) != 0) {
    return false;
  }
  groups.resize(bytes / sizeof(gid_t));
  return std::ranges::find(groups, group) != groups.end();
}

bool may_command(int fd, gid_t readers) {
  ucred peer{};
  socklen_t bytes = sizeof peer;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &bytes) != 0) return false;
  return peer.uid == 0 || peer.uid == geteuid() || peer.gid == readers ||
         has_group(fd, readers);
}

std::string text_response(HttpStatus status, std::string_view line) {
  return http_response(status, kText, fmt::format("{}\n", line));
}

std::string refusal(HttpStatus status) {
  return text_response(
      status, status == HttpStatus::kTooLarge
                  ? "the request is too long"
                  : "this is no request that logd understands; expected "
                    "POST /sync, /flush, /rotate or GET /status");
}

}  // namespace

Service::Service(logfmt::Fd listener, gid_t readers, Commands& commands)
    : listener_(std::move(listener)),
      readers_(readers),
      commands_(commands),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      worker_([this] { work(); }),
      server_([this] { serve(); }) {}

Service::~Service() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  job_waits_.notify_all();
  worker_.join();
  ended_ = true;
  (void)eventfd_write(wake_.get(), 1);
  server_.join();
}

void Service::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    job_waits_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
    if (jobs_.empty()) return;
    const Job job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    std::string response = run(job.command);
    lock.lock();
    results_.emplace_back(job.connection, std::move(response));
    (void)eventfd_write(wake_.get(), 1);
  }
}

std::string Service::run(const std::string& command) {
  if (command == kStatus) {
    const auto status = commands_.status();
    if (status) return http_response(HttpStatus::kOk, kJson, *status);
    return text_response(HttpStatus::kUnavailable, status.error().message());
  }
  const auto done = command == "/sync"    ? commands_.sync()
                    : command == "/flush" ? commands_.flush()
                                          : commands_.rotate();
  if (done) return text_response(HttpStatus::kOk, "done");
  const bool stopped = done.error().code == logfmt::ErrorCode::kCancelled;
  return text_response(stopped ? HttpStatus::kUnavailable : HttpStatus::kFailed,
                       done.error().message());
}

void Service::serve() {
  while (wait_for_events()) {
    take_results();
    const auto now = Clock::now();
    for (Connection& connection : connections_) {
      advance(connection);
      if (connection.state != State::kWorking && connection.deadline <= now) {
        connection.state = State::kClosed;
      }
    }
    connections_.remove_if([](const Connection& connection) {
      return connection.state == State::kClosed;
    });
    if (connections_.size() < kServiceConnectionsMax) accept_some();
  }
  // What was done is said, as far as it goes without waiting.
  take_results();
  for (Connection& connection : connections_) advance(connection);
}

// Somebody who waits for a command is not asked: he is busy waiting, and
// whether he has gone shows when he is answered.
bool Service::wait_for_events() {
  std::vector<pollfd> watched{{.fd = wake_.get(), .events = POLLIN}};
  if (connections_.size() < kServiceConnectionsMax) {
    watched.push_back({.fd = listener_.get(), .events = POLLIN});
  }
  for (const Connection& connection : connections_) {
    if (connection.state == State::kWorking) continue;
    const bool reads = connection.state == State::kReading;
    watched.push_back({.fd = connection.fd.get(),
                       .events = static_cast<short>(reads ? POLLIN : POLLOUT)});
  }
  (void)poll(watched.data(), watched.size(), wait_ms());
  eventfd_t count = 0;
  (void)eventfd_read(wake_.get(), &count);
  return !ended_;
}

int Service::wait_ms() const {
  auto next = Clock::time_point::max();
  for (const Connection& connection : connections_) {
    if (connection.state == State::kWorking) continue;
    next = std::min(next, connection.deadline);
  }
  if (next == Clock::time_point::max()) return -1;
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
  return static_cast<int>(std::max<int64_t>(left.count(), 0));
}

void Service::accept_some() {
  while (connections_.size() < kServiceConnectionsMax) {
    logfmt::Fd fd(accept4(listener_.get(), nullptr, nullptr,
                          SOCK_CLOEXEC | SOCK_NONBLOCK));
    if (!fd.valid()) return;
    const bool allowed = may_command(fd.get(), readers_);
    connections_.push_back({.fd = std::move(fd),
                            .may_command = allowed,
                            .deadline = Clock::now() + kServicePatience});
  }
}

void Service::advance(Connection& connection) {
  if (connection.state == State::kReading) receive(connection);
  if (connection.state == State::kWriting) send_some(connection);
}

void Service::receive(Connection& connection) {
  char buffer[4096];
  while (connection.state == State::kReading) {
    const ssize_t got =
        recv(connection.fd.get(), buffer, sizeof buffer, MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      connection.state = State::kClosed;
      return;
    }
    connection.bytes.append(buffer, static_cast<size_t>(got));
    const HttpParse parse = parse_http(connection.bytes);
    if (parse.refused) respond(connection, refusal(*parse.refused));
    if (parse.request) answer(connection, *parse.request);
  }
}

void Service::answer(Connection& connection, const HttpRequest& request) {
  const bool command = is_command(request.path);
  if (!command && request.path != kStatus) {
    return respond(connection, refusal(HttpStatus::kNotFound));
  }
  if (request.method != (command ? "POST" : "GET")) {
    return respond(connection, refusal(HttpStatus::kMethodNotAllowed));
  }
  if (command && !connection.may_command) {
    return respond(connection,
                   text_response(HttpStatus::kForbidden,
                                 "only root, the user that logd runs as and "
                                 "the group of its store may ask for this"));
  }
  connection.state = State::kWorking;
  const std::lock_guard lock(mutex_);
  jobs_.push_back({.connection = &connection, .command = request.path});
  job_waits_.notify_one();
}

void Service::respond(Connection& connection, std::string response) {
  connection.bytes = std::move(response);
  connection.deadline = Clock::now() + kServicePatience;
  connection.state = State::kWriting;
}

void Service::send_some(Connection& connection) {
  const ssize_t sent =
      send(connection.fd.get(), connection.bytes.data(),
           connection.bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (sent > 0) connection.bytes.erase(0, static_cast<size_t>(sent));
  if (sent <= 0 || connection.bytes.empty()) {
    connection.state = State::kClosed;
  }
}

void Service::take_results() {
  std::deque<std::pair<Connection*, std::string>> results;
  {
    const std::lock_guard lock(mutex_);
    results.swap(results_);
  }
  for (auto& [connection, response] : results) {
    respond(*connection, std::move(response));
  }
}

}  // namespace logd
