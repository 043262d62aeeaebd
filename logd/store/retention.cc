#include "logd/store/retention.h"

#include <sys/statvfs.h>

#include <algorithm>

#include "format/limits.h"
#include "format/segment_reader.h"
#include "logd/clock.h"

namespace logd {
namespace {

using logfmt::StoreFile;
using logfmt::StoreFileKind;

logfmt::Result<FilesystemSpace> read_space(int dir_fd) {
  struct statvfs status {};
  if (fstatvfs(dir_fd, &status) != 0) {
    return logfmt::fail_errno("cannot ask for the free space of the store");
  }
  return FilesystemSpace{.total_bytes = status.f_blocks * status.f_frsize,
                         .available_bytes = status.f_bavail * status.f_frsize};
}

// Segments whose newest entry is older than the limit. They are in order of
// sequence; the first one that is young enough ends the search.
std::vector<StoreFile> choose_aged(const logfmt::StoreDir& store,
                                   std::span<const StoreFile> files,
                                   uint64_t oldest_us) {
  std::vector<StoreFile> aged;
  std::string newest;
  for (const StoreFile& file : files) {
    if (file.kind == StoreFileKind::kSegment) newest = file.name;
  }
  for (const StoreFile& file : files) {
    if (file.kind != StoreFileKind::kSegment) break;
    const auto segment =
        logfmt::SegmentReader::open(store.fd(), file.name, store.id());
    // An unreadable one goes when space is wanted.
    if (!segment || segment->blocks().empty()) continue;
    if (!segment->sealed() && file.name == newest) break;  // being written
    uint64_t newest_us = 0;
    for (const auto& block : segment->blocks()) {
      newest_us = std::max(newest_us, block.header.max_realtime_us);
    }
    if (newest_us >= oldest_us) break;
    aged.push_back(file);
  }
  return aged;
}

void post_evicted(const StoreFile& file, const char* cause, EventLog& events) {
  events.post({.kind = EventKind::kEvicted,
               .priority = 6,
               .message = "removed " + file.name + " (" +
                          std::to_string(file.disk_bytes) +
                          " bytes), the oldest entries, to keep the limit of " +
                          cause,
               .fields = {{"CAUSE", cause},
                          {"BYTES_DROPPED", std::to_string(file.disk_bytes)}}});
}

}  // namespace

RetentionRules resolve_rules(const StoreConfig& config,
                             const FilesystemSpace& space) {
  return {.max_use_bytes = std::max(config.max_use.bytes_of(space.total_bytes),
                                    kMaxUseBytesMin),
          .keep_free_bytes = config.keep_free.bytes_of(space.total_bytes),
          .headroom_bytes = logfmt::kWalBytes};
}

uint64_t segment_bytes_max(const RetentionRules& rules) {
  constexpr uint64_t kSegmentsPerStore = 8;
  return rules.max_use_bytes / kSegmentsPerStore;
}

logfmt::Result<RetentionRules> rules_of(const logfmt::StoreDir& store,
                                        const StoreConfig& config) {
  const auto space = read_space(store.fd());
  if (!space) return logfmt::fail(space.error());
  return resolve_rules(config, *space);
}

std::vector<StoreFile> choose_evicted(std::span<const StoreFile> files,
                                      const RetentionRules& rules,
                                      const FilesystemSpace& space) {
  uint64_t used = 0;
  for (const StoreFile& file : files) used += file.disk_bytes;
  uint64_t available = space.available_bytes;
  std::vector<StoreFile> evicted;
  for (size_t i = 0; i + 1 < files.size(); ++i) {
    const StoreFile& file = files[i];
    const bool too_large = used + rules.headroom_bytes > rules.max_use_bytes;
    const bool too_full = available < rules.keep_free_bytes;
    // Not the newest segment: the encoder may be writing it.
    if (files[i + 1].kind != StoreFileKind::kSegment ||
        (!too_large && !too_full)) {
      break;
    }
    const uint64_t left = used - std::min(used, file.disk_bytes);
    // A neighbour that fills the disk must not cost the last of the logs.
    if (!too_large && left < kKeptBytesMin) break;
    evicted.push_back(file);
    used = left;
    available += file.disk_bytes;
  }
  return evicted;
}

logfmt::Status enforce_retention(const logfmt::StoreDir& store,
                                 const StoreConfig& config, EventLog& events) {
  auto files = store.list();
  if (!files) return logfmt::fail(std::move(files.error()));
  const auto space = read_space(store.fd());
  if (!space) return logfmt::fail(space.error());
  const uint64_t max_age_us = static_cast<uint64_t>(config.max_age.count());
  if (const uint64_t now_us = realtime_us();
      max_age_us > 0 && max_age_us < now_us) {
    const auto aged = choose_aged(store, *files, now_us - max_age_us);
    for (const StoreFile& file : aged) {
      LOGD_RETURN_IF_ERROR(store.remove(file.name));
      post_evicted(file, "age", events);
    }
    if (!aged.empty()) files = store.list();
    if (!files) return logfmt::fail(std::move(files.error()));
  }
  // Damaged files take space as well, and are the first to go.
  auto all = store.list_set_aside();
  if (!all) return logfmt::fail(std::move(all.error()));
  for (StoreFile& file : *all) file.kind = StoreFileKind::kSegment;
  all->insert(all->end(), files->begin(), files->end());
  for (const StoreFile& file :
       choose_evicted(*all, resolve_rules(config, *space), *space)) {
    LOGD_RETURN_IF_ERROR(store.remove(file.name));
    post_evicted(file, "size", events);
  }
  return {};
}

}  // namespace logd
