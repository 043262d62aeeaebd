#include "tests/format/testing/store_samples.h"

#include "format/checksum.h"
#include "format/segment_reader.h"
#include "format/wal_reader.h"
#include "tests/format/testing/temp_dir.h"

namespace logfmt::testing {

Id128 id_of(uint8_t byte) {
  Id128 id;
  id.bytes.fill(byte);
  return id;
}

StoreDir make_store(const std::string& path, const Id128& id) {
  write_whole(path + "/STORE", "logd store 1 " + id.hex() + "\n");
  auto store = StoreDir::open(path);
  if (!store) ADD_FAILURE() << store.error().message();
  return std::move(store.value());
}

WalMaker::WalMaker(const StoreDir& store, uint64_t first_seq)
    : builder_(checksum_seed(store.id())), next_seq_(first_seq) {
  auto writer =
      WalWriter::create(store.fd(), {.magic = kWalMagic,
                                     .store = store.id(),
                                     .boot = kBoot,
                                     .first_seq = first_seq,
                                     .created_us = 1'700'000'000'000'000});
  if (!writer) ADD_FAILURE() << writer.error().message();
  writer_ = std::move(writer.value());
}

std::string WalMaker::frame(std::span<const Sample> rows) {
  for (const Sample& row : rows) {
    WalContext& context = contexts_[row.context];
    context.fields = row.context;
    builder_.begin_row(context, {.realtime_us = row.realtime_us,
                                 .pid = row.pid,
                                 .priority = row.priority});
    for (const Field& field : FieldList(row.payload)) {
      builder_.add_field(field.name, field.value);
    }
    builder_.end_row();
  }
  const auto offset_us = static_cast<int64_t>(rows.front().realtime_us -
                                              rows.front().monotonic_us);
  std::string bytes(builder_.finish({.batch_id = ++batch_id_,
                                     .first_seq = rows.front().seq,
                                     .clock_offset_us = offset_us}));
  builder_.clear();
  return bytes;
}

void WalMaker::append(std::span<const Sample> rows) {
  offsets_.push_back(writer_->bytes());
  const auto status = writer_->append(frame(rows));
  EXPECT_TRUE(status) << status.error().message();
  next_seq_ = rows.back().seq + 1;
}

void WalMaker::close() {
  offsets_.push_back(writer_->bytes());
  const auto status = writer_->close({.batch_id = ++batch_id_,
                                      .first_seq = next_seq_,
                                      .durable_seq = next_seq_});
  EXPECT_TRUE(status) << status.error().message();
}

std::vector<Sample> write_epochs(const StoreDir& store, size_t epochs,
                                 size_t frames, size_t rows,
                                 std::vector<uint64_t>* offsets) {
  auto entries = plain_run(1, epochs * frames * rows);
  for (Sample& entry : entries) entry.boot = kBoot;
  WalMaker wal(store, 1);
  std::span<const Sample> rest(entries);
  for (size_t i = 0; i < epochs * frames; ++i) {
    if (i % frames == 0) wal.start_epoch();
    wal.append(rest.first(rows));
    rest = rest.subspan(rows);
  }
  wal.close();
  if (offsets != nullptr) *offsets = wal.frame_offsets();
  return entries;
}

Reading read_wal(const StoreDir& store, const std::string& name) {
  Reading reading;
  auto reader = WalReader::open(store.fd(), name, store.id());
  if (!reader) {
    reading.error = reader.error().message();
    return reading;
  }
  reading.opened = true;
  if (const auto status = reader->refresh(); !status) {
    reading.error = status.error().message();
  }
  EntryView entry;
  while (reader->next(entry)) reading.entries.push_back(copy_of(entry));
  reading.gaps = reader->take_gaps();
  if (!reader->closed()) reading.open_from = reader->next_seq();
  return reading;
}

Reading read_segment(const StoreDir& store, const std::string& name) {
  Reading reading;
  const auto reader = SegmentReader::open(store.fd(), name, store.id());
  if (!reader) {
    reading.error = reader.error().message();
    return reading;
  }
  reading.opened = true;
  reading.gaps = reader->gaps();
  for (size_t i = 0; i < reader->blocks().size(); ++i) {
    auto block = reader->read_block(i);
    auto status = block ? block->load_payloads() : fail(block.error());
    if (!status) {
      reading.gaps.push_back(reader->block_gap(i, status.error().message()));
      continue;
    }
    for (size_t row = 0; row < block->rows(); ++row) {
      reading.entries.push_back(copy_of(block->entry(row)));
    }
  }
  if (!reader->sealed()) reading.open_from = reader->next_seq();
  return reading;
}

::testing::AssertionResult is_honest(const Reading& reading,
                                     const std::vector<Sample>& original) {
  if (!reading.opened) return ::testing::AssertionSuccess();
  const auto owned_up = [&](uint64_t seq) {
    if (reading.open_from && seq >= *reading.open_from) return true;
    for (const Gap& gap : reading.gaps) {
      if (gap.first_seq && seq >= *gap.first_seq &&
          (!gap.last_seq || seq <= *gap.last_seq)) {
        return true;
      }
    }
    return false;
  };
  auto read = reading.entries.begin();
  for (const Sample& wanted : original) {
    if (read != reading.entries.end() && *read == wanted) {
      ++read;
    } else if (!owned_up(wanted.seq)) {
      return ::testing::AssertionFailure()
             << "entry " << wanted.seq << " is missing without a word";
    }
  }
  if (read != reading.entries.end()) {
    return ::testing::AssertionFailure() << "an entry that was never written:\n"
                                         << listing({*read});
  }
  return ::testing::AssertionSuccess();
}

}  // namespace logfmt::testing
