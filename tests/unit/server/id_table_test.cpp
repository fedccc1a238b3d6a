// The table against a map, while it grows with and without looking at keys.
#include "server/storage/index/id_table.h"

#include <gtest/gtest.h>

#include <random>
#include <set>

namespace trueque {
namespace {

class IdTableTest : public ::testing::Test {
 protected:
  // The hash of the key of an id.
  std::size_t hash_of(std::uint32_t id) const { return mixed(id) & hash_bits_; }

  void insert(std::uint32_t id) {
    table_.insert(hash_of(id), id, [this](std::uint32_t other) {
      ++keys_looked_at_;
      return hash_of(other);
    });
    ids_.insert(id);
  }
  void erase(std::uint32_t id) {
    table_.erase(hash_of(id), id);
    ids_.erase(id);
  }
  bool has(std::uint32_t id) const {
    return table_.find(hash_of(id), [id](std::uint32_t other) { return other == id; }) == id;
  }
  void insert_and_erase(std::uint32_t ids) {
    std::mt19937 random(7);
    for (std::uint32_t id = 0; id < ids; ++id) {
      insert(id);
      const auto other = static_cast<std::uint32_t>(random() % (id + 1));
      if (id % 5 == 0 && ids_.contains(other)) erase(other);
    }
  }
  void expect_same(std::uint32_t ids) {
    std::size_t found = 0;
    for (std::uint32_t id = 0; id < ids; ++id) found += has(id) == ids_.contains(id) ? 1 : 0;
    EXPECT_EQ(found, ids);
    std::set<std::uint32_t> all;
    table_.each([&](std::uint32_t id) { all.insert(id); });
    EXPECT_EQ(all, ids_);
    EXPECT_EQ(table_.size(), ids_.size());
  }

  std::size_t hash_bits_ = ~std::size_t{0};
  std::size_t keys_looked_at_ = 0;
  IdTable table_{4};
  std::set<std::uint32_t> ids_;
};

TEST_F(IdTableTest, FindsWhatIsThereAndNothingElse) {
  insert_and_erase(200'000);
  expect_same(200'000);
  EXPECT_LT(keys_looked_at_, 10'000U) << "only while it was small";
}

TEST_F(IdTableTest, KeysThatMeetInOnePlaceAreLookedAt) {
  hash_bits_ = 0x1FF;  // of the lowest 18, which say where an id belongs
  insert_and_erase(2'000);
  expect_same(2'000);
  EXPECT_GT(keys_looked_at_, 2'000U);
}

TEST_F(IdTableTest, ReservedPlacesAreTaken) {
  table_.reserve(50'000);
  insert_and_erase(60'000);
  expect_same(60'000);
}

}  // namespace
}  // namespace trueque
