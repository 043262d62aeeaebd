// Gives each file of a corpus to a fuzz target, and copies of it with a few
// bytes changed: `TARGET_replay DIRECTORY [COPIES]`. The same copies each time.
//
// No input of a few kilobytes may make a reader take much memory.
#include <sys/resource.h>

#include <charconv>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

constexpr int kCopies = 300;
constexpr long kResidentKibMax = 1 << 20;

void run(const std::string& input) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(input.data()),
                         input.size());
}

void change(std::mt19937_64& random, std::string& input) {
  if (input.empty()) return;
  const size_t at = random() % input.size();
  switch (random() % 5) {
    case 0:
      input[at] = static_cast<char>(input[at] ^ 1 << random() % 8);
      return;
    case 1:
      input[at] = static_cast<char>(random());
      return;
    case 2:
      input[at] = random() % 2 == 0 ? '\0' : '\xff';
      return;
    case 3:
      input.erase(at, 1 + random() % 8);
      return;
    default:
      input.insert(random() % input.size(), input.substr(at, random() % 16));
  }
}

void run_changed(const std::string& input, int copies) {
  std::mt19937_64 random(input.size());
  for (int i = 0; i < copies; ++i) {
    std::string copy = input;
    for (auto changes = 1 + random() % 4; changes > 0; --changes) {
      change(random, copy);
    }
    run(copy);
  }
}

bool stayed_small() {
  rusage usage{};
  (void)getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss < kResidentKibMax;
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path corpus = argc >= 2 ? argv[1] : "";
  int copies = kCopies;
  if (argc == 3) {
    const std::string text = argv[2];
    std::from_chars(text.data(), text.data() + text.size(), copies);
  }
  if (!std::filesystem::is_directory(corpus)) {
    std::fputs("usage: TARGET_replay CORPUS-DIRECTORY [COPIES]\n", stderr);
    return 2;
  }
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(corpus)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    run(input);
    run_changed(input, copies);
    ++count;
    if (!stayed_small()) {
      std::fprintf(stderr, "%s takes more than a GiB\n", entry.path().c_str());
      return 1;
    }
  }
  std::printf("%d inputs, %d changed copies of each\n", count, copies);
  return count > 0 ? 0 : 1;
}
