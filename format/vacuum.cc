#include "format/vacuum.h"

#include <algorithm>

#include "format/segment_reader.h"

namespace logfmt {
namespace {

// Segments without the newest.
std::span<const StoreFile> removable(std::span<const StoreFile> files) {
  const auto end =
      std::find_if(files.begin(), files.end(), [](const StoreFile& file) {
        return file.kind != StoreFileKind::kSegment;
      });
  const auto segments = static_cast<size_t>(end - files.begin());
  return files.first(segments == 0 ? 0 : segments - 1);
}

}  // namespace

std::vector<StoreFile> choose_beyond_bytes(std::span<const StoreFile> files,
                                           uint64_t bytes_max) {
  uint64_t used = 0;
  for (const StoreFile& file : files) used += file.disk_bytes;
  std::vector<StoreFile> chosen;
  for (const StoreFile& file : removable(files)) {
    if (used <= bytes_max) break;
    chosen.push_back(file);
    used -= file.disk_bytes;
  }
  return chosen;
}

std::vector<StoreFile> choose_beyond_count(std::span<const StoreFile> files,
                                           size_t files_max) {
  const auto oldest = removable(files);
  const size_t beyond = files.size() > files_max ? files.size() - files_max : 0;
  const auto chosen = oldest.first(std::min(beyond, oldest.size()));
  return {chosen.begin(), chosen.end()};
}

std::vector<StoreFile> choose_older(const StoreDir& store,
                                    std::span<const StoreFile> files,
                                    uint64_t oldest_us) {
  std::vector<StoreFile> chosen;
  for (const StoreFile& file : files) {
    if (file.kind != StoreFileKind::kSegment) break;
    const auto segment = SegmentReader::open(store.fd(), file.name, store.id());
    if (!segment) continue;
    const bool newest =
        &file == &files.back() || (&file + 1)->kind != StoreFileKind::kSegment;
    if (!segment->sealed() && newest) break;  // it may still be written
    uint64_t newest_us = 0;
    for (const BlockRef& block : segment->blocks()) {
      newest_us = std::max(newest_us, block.header.max_realtime_us);
    }
    if (newest_us >= oldest_us) break;
    chosen.push_back(file);
  }
  return chosen;
}

Result<std::vector<StoreFile>> remove_segments(
    const StoreDir& store, std::span<const StoreFile> chosen) {
  std::vector<StoreFile> removed;
  if (chosen.empty()) return removed;
  const auto lock = store.lock_files();
  if (!lock) return fail(lock.error());
  for (const StoreFile& file : chosen) {
    const auto now = store.identify(file.name);
    if (!now && now.error().code == ErrorCode::kNotFound) continue;
    if (!now) return fail(now.error());
    if (*now != file.identity) break;
    // If a power cut brought back an older one, there would be a hole.
    if (!removed.empty()) LOGD_RETURN_IF_ERROR(store.sync_names());
    LOGD_RETURN_IF_ERROR(store.remove(file.name));
    removed.push_back(file);
  }
  return removed;
}

}  // namespace logfmt
