#include "logd/store/recovery.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "format/checksum.h"
#include "format/limits.h"
#include "format/segment_reader.h"
#include "format/segment_rewrite.h"
#include "format/wal_reader.h"
#include "logd/store/damaged_file.h"

namespace logd {
namespace {

using logfmt::StoreFile;
using logfmt::StoreFileKind;

// A row takes no less than this of a WAL's bytes.
constexpr uint64_t kRowBytesMin = 8;
constexpr uint64_t kSeqsPerWalMax = logfmt::kWalFileBytesMax / kRowBytesMin;

// Cuts the torn tail and writes the end frame that the dead writer owed.
logfmt::Status close_for_dead_writer(const logfmt::StoreDir& store,
                                     const logfmt::WalReader& wal,
                                     uint64_t next_seq) {
  auto file = logfmt::open_at(store.fd(), wal.name(), O_RDWR);
  if (!file) return logfmt::fail(std::move(file.error()));
  const uint64_t end_at = wal.valid_bytes();
  if (ftruncate(file->get(), static_cast<off_t>(end_at)) != 0) {
    return logfmt::fail_errno("cannot cut the torn end of " + wal.name());
  }
  const uint64_t seed = logfmt::checksum_seed(store.id());
  const std::string frame = logfmt::encode_end_frame(
      {.batch_id = wal.last_batch_id(), .first_seq = next_seq}, seed);
  LOGD_RETURN_IF_ERROR(logfmt::pwrite_all(file->get(), end_at, frame));
  return logfmt::sync_all(file->get());
}

logfmt::Status read_through(logfmt::WalReader& wal, uint64_t& entries) {
  do {
    LOGD_RETURN_IF_ERROR(wal.refresh(logfmt::WalReader::kWindowBytes));
    logfmt::EntryView entry;
    while (wal.next(entry)) ++entries;
  } while (wal.behind());
  return {};
}

void post_unclean(const logfmt::WalReader& wal, EventLog& events) {
  const uint64_t torn_bytes = wal.tail_bytes();
  events.post(
      {.kind = EventKind::kUnclean,
       .priority = 4,
       .message = "logd was not stopped in order; " + wal.name() +
                  " was taken in up to entry " +
                  std::to_string(wal.next_seq() - 1) +
                  (torn_bytes == 0 ? std::string()
                                   : " and " + std::to_string(torn_bytes) +
                                         " bytes of an unfinished write were "
                                         "cut off"),
       .fields = {{"CAUSE", "no end frame"},
                  {"BYTES_DROPPED", std::to_string(torn_bytes)}}});
}

class Recovery {
 public:
  Recovery(const logfmt::StoreDir& store, EventLog& events,
           const RecoveryOptions& options)
      : store_(store), events_(events), options_(options) {}

  logfmt::Result<RecoveredStore> run() {
    // Where this fails, a listing takes it as it is.
    note_failure(logfmt::finish_rewrites(store_));
    auto files = store_.list();
    if (!files) return logfmt::fail(std::move(files.error()));
    const auto first_wal = std::find_if(
        files->begin(), files->end(),
        [](const StoreFile& f) { return f.kind == StoreFileKind::kWal; });
    // Names are in order of sequence: only the newest segment matters.
    const uint64_t wals_from =
        first_wal == files->end() ? UINT64_MAX : first_wal->first_seq;
    for (auto it = first_wal; it != files->begin();) {
      if (take_newest_segment(*--it, wals_from)) break;
    }
    for (auto it = first_wal; it != files->end(); ++it) {
      take_wal(*it, it + 1 == files->end());
    }
    if (!found_.wals.empty()) note_failure(store_.sync_names());
    return std::move(found_);
  }

 private:
  // False where it cannot be read and the one before it is asked.
  bool take_newest_segment(const StoreFile& file, uint64_t wals_from) {
    constexpr uint64_t kSeqsMax =
        logfmt::kBlocksPerSegmentMax * logfmt::kBlockRowsMax;
    const auto reader =
        logfmt::SegmentReader::open(store_.fd(), file.name, store_.id());
    if (!reader) {
      if (is_empty(file.name)) {  // made, and then its writer died
        (void)store_.remove(file.name);
        return false;
      }
      skip_to(file.first_seq + kSeqsMax);
      put_away(file.name, reader.error());
      return false;
    }
    found_.encoded.next_seq = reader->next_seq();
    found_.written_seq = std::max(found_.written_seq, reader->next_seq());
    skip_to(reader->next_seq());
    if (reader->sealed()) return true;
    // A block that a dead encoder did not finish is still in the WALs. What
    // is not was in a finished one.
    using Tail = logfmt::SegmentWriter::Tail;
    const bool in_wals = wals_from <= reader->next_seq();
    const Tail tail = in_wals ? Tail::kMayBeBlock : Tail::kMustBeFooter;
    const bool as_it_should_be =
        reader->gaps().empty() && (in_wals || reader->tail_bytes() == 0);
    if (as_it_should_be && !reader->blocks().empty()) {
      found_.encoded.unsealed = {file.name, tail};
      return true;
    }
    auto writer = logfmt::SegmentWriter::resume(store_, file.name, tail);
    if (!writer) {  // readers walk its blocks
      if (reader->tail_bytes() > 0 && !in_wals) {
        skip_to(file.first_seq + kSeqsMax);
      }
      post_left_alone(file.name, writer.error().message(), events_);
    } else if (writer->blocks() == 0) {
      (void)store_.remove(file.name);
    } else {
      found_.encoded.unsealed = {file.name, tail};
    }
    return true;
  }

  void take_wal(const StoreFile& file, bool last) {
    if (options_.resume_boot && !last) {
      // Its writer closed it before it began the next. Reading it is for the
      // encoder: whoever sends is waiting here.
      found_.wals.push_back({file.name, file.identity.bytes});
      return;
    }
    auto wal = logfmt::WalReader::open(store_.fd(), file.name, store_.id());
    if (wal && !last && take_closed_wal(file, *wal)) return;
    uint64_t entries = 0;
    logfmt::Status status;
    if (wal) status = read_through(*wal, entries);
    if (!wal || !status) {
      // A writer that died before the header was written has left no entry.
      if (!wal && is_empty(file.name)) {
        (void)store_.remove(file.name);
        return;
      }
      skip_to(file.first_seq + kSeqsPerWalMax);
      put_away(file.name, wal ? status.error() : wal.error());
      return;
    }
    note_missing_before(file);
    const auto gaps = wal->take_gaps();
    if (!gaps.empty()) skip_to(gaps.back().last_seq.value_or(0) + 1);
    skip_to(wal->next_seq() + (wal->open_gap() ? kSeqsPerWalMax : 0));
    found_.written_seq = std::max(found_.written_seq, wal->next_seq());
    if (last && resume(*wal)) return;
    if (wal->closed()) {
      sync_closed(*wal);
    } else {
      close_dead(*wal);
    }
    if (entries == 0 && gaps.empty() && !wal->open_gap()) {
      (void)store_.remove(file.name);
    } else {
      found_.wals.push_back({file.name, wal->valid_bytes()});
    }
  }

  // By what its end says. After a flood there are dozens of them, and reading
  // them all, which the encoder will do, takes longer than all the rest.
  bool take_closed_wal(const StoreFile& file, const logfmt::WalReader& wal) {
    const auto end_seq = wal.end_seq();
    if (!end_seq || *end_seq == wal.header().first_seq) return false;
    note_missing_before(file);
    skip_to(*end_seq);
    found_.written_seq = std::max(found_.written_seq, *end_seq);
    sync_closed(wal);
    found_.wals.push_back({file.name, file.identity.bytes});
    return true;
  }

  // Its writer may have died before it came to sync it, and what follows is
  // reported durable as soon as it is on the disk itself.
  void sync_closed(const logfmt::WalReader& wal) {
    note_failure(logfmt::sync_all(wal.fd()));
  }

  bool resume(const logfmt::WalReader& wal) {
    if (wal.closed() || options_.resume_boot != wal.header().boot) return false;
    auto file =
        logfmt::WalWriter::resume(store_.fd(), wal.header(), wal.valid_bytes());
    if (!file) return false;
    found_.open_wal = std::make_shared<logfmt::WalWriter>(std::move(*file));
    return true;
  }

  void close_dead(const logfmt::WalReader& wal) {
    post_unclean(wal, events_);
    note_failure(close_for_dead_writer(store_, wal, found_.next_seq));
  }

  // A disk may get to a file and not to what was written before it. In
  // segments, where the entries go, nobody sees that some are missing.
  void note_missing_before(const StoreFile& file) {
    if (file.first_seq <= found_.next_seq || found_.next_seq <= 1) return;
    // The encoder has the files before it, unread.
    if (options_.resume_boot && !found_.wals.empty()) return;
    const uint64_t count = file.first_seq - found_.next_seq;
    events_.post({.kind = EventKind::kDamaged,
                  .priority = 3,
                  .message = std::to_string(count) + " entries from number " +
                             std::to_string(found_.next_seq) +
                             " on are missing: they came before " + file.name +
                             " and are not on the disk",
                  .fields = {{"CAUSE", "lost before they were synced"},
                             {"N_DROPPED", std::to_string(count)}}});
  }

  void note_failure(const logfmt::Status& status) {
    if (!status) post_failed(status.error());
  }

  void post_failed(const logfmt::Error& error) {
    events_.post({.kind = EventKind::kStoreFailed,
                  .priority = 3,
                  .message = error.message(),
                  .fields = {{"CAUSE", error.message()}}});
  }

  void put_away(const std::string& name, const logfmt::Error& error) {
    if (is_damage(error)) {
      set_aside(store_, name, error.message(), events_);
    } else {
      post_left_alone(name, error.message(), events_);
    }
  }

  void skip_to(uint64_t seq) {
    found_.next_seq = std::max(found_.next_seq, seq);
  }

  bool is_empty(const std::string& name) const {
    const auto file = logfmt::open_at(store_.fd(), name, O_RDONLY);
    if (!file) return false;
    const auto bytes = logfmt::file_bytes(file->get());
    return bytes && *bytes == 0;
  }

  const logfmt::StoreDir& store_;
  EventLog& events_;
  const RecoveryOptions& options_;
  RecoveredStore found_;
};

}  // namespace

logfmt::Result<RecoveredStore> recover_store(const logfmt::StoreDir& store,
                                             EventLog& events,
                                             const RecoveryOptions& options) {
  return Recovery(store, events, options).run();
}

}  // namespace logd
