// One page of find_files(), in the order of names. Few candidates (by name, content,
// word, or of one person) are put in order and looked at one after the other; where
// they are many, it walks along all names from where the page before ended. Either way
// it looks at a bounded number of names and then ends the page, so that nobody has to
// wait for long. Made for one page; the tables must not change meanwhile.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "server/core/directory_repository.h"
#include "server/storage/directory_tables.h"

namespace trueque {

class FileListing {
 public:
  // References must outlive it.
  FileListing(const DirectoryTables& tables, const FindRequest& request);

  FindResult page();

 private:
  using Candidates = FileIndex::Candidates;

  // The fewest candidates there are; nothing when a walk has less to look at.
  std::optional<Candidates> candidates() const;
  std::optional<Candidates> of_the_person(std::size_t most) const;
  bool has_fewer_names_to_walk(std::size_t most) const;
  std::string_view start() const;
  bool is_ahead(NameId name) const;
  void take_in_order(Candidates names);
  void walk();
  // Each false when the page ends here.
  bool visit(NameId name);
  bool take(VariantId variant);
  std::vector<PeerKey> sources_of(VariantId variant);
  std::vector<const PeerKey*> persons_sources(VariantId variant);
  bool is_spent() const;

  const DirectoryTables& tables_;
  const FileIndex& index_;
  const FindRequest& request_;
  const FileFilter& filter_;
  const DirectoryTables::PeerRange person_;  // empty when everybody's files are asked for
  std::size_t peers_of_person_ = 0;
  std::uint64_t looked_at_ = 0;  // names, variants and entries
  std::uint64_t steps_ = 0;      // of the pattern
  bool is_first_ = true;         // no name was visited yet
  FindResult result_;
};

}  // namespace trueque
