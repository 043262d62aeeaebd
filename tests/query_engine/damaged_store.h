// A small store with a file of every kind, for damaging; and the judgement of
// what is read from it then: right entries only, in order, each once, and what
// is missing owned up to by a gap.
//
// Two sealed segments, an unsealed one and two WALs, four entries in each, in
// two blocks or frames. Nobody writes it and it was closed cleanly: undamaged
// it has no gaps.
#pragma once

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "tests/query_engine/made_store.h"

namespace logq_test {

class DamagedStore {
 public:
  struct File {
    std::string name{};
    uint64_t first_seq = 0;
    uint64_t end_seq = 0;
    std::string bytes{};  // undamaged
    // Where header, blocks or frames, and footer begin, and the file's end.
    std::vector<size_t> borders{};

    std::string piece(size_t index) const {
      return bytes.substr(borders[index], borders[index + 1] - borders[index]);
    }
    size_t pieces() const { return borders.size() - 1; }
  };

  static constexpr size_t kUnsealed = 2;  // of files()

  DamagedStore();

  const std::vector<File>& files() const { return files_; }
  void write(size_t file, const std::string& bytes) const;
  void remove(size_t file) const;
  // The file as it was.
  void restore(size_t file) const { write(file, files_[file].bytes); }
  std::string path_of(size_t file) const {
    return store_.path_of(files_[file].name);
  }

  // Judges the answers to queries of several kinds; entries of files that are
  // not in `harmed` must be there. `one` chooses one of the queries instead.
  testing::AssertionResult is_honest(const std::set<size_t>& harmed) const;
  testing::AssertionResult is_honest(const std::set<size_t>& harmed,
                                     size_t one) const;

 private:
  void add_file(const std::string& name, std::vector<size_t> borders);
  void add_segment(Ending ending);
  void add_wal();
  Entries next_four() const;
  bool covers(const logfmt::Gap& gap, uint64_t seq) const;
  testing::AssertionResult judge(const Answer& answer, const logq::Query& query,
                                 const std::set<size_t>& harmed) const;
  testing::AssertionResult judge_missing(const Answer& answer, uint64_t seq,
                                         const std::set<size_t>& harmed) const;

  MadeStore store_;
  std::vector<MadeEntry> entries_;
  std::vector<File> files_;
};

}  // namespace logq_test
