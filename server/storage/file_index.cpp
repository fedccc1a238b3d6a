#include "server/storage/file_index.h"

#include <algorithm>

#include "common/base/file_name.h"

namespace trueque {
namespace {

constexpr std::size_t kFewIdleNames = 1024;  // not worth a sweep

template <typename Item>
std::uint32_t push(std::vector<Item*>& list, Item& item) {
  list.push_back(&item);
  return static_cast<std::uint32_t>(list.size() - 1);
}

// Takes list[place] out by moving the last one there and telling it its new place.
template <typename Item>
void swap_out(std::vector<Item*>& list, std::uint32_t place, std::uint32_t Item::*own_place) {
  list[place] = list.back();
  list[place]->*own_place = place;
  list.pop_back();
}

// At most `limit` sources, one of each variant in turn, given variant by variant.
std::vector<Source> share_out(const std::vector<const Variant*>& variants, std::uint32_t limit) {
  std::vector<std::size_t> taken(variants.size(), 0);
  std::size_t left = limit;
  for (bool more = true; more && left > 0;) {
    more = false;
    for (std::size_t i = 0; i < variants.size() && left > 0; ++i) {
      if (taken[i] == variants[i]->entries.size()) continue;
      ++taken[i];
      --left;
      more = true;
    }
  }
  std::vector<Source> sources;
  sources.reserve(limit - left);
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const Variant& variant = *variants[i];
    for (std::size_t n = 0; n < taken[i]; ++n) {
      sources.push_back({*variant.entries[n]->peer, {*variant.name->text, variant.content}});
    }
  }
  return sources;
}

void append_variants(const IndexedName& name, std::uint32_t limit,
                     std::vector<const Variant*>& variants) {
  for (const Variant* variant : name.variants) {
    if (variants.size() == limit) return;
    variants.push_back(variant);
  }
}

}  // namespace

std::size_t FileIndex::VariantKeyHash::operator()(const VariantKey& key) const noexcept {
  const std::size_t name = std::hash<const void*>()(key.name);
  if (!key.content) return name;
  return name * 31 + ContentIdHash()(key.content->id) +
         std::hash<std::uint64_t>()(key.content->size) * 17;
}

IndexedName& FileIndex::intern(const std::string& text) {
  const auto [place, is_new] = names_.try_emplace(text);
  IndexedName& name = place->second;
  if (!is_new) return name;
  name.text = &place->first;
  name.folded = searchable_form(text);
  if (name.folded == text) name.folded = std::string();
  name.id = take_id(name);
  trigrams_.add(name.id, name.searchable());
  ++idle_names_;
  return name;
}

std::uint32_t FileIndex::take_id(IndexedName& name) {
  if (free_ids_.empty()) return push(by_id_, name);
  const std::uint32_t id = free_ids_.back();
  free_ids_.pop_back();
  by_id_[id] = &name;
  return id;
}

IndexedName* FileIndex::find_name(std::string_view text) {
  const auto found = names_.find(text);
  return found == names_.end() ? nullptr : &found->second;
}

void FileIndex::link(FileEntry& entry, const PeerKey& peer, IndexedName& name,
                     const std::optional<Content>& content) {
  if (name.variants.empty()) wake(name);
  entry.peer = &peer;
  entry.variant = &variant_of(name, content);
  entry.place = push(entry.variant->entries, entry);
}

void FileIndex::unlink(FileEntry& entry) {
  Variant& variant = *entry.variant;
  swap_out(variant.entries, entry.place, &FileEntry::place);
  entry.variant = nullptr;
  if (!variant.entries.empty()) return;
  IndexedName& name = *variant.name;
  drop(variant);
  if (name.variants.empty()) put_to_rest(name);
}

void FileIndex::wake(IndexedName& name) {
  name.component = &components_[std::string(last_component(*name.text))];
  name.place = push(*name.component, name);
  --idle_names_;
}

void FileIndex::put_to_rest(IndexedName& name) {
  swap_out(*name.component, name.place, &IndexedName::place);
  if (name.component->empty()) components_.erase(std::string(last_component(*name.text)));
  name.component = nullptr;
  ++idle_names_;
}

Variant& FileIndex::variant_of(IndexedName& name, const std::optional<Content>& content) {
  const auto [place, is_new] = variants_.try_emplace(VariantKey{&name, content});
  Variant& variant = place->second;
  if (!is_new) return variant;
  variant.name = &name;
  variant.content = content;
  variant.place_in_name = push(name.variants, variant);
  if (content) variant.place_in_content = push(contents_[content->id], variant);
  return variant;
}

void FileIndex::drop(Variant& variant) {
  swap_out(variant.name->variants, variant.place_in_name, &Variant::place_in_name);
  if (variant.content) {
    const auto content = contents_.find(variant.content->id);
    swap_out(content->second, variant.place_in_content, &Variant::place_in_content);
    if (content->second.empty()) contents_.erase(content);
  }
  variants_.erase(VariantKey{variant.name, variant.content});
}

void FileIndex::tidy() {
  if (idle_names_ <= kFewIdleNames || idle_names_ * 2 < names_.size()) return;
  trigrams_.sweep([this](std::uint32_t id) { return by_id_[id]->variants.empty(); });
  for (auto place = names_.begin(); place != names_.end();) {
    const IndexedName& name = place->second;
    if (!name.variants.empty()) {
      ++place;
      continue;
    }
    by_id_[name.id] = nullptr;
    free_ids_.push_back(name.id);
    place = names_.erase(place);
  }
  idle_names_ = 0;
}

std::vector<Source> FileIndex::find_by_name(std::string_view name, std::uint32_t limit) const {
  std::vector<const Variant*> variants;
  const auto whole = names_.find(name);
  if (whole != names_.end()) append_variants(whole->second, limit, variants);
  const auto component = components_.find(name);
  if (component != components_.end()) {
    for (const IndexedName* each : component->second) {
      if (variants.size() == limit) break;
      if (*each->text != name) append_variants(*each, limit, variants);
    }
  }
  return share_out(variants, limit);
}

std::vector<Source> FileIndex::find_by_content(const ContentId& id, std::uint32_t limit) const {
  std::vector<const Variant*> variants;
  const auto found = contents_.find(id);
  if (found == contents_.end()) return {};
  for (const Variant* variant : found->second) {
    if (variants.size() == limit) break;
    variants.push_back(variant);
  }
  return share_out(variants, limit);
}

}  // namespace trueque
