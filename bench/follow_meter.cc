// Tells how old messages are when a command that follows a log prints them.
//
//   COMMAND | follow_meter TOKEN
//   follow_meter TOKEN SOCKET
//
// Reads what `loadgen --stamp` sent until a line ends in TOKEN: from a command,
// or, to see what the machine itself takes, as the syslog socket. Prints one
// line of JSON: how many messages, and quantiles of the time from before their
// send() to the read() that brought them, in microseconds. Lines without a
// stamp are passed over.
#include <fmt/format.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

namespace logbench {
namespace {

class Meter {
 public:
  Meter(std::string_view end_token, bool of_datagrams)
      : end_token_(end_token), of_datagrams_(of_datagrams) {}

  // False at the end of the input.
  bool read_some() {
    std::array<char, 64 << 10> bytes;
    const ssize_t got = read(STDIN_FILENO, bytes.data(), bytes.size());
    if (got < 0 && errno == EINTR) return true;
    if (got <= 0) return false;
    const int64_t now_ns =
        std::chrono::steady_clock::now().time_since_epoch().count();
    unread_.append(bytes.data(), static_cast<size_t>(got));
    if (of_datagrams_) unread_ += '\n';
    size_t from = 0;
    for (size_t end = 0; (end = unread_.find('\n', from)) != std::string::npos;
         from = end + 1) {
      take(std::string_view(unread_).substr(from, end - from), now_ns);
    }
    unread_.erase(0, from);
    return true;
  }

  bool ended() const { return ended_; }

  void report() {
    std::sort(ages_us_.begin(), ages_us_.end());
    fmt::print(
        "{{\"count\": {}, \"p50_us\": {:.0f}, \"p99_us\": {:.0f}, "
        "\"max_us\": {:.0f}}}\n",
        ages_us_.size(), quantile_us(0.5), quantile_us(0.99), quantile_us(1));
  }

 private:
  void take(std::string_view line, int64_t now_ns) {
    ended_ = ended_ || line.ends_with(end_token_);
    constexpr std::string_view kStamp = " t=";
    const size_t at = line.rfind(kStamp);
    if (at == std::string_view::npos) return;
    const std::string_view digits = line.substr(at + kStamp.size());
    int64_t sent_ns = 0;
    const auto read =
        std::from_chars(digits.data(), digits.data() + digits.size(), sent_ns);
    if (read.ec != std::errc()) return;
    ages_us_.push_back(1e-3 * static_cast<double>(now_ns - sent_ns));
  }

  double quantile_us(double share) const {
    if (ages_us_.empty()) return 0;
    const auto last = static_cast<double>(ages_us_.size() - 1);
    return ages_us_[static_cast<size_t>(share * last + 0.5)];
  }

  std::string_view end_token_;
  bool of_datagrams_;
  std::string unread_{};
  std::vector<double> ages_us_{};
  bool ended_ = false;
};

// The socket in the place of standard input.
bool receive_from(const std::string_view path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  const int fd = socket(AF_UNIX, SOCK_DGRAM, 0);
  return fd >= 0 &&
         bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
         dup2(fd, STDIN_FILENO) >= 0;
}

}  // namespace
}  // namespace logbench

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3) {
    fmt::print(stderr,
               "usage: COMMAND | follow_meter TOKEN, or follow_meter "
               "TOKEN SOCKET\n");
    return 2;
  }
  if (argc == 3 && !logbench::receive_from(argv[2])) {
    std::perror(argv[2]);
    return 1;
  }
  logbench::Meter meter(argv[1], argc == 3);
  while (!meter.ended() && meter.read_some()) {
  }
  if (!meter.ended()) {
    fmt::print(stderr, "follow_meter: the input ended before {}\n", argv[1]);
    return 1;
  }
  meter.report();
  return 0;
}
