#include "query/engine/text_candidates.h"

#include <algorithm>
#include <string>
#include <utility>

#include "query/engine/template_search.h"

namespace logq {

logfmt::Result<std::optional<logfmt::BlockReader>> read_if_candidate(
    const logfmt::SegmentReader& segment, size_t index,
    const TextMatcher& text) {
  std::optional<logfmt::BlockReader> block;
  std::optional<std::string> strings;
  if (!text.literals().empty()) {
    auto read = segment.read_strings(index);
    if (!read) return logfmt::fail(std::move(read.error()));
    const auto may_hold = [&](const LiteralSearch& literal) {
      return strings_may_hold(*read, literal);
    };
    if (std::none_of(text.literals().begin(), text.literals().end(),
                     may_hold)) {
      return block;
    }
    strings = std::move(*read);
  }
  auto opened = segment.read_block(index);
  if (!opened) return logfmt::fail(std::move(opened.error()));
  block.emplace(std::move(*opened));
  if (strings) block->give_strings(std::move(*strings));
  return block;
}

logfmt::Status keep_candidates(logfmt::BlockReader& block,
                               const TextMatcher& text,
                               std::vector<uint32_t>& rows) {
  if (text.literals().empty()) return {};
  LOGD_RETURN_IF_ERROR(block.load_text());
  std::vector<bool> lines(block.line_count(), false);
  for (const LiteralSearch& literal : text.literals()) {
    LOGD_RETURN_IF_ERROR(TemplateSearch(block, literal).mark(lines));
  }
  std::erase_if(rows, [&](uint32_t row) { return !lines[block.line(row)]; });
  return {};
}

}  // namespace logq
