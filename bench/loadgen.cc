// Sends log messages to a daemon as its clients do, as fast as it takes them
// or at a given rate, one blocking send() a message.
//
//   loadgen --mode syslog|native|stream --path SOCKET [--count N]
//           [--rate R [--jitter] [--stamp]] [--conns C] [--seed S]
//           [--corpus FILE [--tagged]] [--end TOKEN]
//
// Every text ends in " seq=NNNNNNNNN", counted from 0, so that a reader can
// tell that nothing is missing. All messages are made before the first is sent,
// so that the sender costs no more than its send(); only with --stamp each is
// made when it is due, and has " t=NANOSECONDS" of the monotonic clock in it,
// for follow_meter. With --end a last message, TOKEN alone with priority 7,
// follows when the daemon has taken all others out of the sockets: once it can
// be read, everything can. Prints one line of JSON; begin_s is the monotonic
// clock before the first message.
#include <fmt/format.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bench/sample_text.h"

namespace logbench {
namespace {

using Clock = std::chrono::steady_clock;

enum class Mode { kSyslog, kNative, kStream };

struct Options {
  Mode mode = Mode::kSyslog;
  std::string path{};
  std::string corpus{};
  bool tagged = false;
  std::string end_token{};
  uint64_t count = 100000;
  uint64_t seed = 1;
  double rate = 0;  // messages per second; 0: no limit
  bool jitter = false;
  bool stamp = false;
  size_t connections = 1;
};

[[noreturn]] void die(const std::string& what) {
  std::perror(what.c_str());
  std::exit(1);
}

// The lines of --corpus over and over, or made-up ones.
class Source {
 public:
  explicit Source(const Options& options) : samples_(options.seed) {
    if (options.corpus.empty()) return;
    std::ifstream file(options.corpus);
    for (std::string line; std::getline(file, line);) {
      if (!line.empty()) lines_.push_back(split(line, options));
    }
    if (lines_.empty()) die(options.corpus);
  }

  void next(SampleLine& line) {
    if (lines_.empty()) return samples_.next(line);
    const Line& next = lines_[at_++ % lines_.size()];
    line.identifier = next.identifier;
    line.priority = next.priority;
    line.text = next.text;
  }

 private:
  struct Line {
    std::string identifier = "corpus";
    int priority = 6;
    std::string text{};
  };

  // With --tagged: IDENTIFIER <tab> PRIORITY, a digit, <tab> MESSAGE.
  static Line split(const std::string& line, const Options& options) {
    if (!options.tagged) return {.text = line};
    const size_t tab = line.find('\t');
    if (tab == std::string::npos || line.size() < tab + 3 ||
        line[tab + 1] < '0' || line[tab + 1] > '7' || line[tab + 2] != '\t') {
      fmt::print(stderr, "{}: not IDENTIFIER, PRIORITY, MESSAGE: {}\n",
                 options.corpus, line);
      std::exit(1);
    }
    return {line.substr(0, tab), line[tab + 1] - '0', line.substr(tab + 3)};
  }

  SampleText samples_;
  std::vector<Line> lines_{};
  size_t at_ = 0;
};

// Puts a line into the form of its protocol.
class Framer {
 public:
  explicit Framer(Mode mode) : mode_(mode) {}

  // The view is valid until the next call.
  std::string_view frame(const SampleLine& line) {
    bytes_.clear();
    auto out = std::back_inserter(bytes_);
    switch (mode_) {
      case Mode::kSyslog:
        refresh_stamp();
        fmt::format_to(out, "<{}>{} {}[{}]: {}", 24 + line.priority, stamp_,
                       line.identifier, pid_, line.text);
        break;
      case Mode::kNative:
        fmt::format_to(out,
                       "MESSAGE={}\nPRIORITY={}\nSYSLOG_IDENTIFIER={}\n"
                       "CODE_FILE=src/main.c\nCODE_LINE={}\n"
                       "CODE_FUNC=handle_event\n",
                       line.text, line.priority, line.identifier,
                       100 + line.text.size());
        break;
      case Mode::kStream:
        fmt::format_to(out, "<{}>{}\n", line.priority, line.text);
    }
    return bytes_;
  }

 private:
  void refresh_stamp() {
    const time_t now = time(nullptr);
    if (now == stamp_time_) return;
    stamp_time_ = now;
    tm local{};
    localtime_r(&now, &local);
    char text[16];
    strftime(text, sizeof text, "%b %e %H:%M:%S", &local);
    stamp_ = text;
  }

  Mode mode_;
  pid_t pid_ = getpid();
  std::string bytes_{};
  std::string stamp_{};
  time_t stamp_time_ = 0;
};

class Connection {
 public:
  Connection(const Options& options, size_t number) {
    const int type = options.mode == Mode::kStream ? SOCK_STREAM : SOCK_DGRAM;
    fd_ = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    options.path.copy(address.sun_path, sizeof address.sun_path - 1);
    if (fd_ < 0 || connect(fd_, reinterpret_cast<sockaddr*>(&address),
                           sizeof address) != 0) {
      die(options.path);
    }
    if (options.mode == Mode::kStream) {
      send(fmt::format("load-{}\n\n6\n1\n0\n0\n0\n", number));
    }
  }
  Connection(Connection&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~Connection() {
    if (fd_ >= 0) close(fd_);
  }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n < 0) die("send");
      bytes.remove_prefix(static_cast<size_t>(n));
    }
  }

  bool taken_by_peer() const {
    int queued = 0;
    return ioctl(fd_, SIOCOUTQ, &queued) == 0 && queued == 0;
  }

 private:
  int fd_;
};

// When messages are due: evenly, or with exponential gaps of the same mean.
class Schedule {
 public:
  explicit Schedule(const Options& options)
      : options_(options), random_(options.seed) {}

  void begin(Clock::time_point at) { due_ = at; }
  void wait_for_next() {
    if (options_.rate <= 0) return;
    const double gap_s =
        options_.jitter ? gaps_(random_) / options_.rate : 1 / options_.rate;
    due_ += std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(gap_s));
    std::this_thread::sleep_until(due_);
  }

 private:
  const Options& options_;
  std::mt19937_64 random_;
  std::exponential_distribution<double> gaps_{};
  Clock::time_point due_{};
};

class Generator {
 public:
  explicit Generator(const Options& options)
      : options_(options),
        source_(options),
        framer_(options.mode),
        schedule_(options) {
    for (size_t i = 0; i < options.connections; ++i) {
      connections_.emplace_back(options, i);
    }
  }

  void run() {
    if (!options_.stamp) make_all();
    begin_ = Clock::now();
    schedule_.begin(begin_);
    size_t from = 0;
    for (uint64_t i = 0; i < options_.count; ++i) {
      schedule_.wait_for_next();
      Connection& connection = connections_[i % connections_.size()];
      if (options_.stamp) {
        connection.send(make(i));
      } else {
        connection.send(std::string_view(made_).substr(from, ends_[i] - from));
        from = ends_[i];
      }
    }
    if (!options_.end_token.empty()) send_end();
    report(std::chrono::duration<double>(Clock::now() - begin_).count());
  }

 private:
  void make_all() {
    for (uint64_t i = 0; i < options_.count; ++i) {
      made_ += make(i);
      ends_.push_back(made_.size());
    }
  }

  std::string_view make(uint64_t number) {
    source_.next(line_);
    auto out = std::back_inserter(line_.text);
    if (options_.stamp) {
      fmt::format_to(out, " t={}", Clock::now().time_since_epoch().count());
    }
    fmt::format_to(out, " seq={:09}", number);
    text_bytes_ += line_.text.size();
    return framer_.frame(line_);
  }

  void send_end() {
    for (const Connection& connection : connections_) {
      while (!connection.taken_by_peer()) {
        std::this_thread::sleep_for(std::chrono::microseconds(200));
      }
    }
    connections_[0].send(framer_.frame({"loadgen", 7, options_.end_token}));
  }

  void report(double seconds) const {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    const auto cpu_s = [](const timeval& t) {
      return static_cast<double>(t.tv_sec) +
             1e-6 * static_cast<double>(t.tv_usec);
    };
    fmt::print(
        "{{\"count\": {}, \"text_bytes\": {}, \"begin_s\": {:.6f}, "
        "\"send_s\": {:.3f}, \"user_s\": {:.3f}, \"system_s\": {:.3f}}}\n",
        options_.count, text_bytes_,
        std::chrono::duration<double>(begin_.time_since_epoch()).count(),
        seconds, cpu_s(usage.ru_utime), cpu_s(usage.ru_stime));
    std::fflush(stdout);  // what was made is still to be freed
  }

  const Options& options_;
  Source source_;
  Framer framer_;
  Schedule schedule_;
  std::vector<Connection> connections_{};
  SampleLine line_{};
  std::string made_{};          // the messages, one behind the other
  std::vector<size_t> ends_{};  // where each ends
  Clock::time_point begin_{};
  uint64_t text_bytes_ = 0;
};

}  // namespace
}  // namespace logbench

int main(int argc, char** argv) {
  using logbench::Mode;
  logbench::Options options;
  CLI::App app("Sends numbered log messages to a daemon.", "loadgen");
  const std::map<std::string, Mode> modes = {{"syslog", Mode::kSyslog},
                                             {"native", Mode::kNative},
                                             {"stream", Mode::kStream}};
  app.add_option("--mode", options.mode)
      ->required()
      ->transform(CLI::CheckedTransformer(modes));
  app.add_option("--path", options.path, "socket")->required();
  app.add_option("--corpus", options.corpus, "file of lines to send");
  app.add_flag("--tagged", options.tagged,
               "its lines are IDENTIFIER <tab> PRIORITY <tab> MESSAGE");
  app.add_option("--end", options.end_token, "text of the last message");
  app.add_option("--count", options.count);
  app.add_option("--seed", options.seed);
  app.add_option("--rate", options.rate, "messages per second, 0: no limit");
  app.add_flag("--jitter", options.jitter, "with exponential gaps");
  app.add_flag("--stamp", options.stamp, "messages say when they were sent");
  app.add_option("--conns", options.connections)->check(CLI::Range(1, 10000));
  CLI11_PARSE(app, argc, argv);
  logbench::Generator(options).run();
  return 0;
}
