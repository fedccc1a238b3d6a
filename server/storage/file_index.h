// Who shares what: the entries of all peers, found by whole name, last component,
// content and words, and the names in their order. Linking, unlinking and finding one
// entry take time that does not depend on how many others share its name, component
// or content (and grows with the logarithm of all names).
//
//   IndexedName ──< Variant ──< FileEntry   a name, its contents, the peers of each
//   component ──< IndexedName               names that end in the same component
//   content id ──< Variant
//
// Each object keeps its place in the list that holds it, so that it leaves by
// swapping with the last. A name without entries stays a while ("idle"), so that
// a peer that comes back costs no indexing; tidy() sweeps idle names when they
// outnumber the others. Not synchronised; reads may run side by side.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/directory/directory_types.h"
#include "server/core/directory_repository.h"
#include "server/core/search_query.h"
#include "server/storage/trigram_index.h"

namespace trueque {

struct FileEntry;
struct IndexedName;

// One content a name has.
struct Variant {
  IndexedName* name = nullptr;
  std::optional<Content> content;
  std::uint32_t place_in_name = 0;
  std::uint32_t place_in_content = 0;
  std::vector<FileEntry*> entries;  // never empty
};

struct IndexedName {
  const std::string* text = nullptr;
  std::string folded;  // empty when the same as the text
  std::uint32_t id = 0;
  std::uint32_t place = 0;  // in its component
  std::vector<IndexedName*>* component = nullptr;
  std::vector<Variant*> variants;  // none: idle, and in no component

  std::string_view searchable() const { return folded.empty() ? *text : folded; }
};

// One peer's share of one name. Owned by whoever holds the peer, and linked into
// the index, which needs it to stay where it is.
struct FileEntry {
  const PeerKey* peer = nullptr;
  Variant* variant = nullptr;
  std::uint32_t place = 0;  // in its variant
};

class FileIndex {
 public:
  // By their bytes. A map that is in order costs a name 8 bytes more than a hashed one,
  // an index of its own beside that would cost 48.
  using Names = std::map<std::string, IndexedName, std::less<>>;
  // In no order, and some of them twice.
  using Candidates = std::vector<const IndexedName*>;

  FileIndex() = default;
  FileIndex(const FileIndex&) = delete;
  FileIndex& operator=(const FileIndex&) = delete;

  // The one object for a name; stays valid until a tidy() finds it without entries.
  IndexedName& intern(const std::string& text);
  // nullptr for a name never interned, or swept since.
  IndexedName* find_name(std::string_view text);

  void link(FileEntry& entry, const PeerKey& peer, IndexedName& name,
            const std::optional<Content>& content);
  void unlink(FileEntry& entry);
  void tidy();

  std::vector<Source> find_by_name(std::string_view name, std::uint32_t limit) const;
  std::vector<Source> find_by_content(const ContentId& id, std::uint32_t limit) const;
  std::vector<RankedHit> search(const SearchRequest& request) const;

  // Idle names among them.
  const Names& names() const { return names_; }
  // The names that may have what the filter wants: of its names and content ids, or with
  // its words. Nothing when they are more than `most`, or it wants none of the kind.
  std::optional<Candidates> wanted(const FileFilter& filter, std::size_t most) const;
  std::optional<Candidates> with_words(const FileFilter& filter, std::size_t most) const;

  std::uint64_t name_count() const { return names_.size() - idle_names_; }
  std::uint64_t content_count() const { return contents_.size(); }

 private:
  struct VariantKey {
    const IndexedName* name;
    std::optional<Content> content;
    bool operator==(const VariantKey&) const = default;
  };
  struct VariantKeyHash {
    std::size_t operator()(const VariantKey& key) const noexcept;
  };
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  template <typename Value>
  using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;
  struct Candidate {
    int rank;
    const Variant* variant;
  };
  struct Best;

  std::uint32_t take_id(IndexedName& name);
  void wake(IndexedName& name);
  void put_to_rest(IndexedName& name);
  Variant& variant_of(IndexedName& name, const std::optional<Content>& content);
  void drop(Variant& variant);
  void consider(const SearchQuery& query, const IndexedName& name, Best& best) const;

  Names names_;
  ByText<std::vector<IndexedName*>> components_;
  std::unordered_map<VariantKey, Variant, VariantKeyHash> variants_;
  std::unordered_map<ContentId, std::vector<Variant*>, ContentIdHash> contents_;
  std::vector<IndexedName*> by_id_;  // nullptr where an id is free
  std::vector<std::uint32_t> free_ids_;
  std::size_t idle_names_ = 0;
  TrigramIndex trigrams_;
};

}  // namespace trueque
