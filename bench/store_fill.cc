#include "bench/store_fill.h"

#include <ctime>

#include "format/checksum.h"

namespace logbench {
namespace {

double thread_cpu_s() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) +
         1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

StoreFill::StoreFill(logfmt::StoreDir store, int level)
    : store_(std::move(store)),
      level_(level),
      builder_(logfmt::checksum_seed(store_.id())) {}

logfmt::Result<std::unique_ptr<StoreFill>> StoreFill::create(
    const std::string& directory, int level) {
  auto store = logfmt::StoreDir::open_or_create(directory);
  if (!store) return logfmt::fail(std::move(store.error()));
  LOGD_RETURN_IF_ERROR(store->lock());
  const auto files = store->list();
  if (!files) return logfmt::fail(files.error());
  if (!files->empty()) {
    return logfmt::fail(logfmt::ErrorCode::kInvalidArgument,
                        directory + " holds entries; name an empty directory");
  }
  return std::make_unique<StoreFill>(std::move(*store), level);
}

logfmt::Status StoreFill::add(std::span<const MadeEntry> entries) {
  double begin_s = thread_cpu_s();
  for (const MadeEntry& made : entries) {
    const logfmt::EntryView entry = made.view(totals_.entries + 1);
    if (!builder_.accepts(entry)) {
      totals_.encode_cpu_s += thread_cpu_s() - begin_s;
      LOGD_RETURN_IF_ERROR(append_block());
      begin_s = thread_cpu_s();
    }
    builder_.add(entry);
    if (totals_.entries++ == 0) totals_.first_us = made.realtime_us;
    totals_.last_us = made.realtime_us;
  }
  totals_.encode_cpu_s += thread_cpu_s() - begin_s;
  for (const MadeEntry& made : entries) {
    totals_.message_bytes += made.message().size();
  }
  return {};
}

logfmt::Status StoreFill::append_block() {
  const double begin_s = thread_cpu_s();
  const logfmt::EncodedBlock block = builder_.finish(level_);
  totals_.encode_cpu_s += thread_cpu_s() - begin_s;
  ++totals_.blocks;
  if (!segment_) {
    auto segment = logfmt::SegmentWriter::create(store_, block.header.first_seq,
                                                 totals_.last_us);
    if (!segment) return logfmt::fail(std::move(segment.error()));
    segment_.emplace(std::move(*segment));
  }
  LOGD_RETURN_IF_ERROR(segment_->append(block));
  if (segment_->blocks() < segment_blocks_) return {};
  LOGD_RETURN_IF_ERROR(segment_->seal());
  segment_.reset();
  return {};
}

logfmt::Status StoreFill::finish() {
  if (!builder_.empty()) LOGD_RETURN_IF_ERROR(append_block());
  if (segment_) LOGD_RETURN_IF_ERROR(segment_->seal());
  segment_.reset();
  return {};
}

}  // namespace logbench
