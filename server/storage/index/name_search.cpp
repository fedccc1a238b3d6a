#include "server/storage/index/name_search.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <string_view>

#include "server/storage/index/name_grams.h"

namespace trueque {
namespace {

constexpr int kWorstRank = 3;
// Names of high levels are looked at in lots: the first has about so many names, each
// next one twice as many, so that many levels of few names are no more than a few lots.
constexpr std::size_t kFirstLot = 16'384;
// Names are far apart in memory: while one is waited for, those of its lot are on their way.
constexpr std::size_t kVisitedAtATime = 24;
constexpr std::size_t kAhead = 12;
// So many names are simply all looked at.
constexpr std::size_t kFewNames = 1'024;

// A bit for each byte, which is 0 or 1.
std::uint64_t packed(const std::array<std::uint8_t, 64>& bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 64; i += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes.data() + i, 8);
    bits |= (eight * 0x0102040810204080U >> 56U) << i;
  }
  return bits;
}

template <typename Visit>
void each_slot(std::uint64_t slots, Visit visit) {
  for (; slots != 0; slots &= slots - 1) visit(static_cast<std::size_t>(std::countr_zero(slots)));
}

}  // namespace

NameSearch::NameSearch(const FileIndex& index, const SearchRequest& request)
    : index_(index),
      request_(request),
      query_(request.words),
      first_rank_(request.after ? request.after->rank : 0),
      with_words_(index.pages()),
      best_(index, request) {
  for (const std::string& word : query_.words()) with_words_.want_text(word);
}

std::vector<RankedHit> NameSearch::run() {
  if (query_.words().empty() || look_at_few(with_words_, std::nullopt)) return best_.take();
  for (int rank = first_rank_; rank <= kWorstRank; ++rank) {
    if (best_.is_full()) break;  // whatever follows ranks worse
    NameFilter filter = filter_for(rank);
    if (!look_at_few(filter, rank)) scan(rank, filter);
  }
  return best_.take();
}

// See SearchQuery::rank() for what a rank means.
NameFilter NameSearch::filter_for(int rank) const {
  NameFilter filter = with_words_;
  if (rank <= 1) filter.want_name_start(query_.whole());
  if (rank == 0) filter.want_length(query_.whole().size());
  if (rank == 2) {
    for (const std::string& word : query_.words()) filter.want_word_start(word);
  }
  if (rank == 3) filter.want_inside(query_.words());
  return filter;
}

// True when the names the filter lets through are few, and have all been looked at.
bool NameSearch::look_at_few(NameFilter& filter, std::optional<int> rank) {
  lot_.clear();
  for (std::size_t group = 0; group < filter.pages().words().size(); ++group) {
    for (std::uint64_t left = filter.pages().words()[group]; left != 0; left &= left - 1) {
      const auto page = static_cast<PageId>(group * PageBits::kOfAWord +
                                            static_cast<std::size_t>(std::countr_zero(left)));
      add_to_lot(page, filter.slots(page));
    }
    if (lot_.size() > kFewNames) {
      lot_.clear();
      return false;
    }
  }
  visit_lot(rank);
  return true;
}

void NameSearch::scan(int rank, NameFilter& filter) {
  std::size_t lot = kFirstLot;
  std::uint8_t below = SourceLevel::kHighest + 1;
  while (const auto levels = next_levels(below, lot)) {
    if (!may_have_better(levels->highest)) return;
    scan_levels(rank, filter, *levels);
    below = levels->lowest;
    lot *= 2;
  }
}

// The next lower levels that have names, more than one only if that is no more names
// than said. Nothing when there are none.
std::optional<NameSearch::Levels> NameSearch::next_levels(std::uint8_t below,
                                                          std::size_t names) const {
  std::uint8_t level = below;
  const auto count = [this](std::uint8_t at) { return index_.pages().count_at(at); };
  while (level > 1 && count(level - 1) == 0) --level;
  if (level <= 1) return std::nullopt;
  --level;
  Levels levels{level, level};
  std::size_t sum = count(level);
  while (levels.lowest > 1 && sum + count(levels.lowest - 1) <= names)
    sum += count(--levels.lowest);
  return levels;
}

// Whether a hit of this rank with so many sources could be among the best.
bool NameSearch::may_have_better(std::uint8_t level) const {
  return !best_.is_full() || best_.fewest_sources() <= SourceLevel::most(level);
}

// Where hits all have as many sources as the one the former page ended with, names
// before that one's were on former pages, but for other contents they may have.
std::size_t NameSearch::first_page(int rank, Levels levels) const {
  const auto& after = request_.after;
  const bool is_same = after && after->rank == rank && levels.lowest == levels.highest &&
                       levels.lowest <= SourceLevel::kExact && after->sources == levels.lowest;
  return is_same ? index_.pages().lower_bound(after->file.name).page : 0;
}

void NameSearch::scan_levels(int rank, NameFilter& filter, Levels levels) {
  const NamePages& names = index_.pages();
  // With one exact level, what comes later in the order of names is worse than what came before.
  const bool in_order = levels.lowest == levels.highest && levels.lowest <= SourceLevel::kExact;
  const std::size_t first = first_page(rank, levels);
  for (std::size_t at = 0; at < names.order().size(); ++at) {
    const PageId id = names.order()[at];
    if (!filter.may_have(id)) continue;
    const std::uint64_t slots = filter.slots(id);
    if (slots == 0) continue;
    const NamePages::Page& page = names.page(id);
    if (page.highest < levels.lowest || (at < first && !page.has_several)) continue;
    add_to_lot(id, slots & slots_at(page, rank, levels));
    if (lot_.size() < kVisitedAtATime) continue;
    visit_lot(rank);
    if (in_order && best_.is_full() && best_.fewest_sources() >= levels.lowest) return;
  }
  visit_lot(rank);
}

void NameSearch::add_to_lot(PageId page, std::uint64_t slots) {
  each_slot(slots,
            [&](std::size_t slot) { lot_.push_back(index_.pages().page(page).names[slot]); });
}

void NameSearch::visit_lot(std::optional<int> rank) {
  const std::size_t size = lot_.size();
  for (std::size_t i = 0; i < std::min(size, kAhead); ++i) index_.names().prefetch(lot_[i]);
  for (std::size_t i = 0; i < size; ++i) {
    if (i + kAhead < size) index_.names().prefetch(lot_[i + kAhead]);
    visit(lot_[i], rank);
  }
  lot_.clear();
}

// The slots of names that have as many sources, and that can be on this page of hits.
std::uint64_t NameSearch::slots_at(const NamePages::Page& page, int rank, Levels levels) const {
  // With more sources than where the former page ended, only other contents of the name count.
  const bool is_begun = request_.after && request_.after->rank == rank;
  const std::uint8_t most =
      is_begun ? SourceLevel::of(request_.after->sources) : SourceLevel::kHighest;
  std::array<std::uint8_t, NamePages::kMost> counts;
  for (std::size_t slot = 0; slot < NamePages::kMost; ++slot) {
    const std::uint8_t level = page.levels[slot] & SourceLevel::kHighest;
    const bool is_several = page.levels[slot] >= SourceLevel::kSeveral;
    counts[slot] = static_cast<std::uint8_t>((level >= levels.lowest) & (level <= levels.highest) &
                                             ((level <= most) | is_several));
  }
  return packed(counts) & ~std::uint64_t{0} >> (NamePages::kMost - page.size);
}

// Of this rank only, if one is given.
void NameSearch::visit(NameId name, std::optional<int> wanted) {
  const std::optional<int> rank = query_.rank(index_.names().searchable(name, room_));
  if (!rank || rank != wanted.value_or(*rank)) return;
  index_.sets().each(index_.variants_of(name), [&](VariantId variant) {
    best_.offer(*rank, variant);
    return true;
  });
}

std::optional<std::vector<NameId>> NameSearch::names_with(const FileIndex& index,
                                                          const std::vector<std::string>& words,
                                                          std::size_t most) {
  if (words.empty()) return std::nullopt;
  NameFilter filter(index.pages());
  for (const std::string& word : words) filter.want_text(word);
  std::vector<NameId> found;
  std::string room;
  std::size_t looked_at = 0;
  for (const PageId id : index.pages().order()) {
    if (!filter.may_have(id)) continue;
    const NamePages::Page& page = index.pages().page(id);
    const std::uint64_t slots = filter.slots(id);
    looked_at += static_cast<std::size_t>(std::popcount(slots));
    if (looked_at > most) return std::nullopt;
    each_slot(slots, [&](std::size_t slot) {
      const std::string_view name = index.names().searchable(page.names[slot], room);
      const bool holds = std::all_of(words.begin(), words.end(), [&](const std::string& word) {
        return name.find(word) != std::string_view::npos;
      });
      if (holds && page.levels[slot] != 0) found.push_back(page.names[slot]);
    });
  }
  return found;
}

}  // namespace trueque
