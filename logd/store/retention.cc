#include "logd/store/retention.h"

#include <sys/statvfs.h>

#include <algorithm>

#include "format/limits.h"
#include "format/vacuum.h"
#include "logd/clock.h"
#include "logd/store/unit_retention.h"

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
  const uint64_t max_use_bytes =
      std::max(config.max_use.bytes_of(space.total_bytes), kMaxUseBytesMin);
  // What is beyond a small file system cannot be kept either.
  return {.max_use_bytes = std::min(max_use_bytes, space.total_bytes),
          .keep_free_bytes = config.keep_free.bytes_of(space.total_bytes),
          .headroom_bytes = kHeadroomBytes};
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

namespace {

// Removes what was chosen, as far as it is still what it was.
logfmt::Status evict(const logfmt::StoreDir& store,
                     std::span<const StoreFile> chosen, const char* cause,
                     EventLog& events) {
  const auto removed = logfmt::remove_segments(store, chosen);
  if (!removed) return logfmt::fail(removed.error());
  for (const StoreFile& file : *removed) post_evicted(file, cause, events);
  return {};
}

logfmt::Status enforce_age(const logfmt::StoreDir& store,
                           const StoreConfig& config, EventLog& events) {
  const uint64_t max_age_us = static_cast<uint64_t>(config.max_age.count());
  const uint64_t now_us = realtime_us();
  if (max_age_us == 0 || max_age_us >= now_us) return {};
  const auto files = store.list();
  if (!files) return logfmt::fail(files.error());
  return evict(store, logfmt::choose_older(store, *files, now_us - max_age_us),
               "age", events);
}

// In the order in which they go. Damaged files take space as well, and are the
// first.
logfmt::Result<std::vector<StoreFile>> list_all(const logfmt::StoreDir& store) {
  auto files = store.list();
  if (!files) return files;
  auto all = store.list_set_aside();
  if (!all) return all;
  for (StoreFile& file : *all) file.kind = StoreFileKind::kSegment;
  all->insert(all->end(), files->begin(), files->end());
  return all;
}

logfmt::Result<std::vector<StoreFile>> choose_for_size(
    const logfmt::StoreDir& store, const StoreConfig& config) {
  const auto all = list_all(store);
  if (!all) return all;
  const auto space = read_space(store.fd());
  if (!space) return logfmt::fail(space.error());
  return choose_evicted(*all, resolve_rules(config, *space), *space);
}

}  // namespace

logfmt::Result<bool> has_room(const logfmt::StoreDir& store,
                              const StoreConfig& config, uint64_t bytes) {
  const auto all = list_all(store);
  if (!all) return logfmt::fail(all.error());
  const auto asides = store.list_asides();
  if (!asides) return logfmt::fail(asides.error());
  const auto rules = rules_of(store, config);
  if (!rules) return logfmt::fail(rules.error());
  uint64_t used = bytes;
  for (const StoreFile& file : *all) used += file.disk_bytes;
  for (const std::string& aside : *asides) used += store.disk_bytes(aside);
  return used <= rules->max_use_bytes;
}

logfmt::Status enforce_retention(const logfmt::StoreDir& store,
                                 const StoreConfig& config, EventLog& events) {
  LOGD_RETURN_IF_ERROR(enforce_age(store, config, events));
  auto chosen = choose_for_size(store, config);
  if (chosen && !chosen->empty() && !config.units.empty()) {
    // A unit beyond its own limit must not cost the others their oldest
    // entries. On a full disk this fails at once, and room comes first.
    (void)enforce_unit_limits(store, {.limits = config.units}, events);
    chosen = choose_for_size(store, config);
  }
  if (!chosen) return logfmt::fail(chosen.error());
  return evict(store, *chosen, "size", events);
}

}  // namespace logd
