#include "query/care/daemon_client.h"

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "format/file.h"

namespace logq {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;
using logfmt::Fd;
using logfmt::Result;

constexpr size_t kResponseBytesMax = 64 << 10;
// Longer than logd tries to write a segment before it gives up.
constexpr timeval kPatience{.tv_sec = 90, .tv_usec = 0};

Result<Fd> connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) {
    return fail(ErrorCode::kLimit,
                path + " is longer than a socket's path may be (107 bytes)");
  }
  std::memcpy(address.sun_path, path.c_str(), path.size());
  Fd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (!fd.valid() || setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &kPatience,
                                sizeof kPatience) != 0) {
    return logfmt::fail_errno("cannot make a socket");
  }
  if (connect(fd.get(), reinterpret_cast<const sockaddr*>(&address),
              sizeof address) == 0) {
    return fd;
  }
  if (errno == ENOENT || errno == ECONNREFUSED) {
    return fail(ErrorCode::kNotFound,
                "no logd answers at " + path +
                    "; is it running? (LOGD_RUNTIME_DIR names another place)");
  }
  return logfmt::fail_errno("cannot connect to " + path);
}

Result<std::string> receive_all(const Fd& fd, const std::string& path) {
  std::string response;
  char buffer[4096];
  while (true) {
    const ssize_t got = recv(fd.get(), buffer, sizeof buffer, 0);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) {
      return fail(ErrorCode::kIo, "logd at " + path + " does not get it done");
    }
    if (got < 0) return logfmt::fail_errno("cannot read from " + path);
    if (got == 0) return response;
    response.append(buffer, static_cast<size_t>(got));
    if (response.size() > kResponseBytesMax) {
      return fail(ErrorCode::kLimit, "the answer of " + path + " is too long");
    }
  }
}

}  // namespace

Result<std::string> DaemonClient::ask(std::string_view method,
                                      const std::string& name) const {
  const auto fd = connect_to(path_);
  if (!fd) return fail(fd.error());
  const std::string request = std::string(method) + " /" + name +
                              " HTTP/1.1\r\nHost: logd\r\n"
                              "Content-Length: 0\r\n\r\n";
  if (send(fd->get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return logfmt::fail_errno("cannot write to " + path_);
  }
  const auto response = receive_all(*fd, path_);
  if (!response) return fail(response.error());
  constexpr std::string_view kHeadEnd = "\r\n\r\n";
  const size_t head_end = response->find(kHeadEnd);
  if (!response->starts_with("HTTP/1.1 ") || head_end == response->npos) {
    return fail(ErrorCode::kIo, "logd at " + path_ +
                                    " ended before it was "
                                    "done");
  }
  std::string body = response->substr(head_end + kHeadEnd.size());
  while (body.ends_with('\n')) body.pop_back();
  if (!response->starts_with("HTTP/1.1 200 ")) {
    return fail(ErrorCode::kInvalidArgument, "--" + name + ": " + body);
  }
  return body;
}

logfmt::Status DaemonClient::command(const std::string& name) const {
  const auto done = ask("POST", name);
  if (!done) return fail(done.error());
  return {};
}

logfmt::Status DaemonClient::check_serves(const logfmt::StoreDir& store) const {
  const auto status = ask("GET", "status");
  if (!status) return fail(status.error());
  if (status->find("\"store_id\":\"" + store.id().hex() + "\"") !=
      status->npos) {
    return {};
  }
  return fail(ErrorCode::kInvalidArgument,
              "the logd at " + path_ + " writes another store than " +
                  store.path() + "; LOGD_RUNTIME_DIR names the right one");
}

}  // namespace logq
