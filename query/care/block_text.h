// A block of a segment as text: where it is, what it takes, who and what is
// in it. What clients sent is escaped as on a terminal.
#pragma once

#include <string>

#include "format/block_reader.h"
#include "format/segment_footer.h"
#include "query/care/file_text.h"

namespace logq {

// What the header says.
void append_block_head(std::string& out, const logfmt::BlockRef& ref,
                       size_t index, FileText& text);
// What the rows say, whose payloads are loaded: the largest of each kind.
void append_block_summary(std::string& out, const logfmt::BlockReader& block);
// The contexts, and the templates with how their variables are kept; text and
// numbers are loaded.
void append_block_content(std::string& out, logfmt::BlockReader& block);

}  // namespace logq
