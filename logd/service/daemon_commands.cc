#include "logd/service/daemon_commands.h"

#include <fmt/format.h>
#include <unistd.h>

#include "logd/service/http.h"

namespace logd {
namespace {

constexpr std::chrono::seconds kDiskPatience{10};

tl::unexpected<logfmt::Error> stopping() {
  return logfmt::fail(logfmt::ErrorCode::kCancelled, "logd is stopping");
}

// Allocated bytes of all files, as `logq --disk-usage` counts.
logfmt::Result<uint64_t> disk_bytes(const logfmt::StoreDir& store) {
  const auto files = store.list();
  if (!files) return logfmt::fail(files.error());
  uint64_t bytes = 0;
  for (const auto& file : *files) bytes += file.disk_bytes;
  return bytes;
}

}  // namespace

logfmt::Status DaemonCommands::wait_written(uint64_t position) {
  if (parts_.wal.wait_written(position, kDiskPatience)) return {};
  return logfmt::fail(logfmt::ErrorCode::kIo,
                      "the disk does not take what is to be stored");
}

logfmt::Status DaemonCommands::write_out(bool drain) {
  uint64_t next_seq = 0;
  uint64_t position = 0;
  const bool ran = parts_.intake.call([&] {
    if (drain) parts_.drain();
    parts_.sink.commit();
    next_seq = parts_.writer.next_seq();
    position = parts_.writer.position();
  });
  if (!ran) return stopping();
  LOGD_RETURN_IF_ERROR(wait_written(position));
  return parts_.syncer.wait_durable(next_seq);
}

logfmt::Status DaemonCommands::sync() { return write_out(true); }

logfmt::Status DaemonCommands::flush() { return write_out(false); }

logfmt::Status DaemonCommands::rotate() {
  uint64_t position = 0;
  const bool ran =
      parts_.intake.call([&] { position = parts_.writer.rotate(); });
  if (!ran) return stopping();
  LOGD_RETURN_IF_ERROR(wait_written(position));
  return parts_.encoder.wait_sealed(parts_.wal.last_seal());
}

logfmt::Result<std::string> DaemonCommands::status() {
  IntakeCounters counters;
  uint64_t stored = 0;
  uint64_t next_seq = 0;
  const bool ran = parts_.intake.call([&] {
    counters = parts_.sink.counters();
    stored = parts_.writer.stored_rows();
    next_seq = parts_.writer.next_seq();
  });
  if (!ran) return stopping();
  const auto bytes = disk_bytes(parts_.store);
  if (!bytes) return logfmt::fail(bytes.error());
  std::string drops;
  for (size_t i = 0; i < kDropCauses; ++i) {
    drops +=
        fmt::format("{}\"{}\":{}", i == 0 ? "" : ",",
                    cause_name(static_cast<DropCause>(i)), counters.drops[i]);
  }
  const ZoneState& zone = parts_.writer.zone().state();
  return fmt::format(
      "{{\"version\":\"" LOGD_VERSION
      "\",\"pid\":{},\"worker\":{},\"restarts\":{},\"store\":\"{}\","
      "\"store_id\":\"{}\",\"entries\":{},\"next_seq\":{},\"bytes\":{},"
      "\"datagram_queue\":{},\"drops\":{{{}}}}}\n",
      getppid(), getpid(), zone.starts - 1,
      json_escaped(parts_.store.path()), parts_.store.id().hex(), stored,
      next_seq, *bytes, zone.datagram_queue, drops);
}

}  // namespace logd
