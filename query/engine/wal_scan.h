// The matching entries of one WAL, while it is written or afterwards.
//
// Views are valid until the next refresh(). One thread.
#pragma once

#include <cstdint>
#include <unordered_map>

#include "format/entry.h"
#include "format/wal_reader.h"
#include "query/engine/matcher.h"

namespace logq {

class WalScan {
 public:
  // Entries below `from_seq` are in a segment already and are passed over.
  WalScan(logfmt::WalReader wal, uint64_t from_seq)
      : wal_(std::move(wal)), from_seq_(from_seq) {}

  logfmt::Status refresh() { return wal_.refresh(); }
  // The next matching entry; false when there is none (yet).
  bool next(const Matcher& matcher, logfmt::EntryView& entry);

  // What next() has come to, matching or not.
  uint64_t next_seq() const { return wal_.next_seq(); }
  logfmt::WalReader& wal() { return wal_; }

 private:
  Truth judge(const Matcher& matcher, const logfmt::FieldList& context);

  logfmt::WalReader wal_;
  uint64_t from_seq_;
  // By the address of the context's bytes, which the reader keeps in place.
  std::unordered_map<const char*, Truth> verdicts_;
};

}  // namespace logq
