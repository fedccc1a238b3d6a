// Who shares what: the entries of all peers, found by whole name, last component,
// content and words, and the names in their order. Linking, unlinking and finding one
// entry take time that does not depend on how many others share its name, component
// or content, and grows with the logarithm of all names. (But where one name has many
// contents and one of these many names, it grows with the smaller number.)
//
//   name ──< variant ──< peer      a name, its contents, those who share each
//   component ──< name             names that end in the same component
//   content id ──< variant
//
// A million entries take some 200 MB, so names, variants and peers are numbers of 32
// bits: a name is one of NameStore, a peer one that add_peer() gave, a variant one
// that stays the same for as long as somebody shares it. A set of one, which most are,
// takes no more than its number (IdSets), and tables know their keys' hashes alone
// (IdTable). A name nobody shares stays a while ("idle"), so that a peer that comes
// back costs no indexing; tidy() sweeps idle names when they outnumber the others.
//
// Not synchronised; reads may run side by side.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/directory/directory_types.h"
#include "server/core/directory_repository.h"
#include "server/storage/index/blocks.h"
#include "server/storage/index/id_sets.h"
#include "server/storage/index/id_table.h"
#include "server/storage/index/name_pages.h"
#include "server/storage/index/name_store.h"

namespace trueque {

using VariantId = std::uint32_t;
using PeerNumber = std::uint32_t;
inline constexpr VariantId kNoVariant = IdTable::kNone;

// One content a name has.
struct Variant {
  static constexpr std::uint64_t kNoSize = UINT64_MAX;

  ContentId id;                  // when there is a content
  std::uint64_t size = kNoSize;  // there is none: a placeholder
  NameId name = kNoName;
  IdSet sources;  // peers; never empty while the variant is in use

  std::optional<Content> content() const {
    if (size == kNoSize) return std::nullopt;
    return Content{size, id};
  }
  bool has(const std::optional<Content>& wanted) const {
    return wanted ? size == wanted->size && id == wanted->id : size == kNoSize;
  }
};

class FileIndex {
 public:
  // In no order, and some of them twice.
  using Candidates = std::vector<NameId>;

  FileIndex() = default;
  FileIndex(const FileIndex&) = delete;
  FileIndex& operator=(const FileIndex&) = delete;

  // `key` stays where it is until the number is removed, which no variant has then.
  PeerNumber add_peer(const PeerKey& key);
  void remove_peer(PeerNumber peer);

  // Between these two no name settles: all of them do at the end, which costs much less.
  // `entries` is a guess of how many come, 0 for none.
  void begin_loading(std::size_t entries);
  void finish_loading();

  // Tells the processor that these files will be interned and linked soon.
  void prefetch(std::span<const SharedFile> files) const;
  // The name with this text; stays valid until a tidy() finds it without entries. A new one
  // is found at once, but neither searched nor in the order of names before settle().
  NameId intern(std::string_view text);
  // Puts the new names where searches look; calls `pause` now and then, between steps.
  void settle(const std::function<void()>& pause = [] {});
  // kNoName for a name never interned, or swept since.
  NameId find_name(std::string_view text) const { return names_.find(text); }

  // The peer shares the name with this content; it did not before.
  VariantId link(PeerNumber peer, NameId name, const std::optional<Content>& content);
  void unlink(PeerNumber peer, VariantId variant);
  // `pause` is called now and then, between steps.
  void tidy(const std::function<void()>& pause = [] {});

  std::vector<Source> find_by_name(std::string_view name, std::uint32_t limit) const;
  std::vector<Source> find_by_content(const ContentId& id, std::uint32_t limit) const;
  std::vector<RankedHit> search(const SearchRequest& request) const;

  // Idle names among them.
  const NamePages& pages() const { return pages_; }
  const NameStore& names() const { return names_; }
  std::string_view text(NameId name) const { return names_.text(name); }
  const Variant& variant(VariantId variant) const { return variants_[variant]; }
  const PeerKey& peer(PeerNumber number) const { return *peers_[number]; }
  std::size_t sources(VariantId variant) const { return sets_.size(variants_[variant].sources); }
  // For the variants of a name and the sources of a variant.
  const IdSets& sets() const { return sets_; }
  IdSet variants_of(NameId name) const { return names_.links(name).variants; }

  // The names that may have what the filter wants: of its names and content ids, or with
  // its words. Nothing when they are more than `most`, or it wants none of the kind.
  std::optional<Candidates> wanted(const FileFilter& filter, std::size_t most) const;
  std::optional<Candidates> with_words(const FileFilter& filter, std::size_t most) const;

  std::uint64_t name_count() const { return names_.size() - pages_.count_at(0); }
  std::uint64_t content_count() const { return by_content_.size(); }

 private:
  static constexpr std::size_t kParts = 64;  // of each table

  VariantId find_variant(NameId name, const std::optional<Content>& content) const;
  VariantId make_variant(NameId name, const std::optional<Content>& content);
  void drop_variant(VariantId variant);
  void wake(NameId name);
  void put_to_rest(NameId name);
  std::uint8_t level_of(NameId name) const;
  std::vector<std::uint8_t> levels_of(std::span<const NameId> names) const;
  void lower_level(NameId name, std::size_t former_sources);
  // The sets of a table of sets, each under the key of any of its ids.
  template <typename HasKey, typename HashOf>
  void join(IdTable& table, std::size_t hash, std::uint32_t id, HasKey has_key, HashOf hash_of);
  template <typename HasKey>
  void leave(IdTable& table, std::size_t hash, std::uint32_t id, HasKey has_key);
  IdSet named(std::string_view component) const;
  IdSet holding(const ContentId& id) const;
  std::vector<Source> share_out(const std::vector<VariantId>& variants, std::uint32_t limit) const;
  void append_variants(NameId name, std::uint32_t limit, std::vector<VariantId>& variants) const;

  NameStore names_;
  NamePages pages_{names_};
  Blocks<Variant> variants_;
  std::vector<VariantId> free_variants_;
  std::vector<const PeerKey*> peers_;
  std::vector<PeerNumber> free_peers_;
  IdSets sets_;
  bool is_loading_ = false;
  std::vector<NameId> new_names_;  // that are in no page yet
  IdTable by_component_{kParts};   // sets of names that have a folder and are not idle
  IdTable by_content_{kParts};     // sets of variants
};

}  // namespace trueque
