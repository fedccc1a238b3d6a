// The texts of names, each once, in large blocks that never move: a name is a number,
// and takes 13 bytes beside its text. What a name is searched by is its text most
// of the time, or is made from it, and is stored only where that would be dear.
// Not synchronised; a text stays where it is until its name is forgotten.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/storage/index/id_sets.h"
#include "server/storage/index/id_table.h"

namespace trueque {

using NameId = std::uint32_t;  // less than 2^31
inline constexpr NameId kNoName = IdTable::kNone;

class NameStore {
 public:
  // What others keep with a name.
  struct Links {
    static constexpr std::uint32_t kNoPage = UINT32_MAX;

    IdSet variants;
    std::uint32_t page = kNoPage;
  };

  NameStore() = default;
  NameStore(const NameStore&) = delete;
  NameStore& operator=(const NameStore&) = delete;

  NameId find(std::string_view text) const;
  // The name with this text, of at most 1,024 bytes, and whether it is new in the store.
  std::pair<NameId, bool> intern(std::string_view text);
  void forget(NameId name);

  std::string_view text(NameId name) const;
  // The searchable form; `room` holds it where it is not stored.
  std::string_view searchable(NameId name, std::string& room) const;
  Links& links(NameId name) { return record(name).links; }
  const Links& links(NameId name) const { return record(name).links; }
  // Tells the processor that the text will be looked for soon.
  void prefetch(std::string_view text) const;
  // The same of a name that is known, to be looked at.
  void prefetch(NameId name) const {
    __builtin_prefetch(&record(name));
    __builtin_prefetch(reinterpret_cast<const char*>(&record(name)) + 64);
  }

  std::size_t size() const { return table_.size(); }
  // Makes room for so many; there are none yet.
  void reserve(std::size_t names) { table_.reserve(names); }
  template <typename Visit>
  void each(Visit visit) const {
    table_.each(visit);
  }

 private:
  // Its text follows, and its searchable form if that is stored.
  struct Record {
    Links links;
    std::uint16_t length;
    std::uint16_t searchable;  // its length, or one of the two below
  };
  static constexpr std::uint16_t kSameAsText = UINT16_MAX;
  static constexpr std::uint16_t kLowerCase = UINT16_MAX - 1;  // the text in ASCII's
  // A block has so many units of 4 bytes; a name's number is where its record begins.
  static constexpr std::uint32_t kBlockUnits = 1U << 18U;
  struct alignas(4) Unit {
    std::byte bytes[4];
  };

  Record& record(NameId name) const {
    return *reinterpret_cast<Record*>(&blocks_[name / kBlockUnits][name % kBlockUnits]);
  }
  static char* text_of(Record& record) { return reinterpret_cast<char*>(&record + 1); }
  static std::uint32_t units_of(const Record& record);
  NameId add(std::string_view text);
  NameId room_for(std::uint32_t units);

  std::vector<std::unique_ptr<Unit[]>> blocks_;
  std::uint32_t used_units_ = kBlockUnits;  // of the last block
  // Records that were forgotten, by their units: the next of that size goes there.
  std::unordered_map<std::uint32_t, std::vector<NameId>> free_;
  IdTable table_{64};
};

}  // namespace trueque
