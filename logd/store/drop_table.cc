#include "logd/store/drop_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <utility>

namespace logd {
namespace {

using logfmt::Owner;
using logfmt::OwnerKind;

struct CauseText {
  std::string_view name;
  std::string_view thing;  // what is counted
  std::string_view reason;
};

// By DropCause.
constexpr std::array<CauseText, kDropCauses> kCauses{{
    {"rate-limit", "message",
     "beyond its rate limit, see [limits] in logd.toml(5)"},
    {"no-space", "message", "the disk is full"},
    {"disk-error", "message", "the disk did not take them"},
    {"disk-slow", "message", "the disk did not take them in time"},
    {"too-large", "message", "larger than logd takes"},
    {"malformed", "message", "not readable as entries of journald's protocol"},
    {"fields", "field", "names that clients may not use"},
    {"streams-refused", "stream", "no valid header, or too many streams"},
    {"kmsg-overrun", "message",
     "the kernel's buffer was written over before it was read"},
    {"own-queue-full", "message", "more than logd keeps until it stores them"},
}};

const CauseText& text_of(DropCause cause) {
  return kCauses[static_cast<size_t>(cause)];
}

bool of_the_disk(DropCause cause) {
  return cause == DropCause::kNoSpace || cause == DropCause::kDiskError ||
         cause == DropCause::kDiskSlow;
}

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

template <size_t N>
std::string_view text_in(const std::array<char, N>& chars, size_t bytes) {
  return std::string_view(chars.data(), bytes);
}

template <size_t N>
uint8_t put(std::string_view text, std::array<char, N>& chars) {
  static_assert(N <= UINT8_MAX);
  const size_t bytes = std::min(text.size(), N);
  std::copy_n(text.begin(), bytes, chars.begin());
  return static_cast<uint8_t>(bytes);
}

// A name as rows have it. Cut between characters, so that the mark does not
// make it unreadable.
struct ShortName {
  explicit ShortName(std::string_view name) : bytes(put(name, chars)) {
    if (name.size() <= chars.size()) return;
    constexpr std::string_view kMark = "...";
    size_t end = chars.size() - kMark.size();
    while (end > 0 && is_continuation(chars[end])) --end;
    std::copy(kMark.begin(), kMark.end(), chars.begin() + end);
    bytes = static_cast<uint8_t>(end + kMark.size());
  }
  std::string_view text() const { return text_in(chars, bytes); }

  std::array<char, DropTable::kNameBytesMax> chars{};
  uint8_t bytes;
};

}  // namespace

std::string_view cause_name(DropCause cause) { return text_of(cause).name; }

template <class Self, class Visit>
void DropTable::for_each_row(Self& self, Visit visit) {
  for (size_t i = 0; i < self.rows_used_; ++i) visit(self.rows_[i]);
  for (auto& row : self.others_) {
    if (row.count > 0) visit(row);
  }
}

DropTable::Row& DropTable::row_of(DropCause cause, const Owner& owner) {
  const ShortName name(owner.name);
  const auto end = rows_.begin() + static_cast<std::ptrdiff_t>(rows_used_);
  const auto known = std::find_if(rows_.begin(), end, [&](const Row& row) {
    return row.cause == cause && row.kind == owner.kind &&
           text_in(row.name, row.name_bytes) == name.text() &&
           text_in(row.uid, row.uid_bytes) == owner.uid;
  });
  if (known != end) return *known;
  if (rows_used_ == kRowsMax) {
    Row& row = others_[static_cast<size_t>(cause)];
    if (row.count == 0) row = {.cause = cause};
    return row;
  }
  Row& row = rows_[rows_used_++];
  row = {.cause = cause, .kind = owner.kind, .name_bytes = name.bytes};
  row.name = name.chars;
  row.uid_bytes = put(owner.uid, row.uid);
  return row;
}

void DropTable::add(DropCause cause, const Owner& owner,
                    const DropAmount& amount, uint64_t now_us) {
  if (amount.count == 0) return;
  Row& row = row_of(cause, owner);
  if (row.count == 0) row.first_us = now_us;
  if (row.count == row.reported_count) row.next_first_us = now_us;
  row.last_us = now_us;
  row.count += amount.count;
  row.bytes += amount.bytes;
}

uint64_t DropTable::total() const {
  uint64_t total = 0;
  for_each_row(*this, [&](const Row& row) { total += row.count; });
  return total;
}

uint64_t DropTable::wait_us(uint64_t now_us) const {
  uint64_t wait = UINT64_MAX;
  for_each_row(*this, [&](const Row& row) {
    if (row.reported_count > 0) return;
    // After a step of the clock the age is not known.
    const uint64_t age =
        now_us < row.first_us ? UINT64_MAX : now_us - row.first_us;
    wait = std::min(wait, kReportWithinUs - std::min(age, kReportWithinUs));
  });
  return wait;
}

std::vector<Event> DropTable::report() {
  std::vector<Event> events;
  for_each_row(*this, [&](Row& row) {
    if (row.reported_count > 0 || row.count == 0) return;
    const bool of_others = &row >= others_.data() && &row < others_.end();
    events.push_back(event_of(row, of_others));
    row.reported_count = row.count;
    row.reported_bytes = row.bytes;
  });
  return events;
}

void DropTable::report_stored() {
  for_each_row(*this, [](Row& row) {
    if (row.reported_count == 0) return;
    row.count -= std::exchange(row.reported_count, 0);
    row.bytes -= std::exchange(row.reported_bytes, 0);
    row.first_us = row.next_first_us;
  });
  const auto end = rows_.begin() + static_cast<std::ptrdiff_t>(rows_used_);
  const auto left = std::remove_if(
      rows_.begin(), end, [](const Row& row) { return row.count == 0; });
  rows_used_ = static_cast<uint64_t>(left - rows_.begin());
}

void DropTable::report_lost() {
  for_each_row(*this, [](Row& row) {
    row.reported_count = 0;
    row.reported_bytes = 0;
    row.next_first_us = row.first_us;
  });
}

bool DropTable::valid() const {
  if (rows_used_ > kRowsMax) return false;
  bool valid = true;
  for_each_row(*this, [&](const Row& row) {
    valid = valid && static_cast<size_t>(row.cause) < kDropCauses &&
            row.kind <= OwnerKind::kIdentifier &&
            row.name_bytes <= row.name.size() &&
            row.uid_bytes <= row.uid.size() && row.count > 0 &&
            row.reported_count <= row.count && row.reported_bytes <= row.bytes;
  });
  return valid;
}

Event DropTable::event_of(const Row& row, bool of_others) {
  const CauseText& text = text_of(row.cause);
  const std::string_view name = text_in(row.name, row.name_bytes);
  const std::string_view uid = text_in(row.uid, row.uid_bytes);
  const bool many = row.count != 1;
  const uint64_t span_us =
      row.last_us > row.first_us ? row.last_us - row.first_us : 0;
  constexpr uint64_t kSecondUs = 1'000'000;
  std::string whose;
  if (of_others) whose = " of other units";
  if (!name.empty()) whose = fmt::format(" of {}", name);
  return {.kind = row.cause == DropCause::kRateLimit ? EventKind::kLimited
                                                     : EventKind::kDropped,
          .priority = static_cast<uint8_t>(of_the_disk(row.cause) ? 2 : 4),
          .message = fmt::format(
              "{} {}{}{} ({}{} bytes) {} dropped within {} s: {}", row.count,
              text.thing, many ? "s" : "", whose,
              uid.empty() ? "" : fmt::format("user {}, ", uid), row.bytes,
              many ? "were" : "was",
              std::max<uint64_t>(1, (span_us + kSecondUs - 1) / kSecondUs),
              text.reason),
          .fields = {{"N_DROPPED", std::to_string(row.count)},
                     {"BYTES_DROPPED", std::to_string(row.bytes)},
                     {"CAUSE", std::string(text.name)},
                     {"FIRST_TIME", std::to_string(row.first_us)},
                     {"LAST_TIME", std::to_string(row.last_us)}},
          .about = {.kind = row.kind,
                    .name = std::string(name),
                    .uid = std::string(uid)}};
}

}  // namespace logd
