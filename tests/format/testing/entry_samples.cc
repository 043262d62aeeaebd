#include "tests/format/testing/entry_samples.h"

#include <cctype>

namespace logfmt::testing {
namespace {

std::string escaped(std::string_view bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > ' ' && byte < 0x7F && c != '\\') {
      out += c;
    } else {
      out += {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return out;
}

std::string escaped(const FieldList& list) {
  std::string out;
  for (const Field& field : list) {
    out += " " + escaped(field.name) + "=" + escaped(field.value);
  }
  return out;
}

std::string random_bytes(std::mt19937_64& random, size_t count) {
  std::string bytes(count, '\0');
  for (char& byte : bytes) byte = static_cast<char>(random());
  return bytes;
}

std::string awkward_payload(std::mt19937_64& random) {
  switch (random() % 8) {
    case 0:
      return {};
    case 1:
      return fields({{"MESSAGE", ""}});
    case 2:
      return fields({{"MESSAGE", std::string("a\0b\x01\x1f", 5)}});
    case 3:
      return fields({{"MESSAGE", "\xff\xfe broken \xc3"}, {"CODE_LINE", "7"}});
    case 4:
      return fields({{"MESSAGE", random_bytes(random, random() % 300)}});
    case 5:
      return fields({{"A", "1"}, {"A", "2"}, {"MESSAGE", "after"}});
    default:
      return fields(
          {{"MESSAGE", "request " + std::to_string(random() % 1000)}});
  }
}

}  // namespace

EntryView Sample::view() const {
  return {.seq = seq,
          .boot_id = boot,
          .realtime_us = realtime_us,
          .monotonic_us = monotonic_us,
          .priority = priority,
          .pid = pid,
          .context = FieldList(context),
          .payload = FieldList(payload)};
}

Sample copy_of(const EntryView& entry) {
  return {.seq = entry.seq,
          .realtime_us = entry.realtime_us,
          .monotonic_us = entry.monotonic_us,
          .priority = entry.priority,
          .pid = entry.pid,
          .boot = entry.boot_id,
          .context = std::string(entry.context.encoded()),
          .payload = std::string(entry.payload.encoded())};
}

std::string fields(const Pairs& pairs) {
  std::string list;
  for (const auto& [name, value] : pairs) append_field(list, name, value);
  return list;
}

Sample plain(uint64_t seq, const std::string& unit,
             const std::string& message) {
  Sample sample;
  sample.seq = seq;
  sample.realtime_us += seq * 1'000'000;
  sample.monotonic_us += seq * 1'000'000;
  sample.context =
      fields({{"_SYSTEMD_UNIT", unit}, {"SYSLOG_IDENTIFIER", unit}});
  sample.payload = fields({{"MESSAGE", message}});
  return sample;
}

std::vector<Sample> plain_run(uint64_t first_seq, size_t count) {
  static constexpr const char* kUnits[] = {"bot", "web", "cron"};
  std::vector<Sample> run;
  for (uint64_t seq = first_seq; seq < first_seq + count; ++seq) {
    run.push_back(
        plain(seq, kUnits[seq % 3], "message " + std::to_string(seq)));
  }
  return run;
}

std::vector<Sample> awkward_run(uint64_t seed, size_t count) {
  std::mt19937_64 random(seed);
  std::vector<Sample> run;
  Sample next;
  next.seq = random() % 1000;
  int64_t offset_us = 1'600'000'000'000'000;
  for (size_t i = 0; i < count; ++i) {
    next.seq += random() % 10 == 0 ? random() % 100'000 : 1;
    next.realtime_us += random() % 2'000'000 - 100'000;
    if (random() % 50 == 0) offset_us += static_cast<int64_t>(random() % 9999);
    if (random() % 200 == 0)
      next.realtime_us = random() % 3 == 0 ? 0 : random();
    next.monotonic_us = next.realtime_us - static_cast<uint64_t>(offset_us);
    next.priority = static_cast<uint8_t>(random() % 9);
    next.pid = random() % 5 == 0 ? 0 : static_cast<uint32_t>(random());
    next.context =
        random() % 7 == 0
            ? std::string()
            : fields({{"_SYSTEMD_UNIT", "u" + std::to_string(random() % 90)},
                      {"_COMM", random_bytes(random, random() % 6)}});
    next.payload = awkward_payload(random);
    run.push_back(next);
  }
  return run;
}

std::string listing(const std::vector<Sample>& entries) {
  std::string out;
  for (const Sample& entry : entries) {
    const EntryView view = entry.view();
    out += std::to_string(entry.seq) + " boot " + entry.boot.hex() + " at " +
           std::to_string(entry.realtime_us) + " up " +
           std::to_string(entry.monotonic_us) + " priority " +
           std::to_string(entry.priority) + " pid " +
           std::to_string(entry.pid) + " context" + escaped(view.context) +
           " payload" + escaped(view.payload) + "\n";
  }
  return out;
}

}  // namespace logfmt::testing
