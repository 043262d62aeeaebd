#include "tests/query_engine/damaged_store.h"

#include <fcntl.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <limits>

#include "format/segment_reader.h"
#include "tests/format/testing/temp_dir.h"
#include "tests/query_engine/plain_search.h"

namespace logq_test {
namespace {

constexpr uint64_t kEntriesPerFile = 4;
constexpr uint64_t kFiles = 5;

// Every way through a store: all of it, both ways, from either end, by what
// is in a summary and by what is only in the text.
std::vector<logq::Query> queries() {
  return {{},
          {.reverse = true},
          {.text = {.include = {"even needle"}}},
          {.units = {.include = {"odd.service"}}, .reverse = true},
          {.limit = 7},
          {.limit = 7, .from_oldest = true},
          {.text = {.exclude = {"needle \\d[13579]"}}, .limit = 5}};
}

std::vector<MadeEntry> some_entries() {
  std::vector<MadeEntry> entries;
  for (uint64_t seq = 1; seq <= kFiles * kEntriesPerFile; ++seq) {
    const bool even = seq % 2 == 0;
    auto entry = entry_of(
        seq, even ? "even.service" : "odd.service",
        (even ? "even needle " : "odd needle ") + std::to_string(seq * 7));
    entry.pid = static_cast<uint32_t>(seq % 3);
    entry.priority = static_cast<uint8_t>(seq % 9);
    entry.payload += fields({{"CODE", std::to_string(seq)}});
    entries.push_back(std::move(entry));
  }
  return entries;
}

}  // namespace

DamagedStore::DamagedStore() : entries_(some_entries()) {
  add_segment(Ending::kSealed);
  add_segment(Ending::kSealed);
  add_segment(Ending::kOpen);
  add_wal();
  add_wal();
}

Entries DamagedStore::next_four() const {
  return Entries(entries_).subspan(files_.size() * kEntriesPerFile,
                                   kEntriesPerFile);
}

void DamagedStore::add_segment(Ending ending) {
  const std::string name = store_.add_segment(next_four(), 2, ending);
  const auto segment =
      logfmt::SegmentReader::open(store_.dir().fd(), name, store_.dir().id());
  std::vector<size_t> borders{0};
  for (const auto& block : segment->blocks()) borders.push_back(block.offset);
  const auto& last = segment->blocks().back();
  borders.push_back(last.offset + last.header.block_bytes());
  add_file(name, std::move(borders));
}

void DamagedStore::add_wal() {
  const Entries entries = next_four();
  MadeWal wal(store_.dir(), entries.front().seq, entries.front().boot);
  std::vector<size_t> borders{0};
  const auto note_end = [&] {
    borders.push_back(std::filesystem::file_size(store_.path_of(wal.name())));
  };
  note_end();
  for (size_t i = 0; i < entries.size(); i += 2) {
    wal.add(entries.subspan(i, 2));
    note_end();
  }
  wal.close();
  add_file(wal.name(), std::move(borders));
}

void DamagedStore::add_file(const std::string& name,
                            std::vector<size_t> borders) {
  const uint64_t first_seq = next_four().front().seq;
  std::string bytes = logfmt::testing::read_whole(store_.path_of(name));
  if (borders.back() != bytes.size()) borders.push_back(bytes.size());
  files_.push_back({.name = name,
                    .first_seq = first_seq,
                    .end_seq = first_seq + kEntriesPerFile,
                    .bytes = std::move(bytes),
                    .borders = std::move(borders)});
}

// In place: some file systems go to the disk for a file that is emptied first.
void DamagedStore::write(size_t file, const std::string& bytes) const {
  const logfmt::Fd out(
      ::open(path_of(file).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
  if (!logfmt::pwrite_all(out.get(), 0, bytes)) std::abort();
  std::filesystem::resize_file(path_of(file), bytes.size());
}

void DamagedStore::remove(size_t file) const {
  std::filesystem::remove(path_of(file));
}

// A gap that does not know its end reaches at most to the end of its file.
bool DamagedStore::covers(const logfmt::Gap& gap, uint64_t seq) const {
  uint64_t first_seq = 0;
  uint64_t last_seq = std::numeric_limits<uint64_t>::max();
  for (const File& file : files_) {
    if (file.name != gap.file) continue;
    first_seq = file.first_seq;
    last_seq = file.end_seq - 1;
  }
  return seq >= gap.first_seq.value_or(first_seq) &&
         seq <= gap.last_seq.value_or(last_seq);
}

testing::AssertionResult DamagedStore::judge_missing(
    const Answer& answer, uint64_t seq, const std::set<size_t>& harmed) const {
  const size_t file = (seq - 1) / kEntriesPerFile;
  if (!harmed.contains(file)) {
    return testing::AssertionFailure()
           << "entry " << seq << " of the undamaged " << files_[file].name
           << " is missing";
  }
  for (const logfmt::Gap& gap : answer.gaps) {
    if (covers(gap, seq)) return testing::AssertionSuccess();
  }
  auto failure = testing::AssertionFailure()
                 << "entry " << seq << " is missing without a word, but for";
  for (const logfmt::Gap& gap : answer.gaps) {
    failure << "\n  " << gap.message();
  }
  return failure;
}

testing::AssertionResult DamagedStore::judge(
    const Answer& answer, const logq::Query& query,
    const std::set<size_t>& harmed) const {
  if (!answer.status) {
    return testing::AssertionFailure() << answer.status.error().message();
  }
  for (const MadeEntry& entry : answer.entries) {
    if (entry.seq == 0 || entry.seq > entries_.size() ||
        entry != entries_[entry.seq - 1]) {
      return testing::AssertionFailure() << "never written: " << entry;
    }
  }
  std::vector<uint64_t> given = answer.seqs;
  if (query.reverse) std::reverse(given.begin(), given.end());
  if (std::adjacent_find(given.begin(), given.end(), std::greater_equal<>()) !=
      given.end()) {
    return testing::AssertionFailure() << "not in order, or not once:"
                                       << testing::PrintToString(answer.seqs);
  }
  // What matches, in the order in which the limit counts.
  logq::Query all = query;
  all.limit.reset();
  all.reverse = query.limit && !query.from_oldest;
  uint64_t left = query.limit.value_or(entries_.size());
  size_t met = 0;
  for (const uint64_t seq : plain_search(entries_, all)) {
    if (left == 0) break;
    if (std::binary_search(given.begin(), given.end(), seq)) {
      --left;
      ++met;
    } else if (auto verdict = judge_missing(answer, seq, harmed); !verdict) {
      return verdict;
    }
  }
  if (met == given.size()) return testing::AssertionSuccess();
  return testing::AssertionFailure()
         << "entries that do not match:" << testing::PrintToString(answer.seqs);
}

testing::AssertionResult DamagedStore::is_honest(
    const std::set<size_t>& harmed) const {
  for (size_t i = 0; i < queries().size(); ++i) {
    if (auto verdict = is_honest(harmed, i); !verdict) return verdict;
  }
  return testing::AssertionSuccess();
}

testing::AssertionResult DamagedStore::is_honest(const std::set<size_t>& harmed,
                                                 size_t one) const {
  const auto all = queries();
  const logq::Query& query = all[one % all.size()];
  auto verdict = judge(ask(store_, query), query, harmed);
  if (!verdict) verdict << " (query " << one % all.size() << ")";
  return verdict;
}

}  // namespace logq_test
