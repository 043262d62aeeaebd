// The command line as words and flags: which options were given, with what
// texts. What the texts mean is options.h's business.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "format/result.h"

namespace logq {

struct CommandLine {
  // Selection.
  std::vector<std::string> units{};
  std::vector<std::string> identifiers{};
  std::vector<std::string> facilities{};
  std::vector<std::string> greps{};
  std::vector<std::string> inverted_greps{};
  std::vector<std::string> terms{};
  std::optional<std::string> priority{};
  std::optional<std::string> since{};
  std::optional<std::string> until{};
  std::optional<std::string> case_sensitive{};
  std::optional<std::string> boot{};
  std::optional<std::string> cursor{};
  std::optional<std::string> after_cursor{};
  std::string cursor_file{};
  bool kernel = false;

  // Where to read.
  std::vector<std::string> directories{};

  // Output.
  std::optional<std::string> lines{};
  std::string output = "short";
  std::string output_fields{};
  std::string color = "auto";
  std::string time_zone{};
  bool utc = false;
  bool follow = false;
  bool no_tail = false;
  bool reverse = false;
  bool show_cursor = false;
  bool no_hostname = false;
  bool all = false;
  bool quiet = false;
  bool pager_end = false;
  bool no_pager = false;

  // Other actions than showing entries.
  std::optional<std::string> field{};
  bool field_names = false;
  bool disk_usage = false;
  bool list_boots = false;
  bool version = false;

  // Looking after a store.
  bool sync = false;
  bool rotate = false;
  bool flush = false;
  bool verify = false;
  bool repair = false;
  bool file_headers = false;
  bool erase = false;  // --delete
  bool yes = false;
  std::optional<std::string> vacuum_size{};
  std::optional<std::string> vacuum_time{};
  std::optional<std::string> vacuum_files{};
  std::optional<std::string> block{};
  std::string help{};  // the text of --help, if that was asked for
};

// `arguments` without the program's name.
logfmt::Result<CommandLine> read_command_line(
    const std::vector<std::string>& arguments);

}  // namespace logq
