#include "logd/run/endpoints.h"

#include <fmt/format.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>
#include <vector>

namespace logrun {
namespace {

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value != nullptr ? value : "";
}

Endpoints logd_in(std::string_view directory) {
  return {.stream = fmt::format("{}/stdout", directory),
          .native = fmt::format("{}/native", directory)};
}

std::vector<Endpoints> candidates() {
  if (const auto dir = environment("LOGD_RUNTIME_DIR"); !dir.empty()) {
    return {logd_in(dir)};
  }
  std::vector<Endpoints> found;
  if (geteuid() != 0) {
    const auto dir = environment("XDG_RUNTIME_DIR");
    found.push_back(logd_in(dir.empty()
                                ? fmt::format("/run/user/{}/logd", geteuid())
                                : fmt::format("{}/logd", dir)));
  }
  found.push_back(logd_in("/run/logd"));
  found.push_back({.stream = "/run/systemd/journal/stdout",
                   .native = "/run/systemd/journal/socket",
                   .is_journald = true});
  return found;
}

}  // namespace

logfmt::Result<Endpoints> find_endpoints() {
  const std::vector<Endpoints> all = candidates();
  const Endpoints* chosen = &all.front();
  for (const Endpoints& endpoints : all) {
    if (access(endpoints.stream.c_str(), F_OK) == 0) {
      chosen = &endpoints;
      break;
    }
  }
  constexpr size_t kPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;
  if (chosen->stream.size() > kPathBytesMax) {
    return logfmt::fail(
        logfmt::ErrorCode::kLimit,
        fmt::format("the socket's path {} is too long; expected at most {} "
                    "bytes: choose a shorter LOGD_RUNTIME_DIR",
                    chosen->stream, kPathBytesMax));
  }
  return *chosen;
}

}  // namespace logrun
