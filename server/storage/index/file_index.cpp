#include "server/storage/index/file_index.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "common/base/file_name.h"
#include "server/storage/index/name_order.h"

namespace trueque {
namespace {

constexpr std::size_t kFewIdleNames = 1024;  // not worth a sweep
constexpr unsigned kMostWorkers = 8;
constexpr std::size_t kLot = 1024;  // names put in order together, within a slice of time

std::size_t hash_of_id(const ContentId& id) { return mixed(ContentIdHash()(id)); }

std::size_t hash_of_text(std::string_view text) { return std::hash<std::string_view>()(text); }

}  // namespace

PeerNumber FileIndex::add_peer(const PeerKey& key) {
  if (free_peers_.empty()) {
    peers_.push_back(&key);
    return static_cast<PeerNumber>(peers_.size() - 1);
  }
  const PeerNumber number = free_peers_.back();
  free_peers_.pop_back();
  peers_[number] = &key;
  return number;
}

void FileIndex::remove_peer(PeerNumber peer) {
  peers_[peer] = nullptr;
  free_peers_.push_back(peer);
}

void FileIndex::prefetch(std::span<const SharedFile> files) const {
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto& [name, content] = files[i];
    names_.prefetch(name);
    const std::string_view component = last_component(name);
    if (component.size() < name.size()) by_component_.prefetch(hash_of_text(component));
    if (content) by_content_.prefetch(hash_of_id(content->id));
    variants_.prefetch_next(i);
  }
}

NameId FileIndex::intern(std::string_view text) {
  const auto [name, is_new] = names_.intern(text);
  if (is_new) new_names_.push_back(name);
  return name;
}

void FileIndex::begin_loading(std::size_t entries) {
  is_loading_ = true;
  if (entries == 0 || names_.size() > 0) return;
  names_.reserve(entries);
  by_component_.reserve(entries);
  by_content_.reserve(entries);
}

void FileIndex::finish_loading() {
  is_loading_ = false;
  if (!pages_.order().empty()) return settle();
  std::vector<NameId> names = std::exchange(new_names_, {});
  sort_names(names, names_);
  const std::size_t workers = std::clamp(std::thread::hardware_concurrency(), 1U, kMostWorkers);
  pages_.build(
      names, [this](std::span<const NameId> some) { return levels_of(some); }, workers);
}

void FileIndex::settle(const std::function<void()>& pause) {
  if (is_loading_) return;
  const std::vector<NameId> all = std::exchange(new_names_, {});
  for (std::size_t first = 0; first < all.size(); first += kLot) {
    std::vector<NameId> names(all.begin() + first,
                              all.begin() + std::min(first + kLot, all.size()));
    sort_names(names, names_);
    pages_.insert(names, levels_of(names), pause);
  }
}

std::vector<std::uint8_t> FileIndex::levels_of(std::span<const NameId> names) const {
  std::vector<std::uint8_t> levels(names.size());
  constexpr std::size_t kAhead = 16;  // what is far away in memory is sent for in time
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i + 2 * kAhead < names.size()) names_.prefetch(names[i + 2 * kAhead]);
    if (i + kAhead < names.size()) {
      const IdSet variants = variants_of(names[i + kAhead]);
      if (variants.is_one()) __builtin_prefetch(&variants_[variants.value].sources);
    }
    levels[i] = level_of(names[i]);
  }
  return levels;
}

std::uint8_t FileIndex::level_of(NameId name) const {
  const IdSet variants = variants_of(name);
  std::uint8_t highest = 0;
  sets_.each(variants, [&](VariantId each) {
    highest = std::max(highest, SourceLevel::of(sources(each)));
    return true;
  });
  return variants.empty() || variants.is_one() ? highest : highest | SourceLevel::kSeveral;
}

VariantId FileIndex::link(PeerNumber peer, NameId name, const std::optional<Content>& content) {
  VariantId variant = find_variant(name, content);
  if (variant == kNoVariant) variant = make_variant(name, content);
  sets_.insert(variants_[variant].sources, peer);
  if (!pages_.has(name)) return variant;
  const std::uint8_t former = pages_.level(name);
  std::uint8_t level = SourceLevel::of(sources(variant));
  level = std::max(level, static_cast<std::uint8_t>(former & SourceLevel::kHighest));
  if (!variants_of(name).is_one()) level |= SourceLevel::kSeveral;
  if (level != former) pages_.set_level(name, level);
  return variant;
}

void FileIndex::unlink(PeerNumber peer, VariantId variant) {
  const NameId name = variants_[variant].name;
  const std::size_t former_sources = sources(variant);
  sets_.erase(variants_[variant].sources, peer);
  if (former_sources == 1) drop_variant(variant);
  if (pages_.has(name)) lower_level(name, former_sources);
}

// One of the name's variants had so many sources, and now has one less.
void FileIndex::lower_level(NameId name, std::size_t former_sources) {
  const std::uint8_t former = pages_.level(name);
  const IdSet variants = variants_of(name);
  std::uint8_t level = former & SourceLevel::kHighest;
  if (SourceLevel::of(former_sources) == level) {
    std::uint8_t highest = 0;
    sets_.each(variants, [&](VariantId each) {
      highest = std::max(highest, SourceLevel::of(sources(each)));
      return highest < level;
    });
    level = highest;
  }
  if (!variants.empty() && !variants.is_one()) level |= SourceLevel::kSeveral;
  if (level != former) pages_.set_level(name, level);
}

VariantId FileIndex::find_variant(NameId name, const std::optional<Content>& content) const {
  IdSet candidates = variants_of(name);
  if (content && !candidates.empty() && !candidates.is_one()) {
    const IdSet others = holding(content->id);
    if (sets_.size(others) < sets_.size(candidates)) candidates = others;
  }
  VariantId found = kNoVariant;
  sets_.each(candidates, [&](VariantId each) {
    if (variants_[each].name == name && variants_[each].has(content)) found = each;
    return found == kNoVariant;
  });
  return found;
}

VariantId FileIndex::make_variant(NameId name, const std::optional<Content>& content) {
  VariantId variant = static_cast<VariantId>(variants_.size());
  if (free_variants_.empty()) {
    variants_.grow();
  } else {
    variant = free_variants_.back();
    free_variants_.pop_back();
  }
  Variant& made = variants_[variant];
  made = Variant();
  made.name = name;
  if (content) {
    made.id = content->id;
    made.size = content->size;
  }
  if (variants_of(name).empty()) wake(name);
  sets_.insert(names_.links(name).variants, variant);
  if (content) {
    join(
        by_content_, hash_of_id(made.id), variant,
        [&](VariantId each) { return variants_[each].id == made.id; },
        [this](VariantId each) { return hash_of_id(variants_[each].id); });
  }
  return variant;
}

void FileIndex::drop_variant(VariantId variant) {
  const Variant& former = variants_[variant];
  const NameId name = former.name;
  sets_.erase(names_.links(name).variants, variant);
  if (former.size != Variant::kNoSize) {
    leave(by_content_, hash_of_id(former.id), variant,
          [&](VariantId each) { return variants_[each].id == former.id; });
  }
  free_variants_.push_back(variant);
  if (variants_of(name).empty()) put_to_rest(name);
}

template <typename HasKey, typename HashOf>
void FileIndex::join(IdTable& table, std::size_t hash, std::uint32_t id, HasKey has_key,
                     HashOf hash_of) {
  const auto any_of = [this](std::uint32_t set) { return sets_.at(IdSet{set}, 0); };
  IdSet set{table.find(hash, [&](std::uint32_t each) { return has_key(any_of(each)); })};
  const IdSet former = set;
  sets_.insert(set, id);
  if (former.empty()) {
    table.insert(hash, set.value, [&](std::uint32_t each) { return hash_of(any_of(each)); });
  } else if (set.value != former.value) {
    table.replace(hash, former.value, set.value);
  }
}

template <typename HasKey>
void FileIndex::leave(IdTable& table, std::size_t hash, std::uint32_t id, HasKey has_key) {
  IdSet set{
      table.find(hash, [&](std::uint32_t each) { return has_key(sets_.at(IdSet{each}, 0)); })};
  const IdSet former = set;
  sets_.erase(set, id);
  if (set.empty()) {
    table.erase(hash, former.value);
  } else if (set.value != former.value) {
    table.replace(hash, former.value, set.value);
  }
}

// A name without a folder is its own last component, and found as a whole name.
void FileIndex::wake(NameId name) {
  const std::string_view component = last_component(text(name));
  if (component.size() == text(name).size()) return;
  join(
      by_component_, hash_of_text(component), name,
      [&](NameId each) { return last_component(text(each)) == component; },
      [this](NameId each) { return hash_of_text(last_component(text(each))); });
}

void FileIndex::put_to_rest(NameId name) {
  const std::string_view component = last_component(text(name));
  if (component.size() == text(name).size()) return;
  leave(by_component_, hash_of_text(component), name,
        [&](NameId each) { return last_component(text(each)) == component; });
}

IdSet FileIndex::named(std::string_view component) const {
  return {by_component_.find(hash_of_text(component), [&](std::uint32_t set) {
    return last_component(text(sets_.at(IdSet{set}, 0))) == component;
  })};
}

IdSet FileIndex::holding(const ContentId& id) const {
  return {by_content_.find(hash_of_id(id), [&](std::uint32_t set) {
    return variants_[sets_.at(IdSet{set}, 0)].id == id;
  })};
}

void FileIndex::tidy(const std::function<void()>& pause) {
  while (pages_.count_at(0) > kFewIdleNames && pages_.count_at(0) * 2 >= names_.size()) {
    pages_.sweep_next([this](NameId name) { names_.forget(name); });
    pause();
  }
}

}  // namespace trueque
