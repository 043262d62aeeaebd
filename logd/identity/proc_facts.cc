#include "logd/identity/proc_facts.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <climits>

#include "format/file.h"

namespace logd {
namespace {

constexpr size_t kStatBytesMax = 1024;
constexpr size_t kStatusBytesMax = 4096;
constexpr size_t kCgroupBytesMax = 8192;
constexpr size_t kNumberBytesMax = 32;
// "(uid_t) -1": nobody has logged in.
constexpr std::string_view kUnsetId = "4294967295";

std::string proc_path(pid_t pid, const char* name) {
  return "/proc/" + std::to_string(pid) + "/" + name;
}

std::string read_id_file(pid_t pid, const char* name) {
  std::string text = read_small_file(proc_path(pid, name), kNumberBytesMax);
  return text == kUnsetId ? std::string() : text;
}

std::string read_exe(pid_t pid) {
  std::array<char, PATH_MAX> path{};
  const ssize_t length =
      readlink(proc_path(pid, "exe").c_str(), path.data(), path.size());
  if (length <= 0) return {};
  return {path.data(), static_cast<size_t>(length)};
}

std::string read_effective_caps(pid_t pid) {
  constexpr std::string_view kKey = "\nCapEff:\t";
  const std::string status =
      read_small_file(proc_path(pid, "status"), kStatusBytesMax);
  size_t at = status.find(kKey);
  if (at == std::string::npos) return {};
  at += kKey.size();
  const size_t end = status.find('\n', at);
  // journald prints the number without leading zeros.
  const size_t digit = std::min(status.find_first_not_of('0', at), end);
  if (digit == end) return "0";
  return status.substr(digit, end - digit);
}

template <class T>
T parse_number(std::string_view text) {
  T value = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Space-separated fields; the second is a name in parentheses with anything
// in it, so counting starts behind the last parenthesis.
std::optional<ProcStat> parse_stat(std::string_view text) {
  constexpr size_t kParent = 1;  // counted from the state letter
  constexpr size_t kSession = 3;
  constexpr size_t kStartTicks = 19;
  const size_t name_end = text.rfind(')');
  if (name_end == std::string_view::npos) return std::nullopt;
  text.remove_prefix(std::min(name_end + 2, text.size()));
  ProcStat stat;
  for (size_t i = 0; i <= kStartTicks && !text.empty(); ++i) {
    const size_t end = std::min(text.find(' '), text.size());
    const auto word = text.substr(0, end);
    if (i == kParent) stat.parent = parse_number<pid_t>(word);
    if (i == kSession) stat.session = parse_number<pid_t>(word);
    if (i == kStartTicks) stat.start_ticks = parse_number<uint64_t>(word);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  if (stat.start_ticks == 0) return std::nullopt;
  return stat;
}

bool needs_quotes(std::string_view argument) {
  if (argument.empty()) return true;
  return argument.find_first_of(" \t\n\"'\\$`;&|<>*?[]#~!(){}") !=
         std::string_view::npos;
}

void append_quoted(std::string& out, std::string_view argument) {
  if (!needs_quotes(argument)) {
    out.append(argument);
    return;
  }
  out += '"';
  for (const char c : argument) {
    if (c == '"' || c == '\\' || c == '$' || c == '`') out += '\\';
    out += c;
  }
  out += '"';
}

}  // namespace

std::string read_small_file(const std::string& path, size_t bytes_max) {
  const logfmt::Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  std::string text;
  if (!file.valid()) return text;
  text.resize(bytes_max);
  size_t done = 0;
  while (done < bytes_max) {
    const ssize_t got = read(file.get(), text.data() + done, bytes_max - done);
    if (got <= 0) break;
    done += static_cast<size_t>(got);
  }
  text.resize(done);
  return text;
}

std::optional<ProcStat> read_proc_stat(pid_t pid) {
  return parse_stat(read_small_file(proc_path(pid, "stat"), kStatBytesMax));
}

std::optional<ProcFacts> read_proc_facts(pid_t pid) {
  const auto stat = read_proc_stat(pid);
  if (!stat) return std::nullopt;
  ProcFacts facts;
  facts.stat = *stat;
  // The unit is what -u needs: read it before the process can go away.
  facts.cgroup = systemd_cgroup(
      read_small_file(proc_path(pid, "cgroup"), kCgroupBytesMax));
  facts.comm = read_small_file(proc_path(pid, "comm"), kNumberBytesMax);
  if (!facts.comm.empty() && facts.comm.back() == '\n') facts.comm.pop_back();
  facts.exe = read_exe(pid);
  facts.command_line = quote_command_line(
      read_small_file(proc_path(pid, "cmdline"), kCommandLineBytesMax));
  facts.effective_caps = read_effective_caps(pid);
  facts.login_uid = read_id_file(pid, "loginuid");
  facts.audit_session = read_id_file(pid, "sessionid");
  // The number may have gone to another process while its files were read.
  const auto after = read_proc_stat(pid);
  if (after && after->start_ticks != stat->start_ticks) return std::nullopt;
  return facts;
}

std::string quote_command_line(std::string_view arguments) {
  while (!arguments.empty() && arguments.back() == '\0') {
    arguments.remove_suffix(1);
  }
  std::string line;
  if (arguments.empty()) return line;
  while (true) {
    const size_t end = std::min(arguments.find('\0'), arguments.size());
    append_quoted(line, arguments.substr(0, end));
    if (end == arguments.size()) return line;
    line += ' ';
    arguments.remove_prefix(end + 1);
  }
}

std::string_view systemd_cgroup(std::string_view cgroup_file) {
  std::string_view unified;
  std::string_view named;
  while (!cgroup_file.empty()) {
    const size_t end = std::min(cgroup_file.find('\n'), cgroup_file.size());
    const auto line = cgroup_file.substr(0, end);
    // ID:CONTROLLERS:PATH. The path may hold anything, colons included.
    constexpr std::string_view kNamed = ":name=systemd:";
    const size_t id_end = std::min(line.find(':'), line.size());
    if (line.starts_with("0::")) unified = line.substr(3);
    if (line.substr(id_end).starts_with(kNamed)) {
      named = line.substr(id_end + kNamed.size());
    }
    cgroup_file.remove_prefix(std::min(end + 1, cgroup_file.size()));
  }
  return named.empty() || named == "/" ? unified : named;
}

}  // namespace logd
