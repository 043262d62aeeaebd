// Replaces sealed segments by one that holds what a policy keeps.
//
// The one routine behind recompression, merging, limits of single units and
// deletion: decode, filter, encode, write aside, commit. Rows keep their
// numbers; those of dropped rows go missing on purpose, and the header of the
// new file says which range of numbers is its own (SegmentReader::next_seq).
// Blocks are filled anew, so there are at most as many as before. One block is
// held in memory at a time.
//
// It never drops what it cannot read: a damaged input is refused (kCorrupt)
// and stays. It reads without a lock and commits under
// StoreDir::lock_files(); where an input is not the listed file any more
// (removed or rewritten by another), nothing is changed and the answer is
// kChanged: list the store again and start over.
//
// Dying at any point loses nothing and doubles nothing. One input is replaced
// by a rename. Of several, the result first takes the name
// <first_seq>-<end_seq>.merged, which StoreDir::list() lets stand in place of
// all of them; then they are removed and it gets the name of the first. What
// is left of an interrupted run (*.tmp, *.merged) is dealt with by
// finish_rewrites().
//
// All functions may be called by any thread and process with the right to
// write into the directory.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "format/entry.h"
#include "format/result.h"
#include "format/store_dir.h"

namespace logfmt {

// zstd levels: a segment's header says at which one it was rewritten.
inline constexpr int kRewriteLevelBest = 19;
inline constexpr int kRewriteLevelQuick = 6;

struct RewritePolicy {
  // Asked once for each entry, in order of seq; empty keeps all.
  std::function<bool(const EntryView&)> keep{};
  int level = kRewriteLevelQuick;
  // Asked before each block; true ends the run with kCancelled.
  std::function<bool()> cancelled{};
  uint64_t now_us = 0;  // realtime, for the header of the new file
};

struct RewriteOutcome {
  uint64_t entries_kept = 0;
  uint64_t entries_dropped = 0;
  uint64_t bytes_before = 0;  // lengths of the files
  uint64_t bytes_after = 0;
};

// `inputs` are as StoreDir::list() gave them: neighbouring sealed segments,
// none left out, with no number missing between them (kInvalidArgument). All
// that is kept must fit into one segment: kLimit where it does not, which one
// input never causes.
//
// Whoever holds StoreDir::lock() and writes nothing else may also give a
// single unsealed segment, or the oldest WAL if it is closed; that becomes a
// sealed segment, without what is in segments already.
Result<RewriteOutcome> rewrite(const StoreDir& store,
                               std::span<const StoreFile> inputs,
                               const RewritePolicy& policy);

// Removes what interrupted runs left aside, and completes their merges. A run
// of another process that is still going on starts over.
Status finish_rewrites(const StoreDir& store);

}  // namespace logfmt
