#include "tests/query_engine/made_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "format/checksum.h"
#include "query/engine/search.h"

namespace logq_test {

using logfmt::EntryView;
using logfmt::FieldList;

EntryView MadeEntry::view() const {
  return {.seq = seq,
          .boot_id = boot,
          .realtime_us = realtime_us,
          .monotonic_us = monotonic_us,
          .priority = priority,
          .pid = pid,
          .context = FieldList(context),
          .payload = FieldList(payload)};
}

MadeEntry copy_of(const EntryView& entry) {
  return {.seq = entry.seq,
          .boot = entry.boot_id,
          .realtime_us = entry.realtime_us,
          .monotonic_us = entry.monotonic_us,
          .priority = entry.priority,
          .pid = entry.pid,
          .context = std::string(entry.context.encoded()),
          .payload = std::string(entry.payload.encoded())};
}

std::ostream& operator<<(std::ostream& out, const MadeEntry& entry) {
  return out << "entry " << entry.seq << " at " << entry.realtime_us << " up "
             << entry.monotonic_us << " priority " << int{entry.priority}
             << " pid " << entry.pid << " context "
             << testing::PrintToString(entry.context) << " payload "
             << testing::PrintToString(entry.payload);
}

logfmt::Id128 boot_number(uint8_t number) {
  logfmt::Id128 boot;
  boot.bytes.fill(number);
  return boot;
}

std::string fields(const std::vector<logfmt::Field>& list) {
  std::string encoded;
  for (const auto& [name, value] : list) {
    logfmt::append_field(encoded, name, value);
  }
  return encoded;
}

MadeEntry entry_of(uint64_t seq, std::string_view unit,
                   std::string_view message) {
  MadeEntry entry{.seq = seq,
                  .boot = boot_number(1),
                  .realtime_us = seq * 1'000'000,
                  .monotonic_us = seq * 1'000'000};
  if (!unit.empty()) entry.context = fields({{"_SYSTEMD_UNIT", unit}});
  entry.payload = fields({{"MESSAGE", message}});
  return entry;
}

TempDir::TempDir() {
  std::string pattern =
      std::filesystem::temp_directory_path() / "logq_test.XXXXXX";
  path_ = mkdtemp(pattern.data());
}

TempDir::~TempDir() { std::filesystem::remove_all(path_); }

MadeWal::MadeWal(const logfmt::StoreDir& store, uint64_t first_seq,
                 const logfmt::Id128& boot)
    : writer_(std::move(
          *logfmt::WalWriter::create(store.fd(), {.magic = logfmt::kWalMagic,
                                                  .store = store.id(),
                                                  .boot = boot,
                                                  .first_seq = first_seq}))),
      builder_(logfmt::checksum_seed(store.id())),
      next_seq_(first_seq) {}

void MadeWal::add(Entries entries) {
  builder_.clear();
  for (const MadeEntry& entry : entries) {
    auto context = std::make_unique<logfmt::WalContext>();
    context->fields = entry.context;
    builder_.begin_row(*context, {.realtime_us = entry.realtime_us,
                                  .pid = entry.pid,
                                  .priority = entry.priority});
    contexts_.push_back(std::move(context));
    for (const auto& [name, value] : FieldList(entry.payload)) {
      builder_.add_field(name, value);
    }
    builder_.end_row();
  }
  const auto frame = builder_.finish(
      {.batch_id = ++batch_,
       .first_seq = entries.front().seq,
       .clock_offset_us = static_cast<int64_t>(entries.front().realtime_us -
                                               entries.front().monotonic_us)});
  if (!writer_.append(frame)) std::abort();
  next_seq_ = entries.back().seq + 1;
}

void MadeWal::close() {
  if (!writer_.close({.batch_id = ++batch_, .first_seq = next_seq_})) {
    std::abort();
  }
}

MadeStore::MadeStore()
    : dir_(std::move(*logfmt::StoreDir::open_or_create(temp_.path()))) {}

void MadeStore::lock() {
  if (!dir_.lock()) std::abort();
}

std::string MadeStore::add_segment(Entries entries, size_t rows_max,
                                   Ending ending) {
  auto writer =
      logfmt::SegmentWriter::create(dir_, entries.front().seq, 1'000'000);
  logfmt::BlockBuilder builder(logfmt::checksum_seed(dir_.id()));
  const auto cut = [&] {
    if (!writer->append(builder.finish(1))) std::abort();
  };
  for (const MadeEntry& entry : entries) {
    if (builder.rows() >= rows_max || !builder.accepts(entry.view())) cut();
    builder.add(entry.view());
  }
  cut();
  if (ending == Ending::kSealed && !writer->seal()) std::abort();
  return writer->name();
}

std::string MadeStore::add_wal(Entries entries, Ending ending,
                               size_t frame_rows) {
  MadeWal wal(dir_, entries.front().seq, entries.front().boot);
  while (!entries.empty()) {
    const size_t rows = std::min(frame_rows, entries.size());
    wal.add(entries.first(rows));
    entries = entries.subspan(rows);
  }
  if (ending == Ending::kSealed) wal.close();
  return wal.name();
}

void flip_byte(const std::string& path, uint64_t offset) {
  const logfmt::Fd file(::open(path.c_str(), O_RDWR | O_CLOEXEC));
  std::string byte;
  if (!logfmt::pread_exactly(file.get(), offset, 1, byte)) std::abort();
  byte[0] = static_cast<char>(~byte[0]);
  if (!logfmt::pwrite_all(file.get(), offset, byte)) std::abort();
}

Answer ask(const MadeStore& store, const logq::Query& query) {
  Answer answer;
  auto search = logq::Search::open(std::span(&store.dir(), 1), query);
  if (!search) {
    answer.status = logfmt::fail(search.error());
    return answer;
  }
  for (logq::Match match; search->next(match);) {
    answer.entries.push_back(copy_of(match.entry));
    answer.seqs.push_back(match.entry.seq);
    answer.messages.emplace_back(
        logq::last_message(match.entry.payload).value_or(""));
  }
  answer.gaps = search->take_gaps();
  return answer;
}

}  // namespace logq_test
