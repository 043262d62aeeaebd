// A watch on the directory also tells of writes to the files in it, so one
// watch is enough for a store, whichever file is its tail. The order is always
// the same: watch, then look. What happens after the look has its event still
// to come; what happened before has been seen. IN_MODIFY comes after the
// write, so a frame that is seen half written has its event still to come too,
// and there is nothing to retry.
#include "query/follow.h"

#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "query/store_list.h"

namespace logq {
namespace {

using logfmt::fail;
using logfmt::fail_errno;
using logfmt::Result;
using logfmt::Status;

constexpr uint32_t kNamesMask =
    IN_CREATE | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;
constexpr uint32_t kStoreMask = kNamesMask | IN_MODIFY | IN_DELETE;
constexpr std::string_view kWalSuffix = ".wal";
constexpr std::string_view kIdentityName = "STORE";

std::string parent_of(const std::string& path) {
  const size_t slash = path.find_last_of('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Follow::Follow(std::span<StoreFollower> followers, FollowSink& sink, Ends ends,
               logfmt::Fd inotify)
    : sink_(&sink), ends_(ends), inotify_(std::move(inotify)) {
  for (StoreFollower& follower : followers) {
    watched_.push_back({.follower = &follower});
  }
}

Result<Follow> Follow::open(std::span<StoreFollower> followers,
                            FollowSink& sink, Ends ends) {
  logfmt::Fd inotify(inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify.valid()) return fail_errno("cannot wait for new entries");
  return Follow(followers, sink, ends, std::move(inotify));
}

Status Follow::run() {
  while (true) {
    for (Watched& watched : watched_) {
      auto flow = look(watched);
      if (!flow) return fail(std::move(flow.error()));
      if (*flow != Flow::kContinue) return {};
    }
    auto flow = wait();
    if (!flow) return fail(std::move(flow.error()));
    if (*flow != Flow::kContinue) return {};
  }
}

Result<Flow> Follow::look(Watched& watched) {
  StoreFollower& follower = *watched.follower;
  if (!follower.is_open() && watched.changed) {
    const auto opened = open_store(watched);
    if (!opened) return fail(opened.error());
  }
  if (!follower.is_open()) {
    watched.changed = watched.grown = false;
    return Flow::kContinue;
  }
  if (std::exchange(watched.grown, false) || watched.changed) {
    auto flow = follower.drain(*sink_);
    if (!flow || *flow != Flow::kContinue) return flow;
  }
  if (!std::exchange(watched.changed, false)) return Flow::kContinue;
  return follower.catch_up(*sink_);
}

Result<bool> Follow::open_store(Watched& watched) {
  const std::string& directory = watched.follower->directory();
  // Made and watched in any order: try until the watch was there first.
  LOGD_RETURN_IF_ERROR(watch(watched));
  auto opened = watched.follower->open();
  if (!opened) {
    return fail(explain_store_error(std::move(opened.error()), directory));
  }
  if (*opened) return true;
  if (!std::exchange(watched.waiting_noted, true)) {
    sink_->note("no logs yet in " + directory + ": waiting for logd");
  }
  return false;
}

// Watches the store's directory or the nearest one above it that exists.
// Watches are never removed: two followers may share one.
Status Follow::watch(Watched& watched) {
  std::string path = watched.follower->directory();
  std::string missing;
  uint32_t mask = kStoreMask | IN_ONLYDIR | IN_MASK_ADD;
  while (true) {
    watched.watch = inotify_add_watch(inotify_.get(), path.c_str(), mask);
    if (watched.watch < 0 && errno != ENOENT) {
      auto error = fail_errno("cannot watch " + path);
      return fail(explain_store_error(std::move(error.value()), path));
    }
    if (watched.watch < 0) {
      missing = std::exchange(path, parent_of(path));
      mask = kNamesMask | IN_ONLYDIR | IN_MASK_ADD;
    } else if (missing.empty() || access(missing.c_str(), F_OK) != 0) {
      return {};
    } else {
      // Made between the two calls: its event is lost, so go down again.
      path = watched.follower->directory();
      missing.clear();
      mask = kStoreMask | IN_ONLYDIR | IN_MASK_ADD;
    }
  }
}

Result<Flow> Follow::wait() {
  std::array<pollfd, 3> ends{pollfd{inotify_.get(), POLLIN, 0},
                             pollfd{ends_.stop_fd, POLLIN, 0},
                             pollfd{ends_.output_fd, 0, 0}};
  while (poll(ends.data(), ends.size(), -1) < 0) {
    if (errno != EINTR) return fail_errno("cannot wait for new entries");
  }
  if (ends[1].revents != 0 || ends[2].revents != 0) return Flow::kReaderGone;
  LOGD_RETURN_IF_ERROR(read_events());
  return Flow::kContinue;
}

Status Follow::read_events() {
  alignas(inotify_event) std::array<char, 16 << 10> buffer;
  while (true) {
    const ssize_t got = read(inotify_.get(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return {};
    if (got < 0) return fail_errno("cannot wait for new entries");
    for (ssize_t at = 0; at < got;) {
      inotify_event event;
      std::memcpy(&event, buffer.data() + at, sizeof event);
      const char* const name = buffer.data() + at + sizeof event;
      at += static_cast<ssize_t>(sizeof event + event.len);
      for (Watched& watched : watched_) {
        const bool overflow = (event.mask & IN_Q_OVERFLOW) != 0;
        if (!overflow && watched.watch != event.wd) continue;
        take_event(watched, event.mask, event.len > 0 ? name : "");
      }
    }
  }
}

void Follow::take_event(Watched& watched, uint32_t mask,
                        std::string_view name) {
  StoreFollower& follower = *watched.follower;
  // An open directory does not tell when it is removed; its identity does.
  const bool gone = (mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0 ||
                    ((mask & IN_DELETE) != 0 && name == kIdentityName);
  if (gone) follower.close();
  if (!follower.is_open() || (mask & IN_Q_OVERFLOW) != 0) {
    watched.changed = true;
  } else if ((mask & IN_MODIFY) != 0 && name == follower.tail_name()) {
    watched.grown = true;
  } else if ((mask & IN_DELETE) == 0 && name.ends_with(kWalSuffix)) {
    watched.changed = true;
  }
}

}  // namespace logq
