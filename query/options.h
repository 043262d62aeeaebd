// What the user wants of logq: the command line, understood.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "format/result.h"
#include "query/care/care_options.h"
#include "query/cursor.h"
#include "query/engine/query.h"
#include "query/environment.h"
#include "query/listing.h"
#include "query/pager.h"

namespace logq {

enum class Action {
  kShow,
  kPrintText,  // Options::text, and nothing else: --help, -o help, ...
  kFieldValues,
  kFieldNames,
  kDiskUsage,
  kListBoots,
  kMaintain,  // --flush, --sync, --rotate, --vacuum-*, in this order
  kDelete,
  kVerify,
  kRepair,
  kFileHeaders,
  kDump,
};

struct Options {
  Action action = Action::kShow;
  std::string text{};
  std::string field{};  // of kFieldValues

  Query query{};
  std::vector<std::string> directories{};  // stores, by default one
  bool directories_given = false;
  bool follow = false;

  // Where to begin. The entry of `cursor` is itself shown unless
  // after_cursor; a cursor in cursor_file always counts as shown.
  std::optional<Cursor> cursor{};
  bool after_cursor = false;
  std::string cursor_file{};

  CareOptions care{};
  std::string runtime_dir{};  // of the logd that writes the default store

  ListingOptions listing{};
  PagerRequest pager{};
  std::string time_zone{};  // for set_process_zone(); empty: leave it
};

// `arguments` without the program's name. An error is a line for stderr, for
// the exit status 2.
logfmt::Result<Options> parse_options(const std::vector<std::string>& arguments,
                                      const Environment& environment);

}  // namespace logq
