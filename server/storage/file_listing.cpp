#include "server/storage/file_listing.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace trueque {
namespace {

constexpr std::uint64_t kMostLookedAt = 50'000;
// So many steps of a pattern take about as long as looking at a name.
constexpr std::uint64_t kStepsOfAName = 64;

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
      index_(tables.files()),
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
  offer(index_.wanted(filter_, most));
  offer(of_the_person(most));
  offer(index_.with_words(filter_, most));
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
    peer->second.files.each(
        [&](VariantId variant) { names.push_back(index_.variant(variant).name); });
  }
  return names;
}

bool FileListing::has_fewer_names_to_walk(std::size_t most) const {
  const NamePages& names = index_.pages();
  NamePages::Place place = names.lower_bound(start());
  for (std::size_t count = 0; count < most; ++count, names.advance(place)) {
    if (names.is_end(place) || !index_.text(names.name_at(place)).starts_with(filter_.prefix()))
      return true;
  }
  return false;
}

// No name before this one can be on the page.
std::string_view FileListing::start() const {
  const std::string_view prefix = filter_.prefix();
  if (!request_.after) return prefix;
  return std::max(prefix, std::string_view(request_.after->name));
}

bool FileListing::is_ahead(NameId name) const {
  const std::string_view text = index_.text(name);
  return text >= start() && text.starts_with(filter_.prefix());
}

// A heap gives them in order, and only as many of them are ordered as the page takes.
void FileListing::take_in_order(Candidates names) {
  const auto comes_later = [this](NameId left, NameId right) {
    return index_.text(left) > index_.text(right);
  };
  std::erase_if(names, [this](NameId name) { return !is_ahead(name); });
  std::make_heap(names.begin(), names.end(), comes_later);
  NameId last = kNoName;
  while (!names.empty()) {
    std::pop_heap(names.begin(), names.end(), comes_later);
    const NameId name = names.back();
    names.pop_back();
    if (name != last && !visit(name)) return;
    last = name;
  }
}

void FileListing::walk() {
  const NamePages& names = index_.pages();
  for (auto place = names.lower_bound(start()); !names.is_end(place); names.advance(place)) {
    const NameId name = names.name_at(place);
    if (!index_.text(name).starts_with(filter_.prefix())) return;
    if (!visit(name)) return;
  }
}

bool FileListing::is_spent() const { return looked_at_ + steps_ / kStepsOfAName >= kMostLookedAt; }

bool FileListing::visit(NameId name) {
  ++looked_at_;
  const std::string_view text = index_.text(name);
  std::vector<VariantId> variants;
  if (filter_.takes_place(text, steps_)) {
    index_.sets().each(index_.variants_of(name), [&](VariantId variant) {
      variants.push_back(variant);
      return true;
    });
  }
  looked_at_ += variants.size();
  const auto content = [this](VariantId variant) { return index_.variant(variant).content(); };
  std::sort(variants.begin(), variants.end(),
            [&](VariantId left, VariantId right) { return content(left) < content(right); });
  const bool is_wanted = filter_.takes_name(text);
  const bool is_begun = request_.after && request_.after->name == text;
  for (const VariantId variant : variants) {
    if (is_begun && content(variant) <= request_.after->content) continue;
    if (!is_wanted && !filter_.takes_content(content(variant))) continue;
    if (!take(variant)) return false;
  }
  // The first name may be the one the page before ended in; every page gets beyond it.
  if (std::exchange(is_first_, false) || !is_spent()) return true;
  result_.end = SharedFile{std::string(text), std::nullopt};
  if (!variants.empty()) result_.end->content = content(variants.back());
  return false;
}

bool FileListing::take(VariantId variant) {
  std::vector<PeerKey> sources = sources_of(variant);
  if (sources.empty()) return true;
  if (result_.files.size() == request_.limit) {
    result_.end = result_.files.back().file;
    return false;
  }
  const Variant& taken = index_.variant(variant);
  result_.files.push_back(
      {{std::string(index_.text(taken.name)), taken.content()}, std::move(sources)});
  return true;
}

std::vector<PeerKey> FileListing::sources_of(VariantId variant) {
  std::vector<PeerKey> sources;
  if (filter_.peer_name().empty()) {
    const IdSet all = index_.variant(variant).sources;
    take_turns(index_.sources(variant), request_.turn,
               [&](std::size_t i) { sources.push_back(index_.peer(index_.sets().at(all, i))); });
  } else {
    const std::vector<const PeerKey*> all = persons_sources(variant);
    take_turns(all.size(), request_.turn, [&](std::size_t i) { sources.push_back(*all[i]); });
  }
  return sources;
}

// Through the person's peers or the file's sources, whichever are fewer.
std::vector<const PeerKey*> FileListing::persons_sources(VariantId variant) {
  std::vector<const PeerKey*> sources;
  const Variant& file = index_.variant(variant);
  const std::size_t all = index_.sources(variant);
  looked_at_ += std::min(peers_of_person_, all);
  if (all < peers_of_person_) {
    index_.sets().each(file.sources, [&](PeerNumber number) {
      const PeerKey& peer = index_.peer(number);
      if (peer.username == filter_.peer_name()) sources.push_back(&peer);
      return true;
    });
    return sources;
  }
  for (auto peer = person_.first; peer != person_.second; ++peer) {
    if (peer->second.files.find(file.name) == variant) sources.push_back(&peer->first);
  }
  return sources;
}

}  // namespace trueque
