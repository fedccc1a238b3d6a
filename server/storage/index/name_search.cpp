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
constexpr std::size_t kGramBytes = 3;
// Names of high levels are looked at in lots: the first has about so many names, each
// next one twice as many, so that many levels of few names are no more than a few lots.
constexpr std::size_t kFirstLot = 16'384;
// Names are far apart in memory: while one is waited for, those of its lot are on their way.
constexpr std::size_t kVisitedAtATime = 24;
// So many names are simply all looked at.
constexpr std::size_t kFewNames = 4'096;

std::string_view first_bytes(std::string_view text) { return text.substr(0, kGramBytes); }

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

// Pages whose names may hold the text, whatever comes before it: all grams but the first.
void keep_with_rest_of(const GramIndex& index, std::string_view text, PageBits& pages) {
  for (std::size_t at = 1; at + kGramBytes <= text.size(); ++at) {
    const Gram gram = gram_of(place_within(text, at), text.substr(at, kGramBytes));
    index.keep_with_all({&gram, 1}, pages);
  }
}

void keep_with_word(const GramIndex& index, std::string_view word, PageBits& pages) {
  const Gram first[] = {gram_of(GramPlace::kWordStart, first_bytes(word)),
                        gram_of(GramPlace::kInside, first_bytes(word))};
  index.keep_with_any(first, pages);
  keep_with_rest_of(index, word, pages);
}

}  // namespace

NameSearch::NameSearch(const FileIndex& index, const SearchRequest& request)
    : index_(index),
      request_(request),
      query_(request.words),
      first_rank_(request.after ? request.after->rank : 0),
      best_(index, request) {
  for (const std::string& word : query_.words()) signature_.insert_all_of(word);
}

std::vector<RankedHit> NameSearch::run() {
  if (query_.words().empty() || look_at_few()) return best_.take();
  for (int rank = first_rank_; rank <= kWorstRank; ++rank) {
    if (best_.is_full()) break;  // whatever follows ranks worse
    scan(rank);
  }
  return best_.take();
}

// True when the names that may be hits are few, and have all been looked at.
bool NameSearch::look_at_few() {
  const NamePages& names = index_.pages();
  PageBits pages = names.grams().all_pages();
  for (const std::string& word : query_.words()) keep_with_word(names.grams(), word, pages);
  std::vector<NameId> few;
  for (std::size_t at = 0; at < names.order().size() && few.size() <= kFewNames; ++at) {
    if (!pages.has(names.order()[at])) continue;
    const NamePages::Page& page = names.page(names.order()[at]);
    each_slot(slots_with_signature(at), [&](std::size_t slot) {
      index_.names().prefetch(page.names[slot]);
      few.push_back(page.names[slot]);
    });
  }
  if (few.size() > kFewNames) return false;
  for (const NameId name : few) visit(name, std::nullopt);
  return true;
}

// See SearchQuery::rank() for what a rank means.
PageBits NameSearch::pages_for(int rank) const {
  const GramIndex& grams = index_.pages().grams();
  PageBits pages = grams.all_pages();
  if (rank == 0) {
    const Gram whole = gram_of_whole(query_.whole());
    grams.keep_with_all({&whole, 1}, pages);
    return pages;
  }
  if (rank == 1) {
    const Gram begin = gram_of(GramPlace::kNameStart, first_bytes(query_.whole()));
    grams.keep_with_all({&begin, 1}, pages);
    keep_with_rest_of(grams, query_.whole(), pages);
    return pages;
  }
  std::vector<Gram> at_starts;
  std::vector<Gram> inside;
  for (const std::string& word : query_.words()) {
    at_starts.push_back(gram_of(GramPlace::kWordStart, first_bytes(word)));
    inside.push_back(gram_of(GramPlace::kInside, first_bytes(word)));
    if (rank > 2) keep_with_word(grams, word, pages);
    if (rank == 2) keep_with_rest_of(grams, word, pages);
  }
  if (rank == 2) grams.keep_with_all(at_starts, pages);
  if (rank > 2) grams.keep_with_any(inside, pages);
  return pages;
}

void NameSearch::scan(int rank) {
  const PageBits pages = pages_for(rank);
  if (!pages.any()) return;
  std::size_t lot = kFirstLot;
  std::uint8_t below = SourceLevel::kHighest + 1;
  while (const auto levels = next_levels(below, lot)) {
    if (!may_have_better(levels->highest)) return;
    scan_levels(rank, pages, *levels);
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

void NameSearch::scan_levels(int rank, const PageBits& pages, Levels levels) {
  const NamePages& names = index_.pages();
  // With one exact level, what comes later in the order of names is worse than what came before.
  const bool in_order = levels.lowest == levels.highest && levels.lowest <= SourceLevel::kExact;
  const std::size_t first = first_page(rank, levels);
  for (std::size_t at = 0; at < names.order().size(); ++at) {
    const PageId id = names.order()[at];
    if (!pages.has(id)) continue;
    const NamePages::Page& page = names.page(id);
    if (page.highest < levels.lowest || (at < first && !page.has_several)) continue;
    const std::uint64_t slots = slots_at(page, rank, levels) & slots_with_signature(at);
    each_slot(slots, [&](std::size_t slot) {
      index_.names().prefetch(page.names[slot]);
      lot_.push_back({page.names[slot], at, slot});
    });
    if (lot_.size() < kVisitedAtATime) continue;
    visit_lot(rank);
    if (in_order && best_.is_full() && best_.fewest_sources() >= levels.lowest) return;
  }
  visit_lot(rank);
}

void NameSearch::visit_lot(int rank) {
  for (const Spot& spot : lot_) {
    // What is no hit of this rank may be one of the next; what is none of any is not
    // looked at again.
    if (!visit(spot.name, rank)) *signed_[spot.page] &= ~(std::uint64_t{1} << spot.slot);
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

// The slots of names that may hold all words, looked up once for each page.
std::uint64_t NameSearch::slots_with_signature(std::size_t at) {
  if (signed_.empty()) signed_.resize(index_.pages().order().size());
  std::optional<std::uint64_t>& known = signed_[at];
  if (known) return *known;
  const NamePages::Page& page = index_.pages().page(index_.pages().order()[at]);
  std::uint64_t slots = 0;
  for (std::size_t slot = 0; slot < page.size; ++slot) {
    const bool may_match = page.signatures[slot].has(signature_);
    slots |= std::uint64_t{may_match} << slot;
  }
  known = slots;
  return slots;
}

// Of this rank only, if one is given. False when the name does not hold the words.
bool NameSearch::visit(NameId name, std::optional<int> wanted) {
  const std::optional<int> rank = query_.rank(index_.names().searchable(name, room_));
  if (!rank) return false;
  if (rank != wanted.value_or(*rank)) return true;
  index_.sets().each(index_.variants_of(name), [&](VariantId variant) {
    best_.offer(*rank, variant);
    return true;
  });
  return true;
}

std::optional<std::vector<NameId>> NameSearch::names_with(const FileIndex& index,
                                                          const std::vector<std::string>& words,
                                                          std::size_t most) {
  if (words.empty()) return std::nullopt;
  PageBits bits = index.pages().grams().all_pages();
  for (const std::string& word : words) keep_with_word(index.pages().grams(), word, bits);
  if (bits.count() * NamePages::kMost > most) return std::nullopt;
  std::vector<NameId> found;
  std::string room;
  for (const PageId id : index.pages().order()) {
    if (!bits.has(id)) continue;
    const NamePages::Page& page = index.pages().page(id);
    for (std::size_t slot = 0; slot < page.size; ++slot) {
      const std::string_view name = index.names().searchable(page.names[slot], room);
      const bool holds = std::all_of(words.begin(), words.end(), [&](const std::string& word) {
        return name.find(word) != std::string_view::npos;
      });
      if (holds && page.levels[slot] != 0) found.push_back(page.names[slot]);
    }
  }
  return found;
}

}  // namespace trueque
