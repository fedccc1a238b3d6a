#include "server/storage/index/name_store.h"

#include <algorithm>
#include <cstring>
#include <functional>
#include <new>

#include "server/core/search_query.h"

namespace trueque {
namespace {

std::size_t hash_of(std::string_view text) { return std::hash<std::string_view>()(text); }

char ascii_lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// The same for eight bytes.
std::uint64_t ascii_lower(std::uint64_t bytes) {
  constexpr std::uint64_t kEach = 0x0101010101010101U;
  constexpr std::uint64_t kHighest = 0x80 * kEach;
  const std::uint64_t low = bytes & ~kHighest;
  const std::uint64_t from_a = low + (0x80 - 'A') * kEach;
  const std::uint64_t beyond_z = low + (0x7F - 'Z') * kEach;
  return bytes | (from_a & ~beyond_z & ~bytes & kHighest) >> 2U;
}

void lower(std::string_view text, std::string& out) {
  std::size_t at = 0;
  out.resize(text.size());
  for (std::uint64_t bytes = 0; at + sizeof(bytes) <= text.size(); at += sizeof(bytes)) {
    std::memcpy(&bytes, text.data() + at, sizeof(bytes));
    bytes = ascii_lower(bytes);
    std::memcpy(out.data() + at, &bytes, sizeof(bytes));
  }
  for (; at < text.size(); ++at) out[at] = ascii_lower(text[at]);
}

enum class Ascii : std::uint8_t { kLowerCase, kMixedCase, kNot };

// What of ASCII a text is made of, when its searchable form is the same in lower case.
Ascii plain_ascii(std::string_view text) {
  bool is_plain = true, has_capital = false;
  char before = ' ';
  for (const char c : text) {
    is_plain &= (c >= ' ') & (c <= '~') & ((c != ' ') | (before != ' '));
    has_capital |= (c >= 'A') & (c <= 'Z');
    before = c;
  }
  if (!is_plain || before == ' ') return Ascii::kNot;
  return has_capital ? Ascii::kMixedCase : Ascii::kLowerCase;
}

bool is_lower_case_of(std::string_view searchable, std::string_view text) {
  return std::equal(searchable.begin(), searchable.end(), text.begin(), text.end(),
                    [](char folded, char plain) { return folded == ascii_lower(plain); });
}

}  // namespace

NameId NameStore::find(std::string_view text) const {
  return table_.find(hash_of(text), [&](NameId name) { return this->text(name) == text; });
}

std::pair<NameId, bool> NameStore::intern(std::string_view text) {
  const std::size_t hash = hash_of(text);
  const NameId known = table_.find(hash, [&](NameId name) { return this->text(name) == text; });
  if (known != kNoName) return {known, false};
  const NameId name = add(text);
  table_.insert(hash, name, [this](NameId other) { return hash_of(this->text(other)); });
  return {name, true};
}

void NameStore::prefetch(std::string_view text) const { table_.prefetch(hash_of(text)); }

NameId NameStore::add(std::string_view text) {
  const Ascii ascii = plain_ascii(text);
  std::string folded;
  Record header{{}, static_cast<std::uint16_t>(text.size()), kSameAsText};
  if (ascii == Ascii::kMixedCase) header.searchable = kLowerCase;
  if (ascii == Ascii::kNot) {
    folded = searchable_form(text);
    if (folded != text) {
      header.searchable =
          is_lower_case_of(folded, text) ? kLowerCase : static_cast<std::uint16_t>(folded.size());
    }
  }
  const NameId name = room_for(units_of(header));
  Record& record = *new (&blocks_[name / kBlockUnits][name % kBlockUnits]) Record(header);
  std::memcpy(text_of(record), text.data(), text.size());
  if (record.searchable < kLowerCase)
    std::memcpy(text_of(record) + text.size(), folded.data(), folded.size());
  return name;
}

void NameStore::forget(NameId name) {
  table_.erase(hash_of(text(name)), name);
  free_[units_of(record(name))].push_back(name);
}

std::string_view NameStore::text(NameId name) const {
  Record& found = record(name);
  return {text_of(found), found.length};
}

std::string_view NameStore::searchable(NameId name, std::string& room) const {
  Record& found = record(name);
  const std::string_view text(text_of(found), found.length);
  if (found.searchable == kSameAsText) return text;
  if (found.searchable < kLowerCase) return {text.data() + text.size(), found.searchable};
  lower(text, room);
  return room;
}

std::uint32_t NameStore::units_of(const Record& record) {
  std::size_t bytes = sizeof(Record) + record.length;
  if (record.searchable < kLowerCase) bytes += record.searchable;
  return static_cast<std::uint32_t>((bytes + sizeof(Unit) - 1) / sizeof(Unit));
}

NameId NameStore::room_for(std::uint32_t units) {
  const auto again = free_.find(units);
  if (again != free_.end() && !again->second.empty()) {
    const NameId name = again->second.back();
    again->second.pop_back();
    return name;
  }
  if (used_units_ + units > kBlockUnits) {
    blocks_.push_back(std::make_unique_for_overwrite<Unit[]>(kBlockUnits));
    used_units_ = 0;
  }
  const auto block = static_cast<std::uint32_t>(blocks_.size() - 1);
  const NameId name = block * kBlockUnits + used_units_;
  used_units_ += units;
  return name;
}

}  // namespace trueque
