#include "logd/keeper/reexecution.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <string_view>

#include "logd/keeper/held_descriptors.h"

namespace logd {
namespace {

constexpr char kZoneVariable[] = "LOGD_ZONE_FD";
constexpr char kNotifyVariable[] = "NOTIFY_SOCKET";

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

void close_on_exec(LandingZone& zone, bool close) {
  for (const int fd : held_descriptors(zone)) {
    if (fd >= 0) (void)fcntl(fd, F_SETFD, close ? FD_CLOEXEC : 0);
  }
}

}  // namespace

Reexecution::Reexecution(int argc, char** argv)
    : notify_socket_(variable(kNotifyVariable)), arguments_(argv, argv + argc) {
  std::error_code error;  // of what is not known, exec will complain
  program_ = std::filesystem::read_symlink("/proc/self/exe", error).string();
  directory_ = std::filesystem::current_path(error).string();
  const std::string said = variable(kZoneVariable);
  (void)unsetenv(kZoneVariable);
  const auto parsed =
      std::from_chars(said.data(), said.data() + said.size(), zone_fd_);
  if (parsed.ec != std::errc{}) zone_fd_ = -1;
}

logfmt::Result<TakenZone> Reexecution::take_zone(size_t line_bytes_max) {
  auto zone = LandingZone::attach(logfmt::Fd(zone_fd_));
  if (zone) {
    close_on_exec(*zone, true);
    auto stored = worth_storing(*zone);
    return TakenZone{std::move(*zone), std::move(stored)};
  }
  // Nobody would ever read from what came with it. The service manager may have
  // any of it, and the zone's own, which is closed already.
  std::vector<int> left = open_descriptors();
  for (const int fd : left) (void)close(fd);
  left.push_back(zone_fd_);
  std::sort(left.begin(), left.end());
  auto made = LandingZone::create(line_bytes_max);
  if (!made) return logfmt::fail(std::move(made.error()));
  TakenZone taken{std::move(*made)};
  for (const int fd : left) taken.stored.push_back({.number = fd});
  return taken;
}

logfmt::Error Reexecution::execute(LandingZone& zone) const {
  close_on_exec(zone, false);
  (void)setenv(kZoneVariable, std::to_string(zone.fd()).c_str(), 1);
  if (!notify_socket_.empty()) {
    (void)setenv(kNotifyVariable, notify_socket_.c_str(), 1);
  }
  std::error_code error;
  const auto here = std::filesystem::current_path(error);
  std::filesystem::current_path(directory_, error);
  std::vector<char*> arguments;
  for (const std::string& argument : arguments_) {
    arguments.push_back(const_cast<char*>(argument.c_str()));
  }
  arguments.push_back(nullptr);
  (void)execv(program_.c_str(), arguments.data());
  auto failed = logfmt::fail_errno("cannot execute " + program_).value();
  std::filesystem::current_path(here, error);
  (void)unsetenv(kZoneVariable);
  (void)unsetenv(kNotifyVariable);
  close_on_exec(zone, true);
  return failed;
}

}  // namespace logd
