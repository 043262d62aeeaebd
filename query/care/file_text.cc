#include "query/care/file_text.h"

#include <algorithm>

#include "query/message_text.h"

namespace logq {
namespace {

constexpr size_t kNameWidth = 12;

}  // namespace

std::string priority_names(uint16_t mask) {
  static constexpr std::string_view kNames[] = {"emerg", "alert",   "crit",
                                                "err",   "warning", "notice",
                                                "info",  "debug",   "none"};
  std::string text;
  for (size_t i = 0; i < std::size(kNames); ++i) {
    if ((mask >> i & 1) == 0) continue;
    if (!text.empty()) text += ' ';
    text += kNames[i];
  }
  return text;
}

void FileText::begin_line(std::string& out, std::string_view name) {
  out += "  ";
  out += name;
  out.append(kNameWidth - std::min(name.size(), kNameWidth - 1), ' ');
}

void FileText::append_header(std::string& out,
                             const logfmt::FileHeader& header) {
  begin_line(out, "store");
  out += header.store.hex() + "\n";
  begin_line(out, "made");
  append_time(out, header.created_us);
  out += "\n";
  if (header.compatible_flags != 0) {
    begin_line(out, "flags");
    out += std::to_string(header.compatible_flags) + "\n";
  }
}

void FileText::append(std::string& out, const logfmt::SegmentReader& segment) {
  const logfmt::FileHeader& header = segment.header();
  const uint64_t file_bytes = segment.valid_bytes() + segment.tail_bytes();
  uint64_t entries = 0;
  uint64_t oldest_us = UINT64_MAX;
  uint64_t newest_us = 0;
  for (const auto& block : segment.blocks()) {
    entries += block.header.rows;
    oldest_us = std::min(oldest_us, block.header.min_realtime_us);
    newest_us = std::max(newest_us, block.header.max_realtime_us);
  }
  out += segment.name() + ": segment, ";
  append_size(out, file_bytes);
  out += segment.sealed() ? ", sealed\n" : ", not sealed\n";
  append_header(out, header);
  if (header.end_seq != 0) {
    begin_line(out, "rewritten");
    out += "at level " + std::to_string(header.level) + "\n";
  }
  begin_line(out, "numbers");
  out += std::to_string(header.first_seq) + " to " +
         std::to_string(segment.next_seq() - 1) + "\n";
  begin_line(out, "entries");
  out += std::to_string(entries) + " in " +
         std::to_string(segment.blocks().size()) +
         (segment.blocks().size() == 1 ? " block\n" : " blocks\n");
  if (entries == 0) return;
  begin_line(out, "times");
  append_time(out, oldest_us);
  out += " to ";
  append_time(out, newest_us);
  out += "\n";
}

void FileText::append(std::string& out, const logfmt::WalReader& wal,
                      uint64_t entries) {
  out += wal.name() + ": write-ahead log, ";
  append_size(out, wal.valid_bytes() + wal.tail_bytes());
  out += wal.closed() ? ", closed\n" : ", not closed\n";
  append_header(out, wal.header());
  begin_line(out, "boot");
  out += wal.header().boot.hex() + "\n";
  begin_line(out, "numbers");
  out += std::to_string(wal.header().first_seq) + " to " +
         std::to_string(wal.next_seq() - 1) + "\n";
  begin_line(out, "entries");
  out += std::to_string(entries) + "\n";
  if (wal.tail_bytes() == 0) return;
  begin_line(out, "tail");
  out += std::to_string(wal.tail_bytes()) + " bytes that do not check\n";
}

}  // namespace logq
