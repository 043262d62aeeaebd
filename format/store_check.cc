#include "format/store_check.h"

#include <fcntl.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "format/layout.h"
#include "format/wal_check.h"

namespace logfmt {
namespace {

constexpr int kTriesMax = 20;
constexpr unsigned kThreadsMax = 2;
constexpr size_t kIdentityBytesMax = 256;
constexpr std::chrono::milliseconds kWriterPause{20};

// One pass over a listing. Gone files are not judged here.
class Pass {
 public:
  explicit Pass(const StoreDir& store) : store_(store) {}

  // False: what was listed has changed too much; list again.
  Result<bool> run() {
    // Asked first, as a reader does: a writer that ends later closes its WAL.
    has_writer_ = store_.has_writer();
    auto whole = check_wals();
    if (!whole || !*whole) return whole;
    const auto listed = store_.list();
    if (!listed) return fail(listed.error());
    for (const StoreFile& file : *listed) {
      if (file.kind == StoreFileKind::kSegment) segments_.push_back(file);
    }
    if (has_writer_ && !segments_.empty() && is_being_made(segments_.back())) {
      segments_.pop_back();
    }
    LOGD_RETURN_IF_ERROR(check_segments());
    return join();
  }

  bool has_writer() const { return has_writer_; }
  std::vector<FileCheck> take_files() { return std::move(files_); }

 private:
  // WALs first: one that becomes a segment meanwhile is then in both, never
  // in neither.
  Result<bool> check_wals() {
    const auto listed = store_.list();
    if (!listed) return fail(listed.error());
    for (const StoreFile& file : *listed) {
      if (file.kind != StoreFileKind::kWal) continue;
      auto wal = WalReader::open(store_.fd(), file.name, store_.id());
      if (!wal && wal.error().code == ErrorCode::kNotFound) return false;
      if (!wal && is_readers_trouble(wal.error())) {
        return fail(std::move(wal.error()));
      }
      // Just being made: no header yet, and no entries.
      if (!wal && wal.error().code == ErrorCode::kTruncated && has_writer_) {
        continue;
      }
      auto check = wal ? check_wal(*wal, file) : unreadable(file, wal.error());
      if (!check) return fail(std::move(check.error()));
      wals_.push_back(std::move(*check));
    }
    return true;
  }

  bool is_being_made(const StoreFile& file) const {
    const auto segment =
        SegmentReader::open(store_.fd(), file.name, store_.id());
    return !segment && segment.error().code == ErrorCode::kTruncated;
  }

  static Result<FileCheck> unreadable(const StoreFile& file,
                                      const Error& error) {
    return FileCheck{.name = file.name,
                     .kind = file.kind,
                     .first_seq = file.first_seq,
                     .next_seq = file.first_seq,
                     .gaps = {{.file = file.name,
                               .end = file.identity.bytes,
                               .first_seq = file.first_seq,
                               .cause = error.message()}}};
  }

  Status check_segments() {
    checked_.resize(segments_.size());
    std::atomic<size_t> next{0};
    const auto work = [&] {
      for (size_t i = next++; i < segments_.size(); i = next++) {
        checked_[i] = check_segment(store_, segments_[i]);
      }
    };
    const unsigned threads =
        std::clamp(std::thread::hardware_concurrency(), 1U, kThreadsMax);
    {
      std::vector<std::jthread> others;
      for (unsigned i = 1; i < threads && i < segments_.size(); ++i) {
        others.emplace_back(work);
      }
      work();
    }
    for (size_t i = 0; i < checked_.size(); ++i) {
      auto& check = *checked_[i];
      if (check || check.error().code == ErrorCode::kNotFound) continue;
      if (check.error().code != ErrorCode::kTruncated) {
        return fail(check.error());
      }
      check = unreadable(segments_[i], check.error());
    }
    return {};
  }

  // The oldest segments may have been vacuumed meanwhile. One that is gone
  // from the middle was merged with others: what holds its entries now is to
  // be found by listing anew.
  Result<bool> join() {
    for (auto& check : checked_) {
      if (!check->has_value() && !files_.empty()) return false;
      if (check->has_value()) files_.push_back(std::move(check->value()));
    }
    std::move(wals_.begin(), wals_.end(), std::back_inserter(files_));
    return true;
  }

  const StoreDir& store_;
  bool has_writer_ = false;
  std::vector<StoreFile> segments_;
  std::vector<std::optional<Result<FileCheck>>> checked_;
  std::vector<FileCheck> wals_;
  std::vector<FileCheck> files_;
};

// What the files say about each other: where each ends, whether the next one
// goes on from there, and what a file that was not closed means.
class Sequence {
 public:
  Sequence(std::vector<FileCheck>& files, bool has_writer)
      : files_(files), has_writer_(has_writer) {}

  // False where a live writer was met in the middle of sealing.
  bool judge() {
    for (size_t i = 0; i < files_.size(); ++i) {
      judge_end(i);
      judge_hole(i);
      expected_ = std::max(expected_, files_[i].next_seq);
    }
    return !in_flux_;
  }

 private:
  bool newest_of_kind(size_t index) const {
    return index + 1 == files_.size() ||
           files_[index + 1].kind != files_[index].kind;
  }
  Gap tail_gap(const FileCheck& file, std::string cause) const {
    return {.file = file.name,
            .begin = file.tail_begin,
            .end = file.tail_begin + file.tail_bytes,
            .cause = std::move(cause)};
  }

  void judge_end(size_t index) {
    FileCheck& file = files_[index];
    const bool readable = file.tail_begin > 0;
    if (file.closed || !readable) return;
    const bool growing = has_writer_ && newest_of_kind(index);
    if (file.kind == StoreFileKind::kWal) {
      if (growing) return;
      Gap gap = tail_gap(file, "tail not closed");
      gap.first_seq = file.next_seq;
      file.gaps.push_back(std::move(gap));
    } else if (!newest_of_kind(index)) {
      file.gaps.push_back(tail_gap(file, "no footer checks"));
    } else if (file.tail_bytes > 0) {
      in_flux_ = growing;  // a block or a footer may be just being written
      Gap gap = tail_gap(file, "its end does not check");
      const bool continued = index + 1 < files_.size() &&
                             files_[index + 1].first_seq <= file.next_seq;
      if (!continued) gap.first_seq = file.next_seq;
      file.gaps.push_back(std::move(gap));
    }
  }

  // Entries that come neither from this file nor from one before it.
  void judge_hole(size_t index) {
    const FileCheck& file = files_[index];
    if (index == 0 || file.first_seq <= expected_) return;
    FileCheck& before = files_[index - 1];
    Gap gap =
        tail_gap(before, "what comes before " + file.name + " is missing");
    gap.first_seq = expected_;
    gap.last_seq = file.first_seq - 1;
    before.gaps.push_back(std::move(gap));
  }

  std::vector<FileCheck>& files_;
  bool has_writer_;
  bool in_flux_ = false;
  uint64_t expected_ = 0;
};

}  // namespace

std::optional<Gap> check_identity(const StoreDir& store) {
  const std::string expected = "logd store " + std::to_string(kFormatVersion) +
                               " " + store.id().hex() + "\n";
  std::string text;
  const auto file = open_at(store.fd(), "STORE", O_RDONLY);
  if (file && pread_up_to(file->get(), 0, kIdentityBytesMax, text) &&
      text == expected) {
    return std::nullopt;
  }
  return Gap{.file = "STORE",
             .end = text.size(),
             .cause = "it is not what logd writes; no entry is lost"};
}

Result<StoreCheck> check_store(const StoreDir& store) {
  StoreCheck result;
  for (int tries = 0; tries < kTriesMax; ++tries) {
    Pass pass(store);
    const auto whole = pass.run();
    if (!whole) return fail(whole.error());
    if (!*whole) continue;
    result.files = pass.take_files();
    if (Sequence(result.files, pass.has_writer()).judge()) break;
    std::this_thread::sleep_for(kWriterPause);
  }
  auto aside = store.list_set_aside();
  if (!aside) return fail(std::move(aside.error()));
  result.set_aside = std::move(*aside);
  return result;
}

}  // namespace logfmt
