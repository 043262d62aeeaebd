#include "format/store_names.h"

#include <charconv>

#include "format/id128.h"

namespace logfmt {
namespace {

constexpr std::string_view kSegmentSuffix = ".seg";
constexpr std::string_view kWalSuffix = ".wal";
constexpr std::string_view kMergedSuffix = ".merged";
constexpr std::string_view kAsideSuffix = ".tmp";
constexpr std::string_view kDamagedSuffix = ".damaged";
constexpr size_t kSeqDigits = 16;
constexpr size_t kAsideDigits = 8;

std::string hex(uint64_t seq) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(kSeqDigits, '0');
  for (size_t i = kSeqDigits; i-- > 0; seq >>= 4) text[i] = kDigits[seq & 15];
  return text;
}

std::optional<uint64_t> parse_hex(std::string_view text) {
  uint64_t seq = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, seq, 16);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return seq;
}

}  // namespace

std::string wal_name(uint64_t first_seq) {
  return hex(first_seq).append(kWalSuffix);
}
std::string segment_name(uint64_t first_seq) {
  return hex(first_seq).append(kSegmentSuffix);
}
std::string merged_name(uint64_t first_seq, uint64_t end_seq) {
  return (hex(first_seq) + "-" + hex(end_seq)).append(kMergedSuffix);
}
std::string aside_name(const std::string& name) {
  return (name + "." + Id128::random().hex().substr(0, kAsideDigits))
      .append(kAsideSuffix);
}
std::string damaged_name(const std::string& name) {
  return name + std::string(kDamagedSuffix);
}

std::optional<StoreName> parse_store_name(std::string_view name) {
  const auto first_seq = parse_hex(name.substr(0, kSeqDigits));
  if (!first_seq) return std::nullopt;
  StoreName parsed{.first_seq = *first_seq};
  std::string canonical = wal_name(*first_seq);
  if (name.ends_with(kSegmentSuffix)) {
    parsed.kind = StoreFileKind::kSegment;
    canonical = segment_name(*first_seq);
  } else if (name.ends_with(kMergedSuffix) && name.size() > kSeqDigits) {
    const auto end_seq = parse_hex(name.substr(kSeqDigits + 1, kSeqDigits));
    parsed.kind = StoreFileKind::kSegment;
    parsed.merged_end_seq = end_seq.value_or(0);
    canonical = merged_name(*first_seq, parsed.merged_end_seq);
  }
  if (canonical != name) return std::nullopt;  // e.g. capital digits
  return parsed;
}

bool is_aside_name(std::string_view name) {
  const size_t added = 1 + kAsideDigits + kAsideSuffix.size();
  return name.ends_with(kAsideSuffix) && name.size() > added &&
         parse_store_name(name.substr(0, name.size() - added)).has_value();
}

std::optional<StoreName> parse_damaged_name(std::string_view name) {
  if (!name.ends_with(kDamagedSuffix)) return std::nullopt;
  return parse_store_name(name.substr(0, name.size() - kDamagedSuffix.size()));
}

}  // namespace logfmt
