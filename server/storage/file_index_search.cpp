// FileIndex::search(): candidates by trigram, checked, and the best of them kept; and
// the candidates of a listing.
#include <algorithm>
#include <string>

#include "server/storage/file_index.h"

namespace trueque {

// The best candidates so far, at most `capacity` of them, as a heap whose front
// is the worst: a search sorts no more than it returns.
struct FileIndex::Best {
  explicit Best(const SearchRequest& request)
      : capacity(std::size_t{request.limit} + 1), after(request.after) {}

  static SearchPosition position(const Candidate& candidate) {
    return {candidate.rank,
            candidate.variant->entries.size(),
            {*candidate.variant->name->text, candidate.variant->content}};
  }

  // The order of comes_before(), without copying names.
  static bool before(const Candidate& left, const Candidate& right) {
    if (left.rank != right.rank) return left.rank < right.rank;
    const Variant& l = *left.variant;
    const Variant& r = *right.variant;
    if (l.entries.size() != r.entries.size()) return l.entries.size() > r.entries.size();
    if (l.name != r.name) return *l.name->text < *r.name->text;
    return l.content < r.content;
  }

  void offer(const Candidate& candidate) {
    if (heap.size() == capacity && !before(candidate, heap.front())) return;
    if (after && !comes_before(*after, position(candidate))) return;
    heap.push_back(candidate);
    std::push_heap(heap.begin(), heap.end(), before);
    if (heap.size() <= capacity) return;
    std::pop_heap(heap.begin(), heap.end(), before);
    heap.pop_back();
  }

  std::vector<RankedHit> take() {
    std::sort_heap(heap.begin(), heap.end(), before);
    std::vector<RankedHit> hits;
    hits.reserve(heap.size());
    for (const Candidate& each : heap) {
      SearchPosition at = position(each);
      hits.push_back({at.rank, {std::move(at.file), at.sources}});
    }
    return hits;
  }

  std::size_t capacity;
  const std::optional<SearchPosition>& after;
  std::vector<Candidate> heap;
};

void FileIndex::consider(const SearchQuery& query, const IndexedName& name, Best& best) const {
  if (name.variants.empty()) return;  // idle
  const std::optional<int> rank = query.rank(name.searchable());
  if (!rank) return;
  for (const Variant* variant : name.variants) best.offer({*rank, variant});
}

std::vector<RankedHit> FileIndex::search(const SearchRequest& request) const {
  const SearchQuery query(request.words);
  if (query.words().empty()) return {};
  Best best(request);
  if (const auto* candidates = trigrams_.candidates(query.words())) {
    for (const std::uint32_t id : *candidates) consider(query, *by_id_[id], best);
  } else {
    for (const auto& [text, name] : names_) consider(query, name, best);
  }
  return best.take();
}

std::optional<FileIndex::Candidates> FileIndex::wanted(const FileFilter& filter,
                                                       std::size_t most) const {
  if (!filter.is_about_names_or_contents()) return std::nullopt;
  Candidates found;
  for (const std::string& text : filter.names()) {
    const auto whole = names_.find(text);
    if (whole != names_.end()) found.push_back(&whole->second);
    const auto component = components_.find(text);
    if (component == components_.end()) continue;
    if (component->second.size() > most) return std::nullopt;
    found.insert(found.end(), component->second.begin(), component->second.end());
    if (found.size() > most) return std::nullopt;
  }
  for (const ContentId& id : filter.contents()) {
    const auto variants = contents_.find(id);
    if (variants == contents_.end()) continue;
    if (found.size() + variants->second.size() > most) return std::nullopt;
    for (const Variant* variant : variants->second) found.push_back(variant->name);
  }
  if (found.size() > most) return std::nullopt;
  return found;
}

std::optional<FileIndex::Candidates> FileIndex::with_words(const FileFilter& filter,
                                                           std::size_t most) const {
  const auto* ids = trigrams_.candidates(filter.words());
  if (ids == nullptr || ids->size() > most) return std::nullopt;
  Candidates found;
  found.reserve(ids->size());
  for (const std::uint32_t id : *ids) found.push_back(by_id_[id]);
  return found;
}

}  // namespace trueque
