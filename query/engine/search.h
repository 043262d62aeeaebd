// Runs a query over one or several stores and gives the matches in the order
// in which they are to be shown.
//
// Within a store the order is that of sequence numbers, whatever the clock
// did; several stores are merged by time. With a limit, the newest (or oldest)
// matches are chosen first and nothing beyond them is read; they are then
// walked again in the order of the output, so a large limit costs time, not
// memory.
//
// The StoreDirs must outlive the search. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "format/store_dir.h"
#include "query/engine/query.h"
#include "query/engine/store_scan.h"

namespace logq {

// A view; valid until the next call.
struct Match {
  logfmt::EntryView entry{};
  logfmt::Id128 store_id{};
};

class Search {
 public:
  // kNotFound for a boot that the stores do not know, kInvalidArgument for a
  // pattern that cannot be compiled.
  static logfmt::Result<Search> open(std::span<const logfmt::StoreDir> stores,
                                     const Query& query);

  Search(Search&&) noexcept;
  Search& operator=(Search&&) noexcept;
  ~Search();

  bool next(Match& match);
  // Damage met since the last call.
  std::vector<logfmt::Gap> take_gaps();
  // For each store: where a follower has to go on.
  std::vector<uint64_t> end_seqs();

 private:
  struct Lane;

  explicit Search(const Query& query);

  bool step(Direction direction, Match& match);
  void choose();

  std::vector<std::unique_ptr<Lane>> lanes_;
  Direction output_;
  Direction choice_;  // output_ once the choice has been made
  uint64_t left_;     // matches still to be given
};

}  // namespace logq
