// Payloads as real programs send them, and payloads that no sane one sends.
//
// What a codec may get wrong sits at borders: between words and numbers,
// inside quotes, at leading zeros, where an integer no longer fits. So the
// programs here repeat themselves as real ones do, and now and then put an odd
// value where a plain one is expected. The same for the same seed.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace logfmt::testing {

struct LogLine {
  std::string_view identifier;
  std::string payload{};  // an encoded field list
};

class LogLines {
 public:
  explicit LogLines(uint64_t seed) : random_(seed) {}

  // One of a dozen programs says something; one line in sixteen is odd.
  LogLine next();
  // Bytes 0-5, broken UTF-8, no MESSAGE or several, quotes that do not close.
  std::string odd_payload();
  // 1,024 fields, or values of 768 KiB.
  std::string large_payload();

  size_t below(size_t limit) { return random_() % limit; }

 private:
  bool chance(size_t one_in) { return below(one_in) == 0; }
  std::string number();
  std::string odd_number();
  std::string digits(size_t count);
  std::string hex(size_t count);
  std::string address();
  std::string uuid();
  std::string word();

  std::string sshd();
  std::string access();
  std::string kernel();
  std::string json();
  std::string traceback();
  std::string counter();
  std::string dated();
  std::string measured();
  std::string plain_text();

  std::mt19937_64 random_;
  uint64_t counter_ = 0;
};

}  // namespace logfmt::testing
