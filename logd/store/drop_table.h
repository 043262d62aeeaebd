// What was not stored, by cause and unit, until the log itself says so.
//
// Part of a commit record in memory that outlives the worker: a value of fixed
// size without pointers, copied as a whole, empty where all bytes are zero.
// There is a row for each cause and owner, and for each cause one more for the
// owners beyond kRowsMax. One thread.
//
// A report is an entry, which can be lost like any other. So what it says stays
// in the table until it has been stored, and is said anew if it was lost:
//
//   for (Event& event : table.report()) store it
//   DropTable next = table; next.report_stored();
//   commit the batch together with `next`, then table = next;
//   or else table.report_lost();
//
// Whoever takes over a table from memory that another process wrote asks
// valid() and calls report_lost(). Times are microseconds of CLOCK_REALTIME.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>
#include <vector>

#include "format/unit_use.h"
#include "logd/event_log.h"

namespace logd {

enum class DropCause : uint8_t {
  kRateLimit,       // more than the unit may log
  kNoSpace,         // the disk is full
  kDiskError,       // the disk fails
  kDiskSlow,        // the disk is behind, and so is memory by now
  kTooLarge,        // a datagram or a file beyond its limit
  kMalformed,       // an entry of the native protocol that cannot be read
  kFields,          // counts fields: names that clients may not use
  kStreamsRefused,  // counts streams: no header, or too many
  kKmsgOverrun,     // the kernel wrote over what was not read yet
  kOwnQueueFull,    // what logd itself had to say
};
inline constexpr size_t kDropCauses = 10;

// The value of CAUSE.
std::string_view cause_name(DropCause cause);

struct DropAmount {
  uint64_t count = 1;
  uint64_t bytes = 0;
};

class DropTable {
 public:
  static constexpr size_t kRowsMax = 64;
  static constexpr size_t kNameBytesMax = 111;  // a longer one ends in "..."
  static constexpr uint64_t kReportWithinUs = 10'000'000;

  void add(DropCause cause, const logfmt::Owner& owner,
           const DropAmount& amount, uint64_t now_us);

  bool empty() const { return total() == 0; }
  uint64_t total() const;
  // How long until something is to be reported: 0 now, the largest number
  // never. A report that is on its way is not asked for again.
  uint64_t wait_us(uint64_t now_us) const;
  bool due(uint64_t now_us) const { return wait_us(now_us) == 0; }

  // An entry for each row, of all that no report under way says. Asked for
  // before it is due where the reason for dropping has just ended.
  std::vector<Event> report();
  void report_stored();
  void report_lost();

  // False where no table was ever written that says this.
  bool valid() const;

 private:
  struct Row {
    DropCause cause;
    logfmt::OwnerKind kind;
    uint8_t name_bytes;
    uint8_t uid_bytes;
    std::array<char, kNameBytesMax> name;
    std::array<char, 13> uid;
    uint64_t count;
    uint64_t bytes;
    uint64_t first_us;
    uint64_t last_us;
    // Of those above, what a report on its way says; and when the first drop
    // was that it does not say.
    uint64_t reported_count;
    uint64_t reported_bytes;
    uint64_t next_first_us;
  };

  Row& row_of(DropCause cause, const logfmt::Owner& owner);
  static Event event_of(const Row& row, bool of_others);
  template <class Self, class Visit>
  static void for_each_row(Self& self, Visit visit);

  uint64_t rows_used_ = 0;
  std::array<Row, kRowsMax> rows_{};
  std::array<Row, kDropCauses> others_{};  // by cause
};

static_assert(std::is_trivially_copyable_v<DropTable>);

}  // namespace logd
