// Through the whole way that a query goes, damage of every kind to every file
// of a store costs entries at most, and never in silence.
#include <gtest/gtest.h>

#include <cstdlib>

#include "tests/query_engine/damaged_store.h"

namespace logq_test {
namespace {

using File = DamagedStore::File;

const std::set<size_t> kNone;

class StoreDamage : public testing::Test {
 protected:
  const std::vector<File>& files() const { return store_.files(); }

  // Judges the store with these bytes in place of the file's.
  testing::AssertionResult honest_with(size_t file, const std::string& bytes) {
    store_.write(file, bytes);
    auto verdict = store_.is_honest({file});
    store_.restore(file);
    return verdict;
  }

  DamagedStore store_;
};

std::string overwritten(std::string bytes, size_t at, const std::string& by) {
  bytes.replace(at, by.size(), by);
  return bytes;
}

TEST_F(StoreDamage, WithoutItEverythingIsThere) {
  EXPECT_TRUE(store_.is_honest(kNone));
}

// Of these there are many: each with one query, the next one with another; in a
// long run each with all of them.
class FineStoreDamage : public StoreDamage {
 protected:
  testing::AssertionResult honest_with(size_t file, const std::string& bytes) {
    if (all_) return StoreDamage::honest_with(file, bytes);
    store_.write(file, bytes);
    return store_.is_honest({file}, next_query_++);
  }

 private:
  const bool all_ = std::getenv("LOGD_TEST_LONG") != nullptr;
  size_t next_query_ = 0;
};

TEST_F(FineStoreDamage, OfEveryBit) {
  for (size_t file = 0; file < files().size(); ++file) {
    for (size_t bit = 0; bit < files()[file].bytes.size() * 8; ++bit) {
      std::string bytes = files()[file].bytes;
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ 1 << bit % 8);
      ASSERT_TRUE(honest_with(file, bytes))
          << "bit " << bit << " of " << files()[file].name;
    }
    store_.restore(file);
  }
}

TEST_F(FineStoreDamage, OfCutsAtEveryByte) {
  for (size_t file = 0; file < files().size(); ++file) {
    for (size_t bytes = 0; bytes < files()[file].bytes.size(); ++bytes) {
      ASSERT_TRUE(honest_with(file, files()[file].bytes.substr(0, bytes)))
          << files()[file].name << " cut to " << bytes;
    }
    store_.restore(file);
  }
}

TEST_F(StoreDamage, OfZeroedRuns) {
  for (size_t file = 0; file < files().size(); ++file) {
    const size_t size = files()[file].bytes.size();
    for (const size_t run : {8, 64, 512}) {
      for (size_t at = 0; at < size; at += run / 2) {
        const std::string zeros(std::min<size_t>(run, size - at), '\0');
        ASSERT_TRUE(
            honest_with(file, overwritten(files()[file].bytes, at, zeros)))
            << files()[file].name << " at " << at << ", " << run;
      }
    }
  }
}

// A disk that writes what it was given to another place: over a piece, or
// between two. Pieces are headers, blocks, frames, footers of this store and of
// another one.
TEST_F(StoreDamage, OfPiecesInTheWrongPlace) {
  const DamagedStore foreign;
  for (const DamagedStore* source :
       std::initializer_list<const DamagedStore*>{&store_, &foreign}) {
    for (const File& from : source->files()) {
      for (size_t piece = 0; piece < from.pieces(); ++piece) {
        for (size_t file = 0; file < files().size(); ++file) {
          for (const size_t at : files()[file].borders) {
            std::string bytes = files()[file].bytes;
            ASSERT_TRUE(
                honest_with(file, overwritten(bytes, at, from.piece(piece))))
                << "piece " << piece << " of " << from.name << " over "
                << files()[file].name << " at " << at;
            ASSERT_TRUE(honest_with(file, bytes.insert(at, from.piece(piece))))
                << "piece " << piece << " of " << from.name << " into "
                << files()[file].name << " at " << at;
          }
        }
      }
    }
  }
}

TEST_F(StoreDamage, OfPiecesThatAreLostSwappedOrReplaced) {
  for (size_t file = 0; file < files().size(); ++file) {
    const File& whole = files()[file];
    for (size_t piece = 0; piece < whole.pieces(); ++piece) {
      std::string bytes = whole.bytes;
      bytes.erase(whole.borders[piece], whole.piece(piece).size());
      // Blocks of an unsealed segment may leave numbers out.
      const bool is_block = piece != 0 && file == DamagedStore::kUnsealed;
      ASSERT_TRUE(is_block || honest_with(file, bytes))
          << whole.name << " without " << piece;
      for (const File& other : files()) {
        for (size_t by = 0; by < other.pieces(); ++by) {
          bytes = whole.bytes;
          bytes.replace(whole.borders[piece], whole.piece(piece).size(),
                        other.piece(by));
          ASSERT_TRUE(honest_with(file, bytes))
              << "piece " << piece << " of " << whole.name << " is " << by
              << " of " << other.name;
        }
      }
      for (size_t with = piece + 1; with < whole.pieces(); ++with) {
        bytes.clear();
        for (size_t i = 0; i < whole.pieces(); ++i) {
          bytes += whole.piece(i == piece ? with : i == with ? piece : i);
        }
        ASSERT_TRUE(honest_with(file, bytes))
            << whole.name << " with " << piece << " and " << with << " swapped";
      }
    }
  }
}

TEST_F(StoreDamage, OfFilesUnderAnothersName) {
  const DamagedStore foreign;
  for (const DamagedStore* source :
       std::initializer_list<const DamagedStore*>{&store_, &foreign}) {
    for (const File& from : source->files()) {
      for (size_t file = 0; file < files().size(); ++file) {
        ASSERT_TRUE(honest_with(file, from.bytes))
            << from.name << " as " << files()[file].name;
      }
    }
  }
}

TEST_F(StoreDamage, OfFilesThatSwappedNames) {
  for (size_t a = 0; a < files().size(); ++a) {
    for (size_t b = a + 1; b < files().size(); ++b) {
      store_.write(a, files()[b].bytes);
      store_.write(b, files()[a].bytes);
      EXPECT_TRUE(store_.is_honest({a, b}))
          << files()[a].name << " and " << files()[b].name;
      store_.restore(a);
      store_.restore(b);
    }
  }
}

// The oldest may have been vacuumed, and nothing tells of the newest.
TEST_F(StoreDamage, OfFilesThatAreGone) {
  for (size_t first = 1; first + 1 < files().size(); ++first) {
    std::set<size_t> gone;
    for (size_t last = first; last + 1 < files().size(); ++last) {
      gone.insert(last);
      store_.remove(last);
      EXPECT_TRUE(store_.is_honest(gone)) << first << " to " << last;
    }
    for (const size_t file : gone) store_.restore(file);
  }
}

}  // namespace
}  // namespace logq_test
