#include "server/storage/file_listing.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace trueque {
namespace {

constexpr std::uint64_t kMostLookedAt = 50'000;
// So many steps of a pattern count as a name looked at: all in all some 50 ms.
constexpr std::uint64_t kStepsOfAName = 256;

bool comes_later(const IndexedName* left, const IndexedName* right) {
  return *left->text > *right->text;
}

// At most kMaxSourcesOfAFile of `count` things, beginning elsewhere each turn, so that
// no source is asked by everybody.
template <typename Take>
void take_turns(std::size_t count, std::uint64_t turn, Take take) {
  const std::size_t told = std::min(count, kMaxSourcesOfAFile);
  const std::size_t first = told < count ? turn * kMaxSourcesOfAFile % count : 0;
  for (std::size_t i = 0; i < told; ++i) take((first + i) % count);
}

}  // namespace

FileListing::FileListing(const DirectoryTables& tables, const FindRequest& request)
    : tables_(tables),
      request_(request),
      filter_(request.filter),
      person_(tables.peers_of(filter_.peer_name())),
      peers_of_person_(static_cast<std::size_t>(std::distance(person_.first, person_.second))) {}

FindResult FileListing::page() {
  if (!filter_.peer_name().empty() && peers_of_person_ == 0) return {};
  if (std::optional<Candidates> names = candidates()) {
    take_in_order(*std::move(names));
  } else {
    walk();
  }
  return std::move(result_);
}

std::optional<FileListing::Candidates> FileListing::candidates() const {
  std::size_t most = kMostLookedAt;
  std::optional<Candidates> fewest;
  const auto offer = [&](std::optional<Candidates> names) {
    if (!names) return;
    most = names->size();
    fewest = std::move(names);
  };
  offer(tables_.files().wanted(filter_, most));
  offer(of_the_person(most));
  offer(tables_.files().with_words(filter_, most));
  if (fewest && has_fewer_names_to_walk(most)) fewest.reset();
  return fewest;
}

std::optional<FileListing::Candidates> FileListing::of_the_person(std::size_t most) const {
  if (filter_.peer_name().empty()) return std::nullopt;
  std::size_t files = 0;
  for (auto peer = person_.first; peer != person_.second; ++peer) {
    files += peer->second.files.size();
  }
  if (files > most) return std::nullopt;
  Candidates names;
  names.reserve(files);
  for (auto peer = person_.first; peer != person_.second; ++peer) {
    for (const auto& [name, entry] : peer->second.files) names.push_back(name);
  }
  return names;
}

bool FileListing::has_fewer_names_to_walk(std::size_t most) const {
  const auto& names = tables_.files().names();
  auto name = names.lower_bound(start());
  for (std::size_t count = 0; count < most; ++count, ++name) {
    if (name == names.end() || !name->first.starts_with(filter_.prefix())) return true;
  }
  return false;
}

// No name before this one can be on the page.
std::string_view FileListing::start() const {
  const std::string_view prefix = filter_.prefix();
  if (!request_.after) return prefix;
  return std::max(prefix, std::string_view(request_.after->name));
}

bool FileListing::is_ahead(const IndexedName& name) const {
  return *name.text >= start() && name.text->starts_with(filter_.prefix());
}

// A heap gives them in order, and only as many of them are ordered as the page takes.
void FileListing::take_in_order(Candidates names) {
  std::erase_if(names, [this](const IndexedName* name) { return !is_ahead(*name); });
  std::make_heap(names.begin(), names.end(), comes_later);
  const IndexedName* last = nullptr;
  while (!names.empty()) {
    std::pop_heap(names.begin(), names.end(), comes_later);
    const IndexedName* name = names.back();
    names.pop_back();
    if (name != last && !visit(*name)) return;
    last = name;
  }
}

void FileListing::walk() {
  const auto& names = tables_.files().names();
  for (auto name = names.lower_bound(start()); name != names.end(); ++name) {
    if (!name->first.starts_with(filter_.prefix())) return;
    if (!visit(name->second)) return;
  }
}

bool FileListing::is_spent() const { return looked_at_ + steps_ / kStepsOfAName >= kMostLookedAt; }

bool FileListing::visit(const IndexedName& name) {
  ++looked_at_;
  std::vector<const Variant*> variants;
  if (filter_.takes_place(*name.text, steps_)) {
    variants.assign(name.variants.begin(), name.variants.end());
  }
  looked_at_ += variants.size();
  std::sort(variants.begin(), variants.end(), [](const Variant* left, const Variant* right) {
    return left->content < right->content;
  });
  const bool is_wanted = filter_.takes_name(*name.text);
  const bool is_begun = request_.after && request_.after->name == *name.text;
  for (const Variant* variant : variants) {
    if (is_begun && variant->content <= request_.after->content) continue;
    if (!is_wanted && !filter_.takes_content(variant->content)) continue;
    if (!take(*variant)) return false;
  }
  // The first name may be the one the page before ended in; every page gets beyond it.
  if (std::exchange(is_first_, false) || !is_spent()) return true;
  result_.end = SharedFile{*name.text, std::nullopt};
  if (!variants.empty()) result_.end->content = variants.back()->content;
  return false;
}

bool FileListing::take(const Variant& variant) {
  std::vector<PeerKey> sources = sources_of(variant);
  if (sources.empty()) return true;
  if (result_.files.size() == request_.limit) {
    result_.end = result_.files.back().file;
    return false;
  }
  result_.files.push_back({{*variant.name->text, variant.content}, std::move(sources)});
  return true;
}

std::vector<PeerKey> FileListing::sources_of(const Variant& variant) {
  std::vector<PeerKey> sources;
  if (filter_.peer_name().empty()) {
    take_turns(variant.entries.size(), request_.turn,
               [&](std::size_t i) { sources.push_back(*variant.entries[i]->peer); });
  } else {
    const std::vector<const PeerKey*> all = persons_sources(variant);
    take_turns(all.size(), request_.turn, [&](std::size_t i) { sources.push_back(*all[i]); });
  }
  return sources;
}

// Through the person's peers or the file's sources, whichever are fewer.
std::vector<const PeerKey*> FileListing::persons_sources(const Variant& variant) {
  std::vector<const PeerKey*> sources;
  looked_at_ += std::min(peers_of_person_, variant.entries.size());
  if (variant.entries.size() < peers_of_person_) {
    for (const FileEntry* entry : variant.entries) {
      if (entry->peer->username == filter_.peer_name()) sources.push_back(entry->peer);
    }
    return sources;
  }
  for (auto peer = person_.first; peer != person_.second; ++peer) {
    const auto file = peer->second.files.find(variant.name);
    if (file != peer->second.files.end() && file->second.variant == &variant)
      sources.push_back(&peer->first);
  }
  return sources;
}

}  // namespace trueque
