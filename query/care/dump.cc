#include "query/care/dump.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "format/file_header.h"
#include "query/care/block_text.h"
#include "query/care/file_text.h"
#include "query/message_text.h"
#include "query/output_stream.h"
#include "query/remarks.h"

namespace logq {
namespace {

using logfmt::ErrorCode;
using logfmt::fail;
using logfmt::FileHeader;
using logfmt::Id128;
using logfmt::Result;
using logfmt::SegmentReader;
using logfmt::Status;
using logfmt::StoreDir;
using logfmt::StoreFile;
using logfmt::WalReader;

// A file by its path, without the store around it.
struct OpenedFile {
  logfmt::Fd dir{};
  std::string name{};
  bool is_wal = false;
  Id128 store{};  // as the file says
};

Result<OpenedFile> open_file(const std::string& path) {
  OpenedFile opened;
  const std::filesystem::path place(path);
  const std::string dir = place.parent_path();
  opened.name = place.filename();
  opened.dir.reset(open(dir.empty() ? "." : dir.c_str(),
                        O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!opened.dir.valid()) return logfmt::fail_errno("cannot open " + dir);
  const auto file = logfmt::open_at(opened.dir.get(), opened.name, O_RDONLY);
  if (!file) return fail(file.error());
  std::string bytes;
  LOGD_RETURN_IF_ERROR(
      logfmt::pread_up_to(file->get(), 0, logfmt::kFileHeaderBytes, bytes));
  opened.is_wal = bytes.starts_with(
      std::string_view(logfmt::kWalMagic.data(), logfmt::kWalMagic.size()));
  if (!opened.is_wal &&
      !bytes.starts_with(std::string_view(logfmt::kSegmentMagic.data(),
                                          logfmt::kSegmentMagic.size()))) {
    return fail(ErrorCode::kInvalidArgument,
                path + " is neither a segment nor a write-ahead log of logd");
  }
  constexpr size_t kStoreAt = 24;
  if (bytes.size() >= kStoreAt + opened.store.bytes.size()) {
    bytes.copy(reinterpret_cast<char*>(opened.store.bytes.data()),
               opened.store.bytes.size(), kStoreAt);
  }
  return opened;
}

void append_names(std::string& out, std::string_view what, size_t count) {
  FileText::begin_line(out, what);
  out += std::to_string(count) + "\n";
}

class Dump {
 public:
  explicit Dump(const Options& options)
      : options_(options), file_text_(options.listing.output.utc) {}

  Result<ExitStatus> run() {
    const auto file = open_file(options_.care.dump_file);
    if (!file) return fail(file.error());
    const auto status = file->is_wal ? dump_wal(*file) : dump_segment(*file);
    if (auto flow = out_.flush(); !flow) return fail(std::move(flow.error()));
    if (!status) return fail(status.error());
    return report(gaps_) ? ExitStatus::kGap : ExitStatus::kShown;
  }

 private:
  Status dump_segment(const OpenedFile& file) {
    const auto segment =
        SegmentReader::open(file.dir.get(), file.name, file.store);
    if (!segment) return fail(segment.error());
    if (options_.care.dump_block) return dump_block(*segment);
    gaps_ = segment->gaps();
    file_text_.append(out_.buffer(), *segment);
    for (size_t i = 0; i < segment->blocks().size(); ++i) {
      describe_block(*segment, i);
    }
    describe_end(*segment);
    return {};
  }

  void describe_block(const SegmentReader& segment, size_t index) {
    append_block_head(out_.buffer(), segment.blocks()[index], index,
                      file_text_);
    auto block = segment.read_block(index);
    auto status = block ? block->load_payloads() : fail(block.error());
    if (!status) {
      gaps_.push_back(segment.block_gap(index, status.error().message()));
      out_.buffer() += "  It cannot be read.\n";
      return;
    }
    append_block_summary(out_.buffer(), *block);
  }

  void describe_end(const SegmentReader& segment) {
    std::string& out = out_.buffer();
    if (!segment.sealed()) {
      out += "\nno footer; " + std::to_string(segment.tail_bytes()) +
             " bytes behind the last block\n";
      return;
    }
    const logfmt::SegmentFooter& footer = segment.footer();
    const uint64_t begin = footer.blocks.empty()
                               ? logfmt::kFileHeaderBytes
                               : footer.blocks.back().offset +
                                     footer.blocks.back().header.block_bytes();
    out += "\nfooter at " + std::to_string(begin) + ", ";
    append_size(out, segment.valid_bytes() - begin);
    out += " with its trailer\n";
    append_names(out, "units", footer.units.size());
    append_names(out, "identifiers", footer.identifiers.size());
    append_names(out, "fields", footer.fields.size());
  }

  Status dump_block(const SegmentReader& segment) {
    const uint64_t index = *options_.care.dump_block;
    if (index >= segment.blocks().size()) {
      return fail(ErrorCode::kInvalidArgument,
                  "--block: " + segment.name() + " has " +
                      std::to_string(segment.blocks().size()) +
                      " blocks, counted from 0");
    }
    append_block_head(out_.buffer(), segment.blocks()[index], index,
                      file_text_);
    auto block = segment.read_block(index);
    auto status = block ? block->load_text() : fail(block.error());
    if (status) status = block->load_numbers();
    if (!status) {
      gaps_.push_back(segment.block_gap(index, status.error().message()));
      return {};
    }
    append_block_content(out_.buffer(), *block);
    return {};
  }

  Status dump_wal(const OpenedFile& file) {
    if (options_.care.dump_block) {
      return fail(ErrorCode::kInvalidArgument,
                  "--block: a write-ahead log has frames, not blocks");
    }
    auto wal = WalReader::open(file.dir.get(), file.name, file.store);
    if (!wal) return fail(wal.error());
    LOGD_RETURN_IF_ERROR(wal->refresh());
    std::string rows;
    uint64_t frames = 0;
    uint64_t entries = 0;
    uint64_t frame_end = 0;
    for (logfmt::EntryView entry; wal->next(entry); ++entries) {
      if (wal->valid_bytes() == frame_end) continue;
      frame_end = wal->valid_bytes();
      ++frames;
      rows += "  ends at " + std::to_string(frame_end) + ", first entry " +
              std::to_string(entry.seq) + ", batch " +
              std::to_string(wal->last_batch_id()) + ", ";
      file_text_.append_time(rows, entry.realtime_us);
      rows += "\n";
    }
    gaps_ = wal->take_gaps();
    if (wal->open_gap()) gaps_.push_back(*wal->open_gap());
    file_text_.append(out_.buffer(), *wal, entries);
    out_.buffer() += "\n" + std::to_string(frames) + " frames\n" + rows;
    if (wal->closed()) out_.buffer() += "  end frame\n";
    return {};
  }

  const Options& options_;
  FileText file_text_;
  OutputStream out_{STDOUT_FILENO};
  std::vector<logfmt::Gap> gaps_;
};

// False where it cannot be read; a file that is gone was vacuumed.
bool append_head(const StoreDir& store, const StoreFile& file, FileText& text,
                 std::string& out) {
  logfmt::Error error;
  if (file.kind == logfmt::StoreFileKind::kSegment) {
    const auto segment = SegmentReader::open(store.fd(), file.name, store.id());
    if (segment) text.append(out, *segment);
    if (segment) return true;
    error = segment.error();
  } else {
    auto wal = WalReader::open(store.fd(), file.name, store.id());
    auto status = wal ? wal->refresh() : fail(wal.error());
    if (status) {
      uint64_t entries = 0;
      for (logfmt::EntryView entry; wal->next(entry);) ++entries;
      text.append(out, *wal, entries);
      return true;
    }
    error = status.error();
  }
  if (error.code == ErrorCode::kNotFound) return true;
  out += file.name + ": " + error.message() + "\n";
  return false;
}

}  // namespace

Result<ExitStatus> dump_file(const Options& options) {
  return Dump(options).run();
}

Result<ExitStatus> print_file_headers(const Options& options,
                                      std::span<const StoreDir> stores) {
  FileText text(options.listing.output.utc);
  OutputStream out(STDOUT_FILENO);
  auto worst = ExitStatus::kShown;
  for (const StoreDir& store : stores) {
    const auto files = store.list();
    if (!files) return fail(files.error());
    for (const StoreFile& file : *files) {
      if (!append_head(store, file, text, out.buffer())) {
        worst = ExitStatus::kGap;
      }
      out.buffer() += "\n";
      if (auto flow = out.flush(); !flow) return fail(std::move(flow.error()));
    }
  }
  return worst;
}

}  // namespace logq
