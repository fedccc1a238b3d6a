// What FileIndex answers without changing anything.
#include "server/storage/index/file_index.h"
#include "server/storage/index/name_search.h"

namespace trueque {

// At most `limit` sources, one of each variant in turn, given variant by variant.
std::vector<Source> FileIndex::share_out(const std::vector<VariantId>& variants,
                                         std::uint32_t limit) const {
  std::vector<std::size_t> taken(variants.size(), 0);
  std::size_t left = limit;
  for (bool more = true; more && left > 0;) {
    more = false;
    for (std::size_t i = 0; i < variants.size() && left > 0; ++i) {
      if (taken[i] == sources(variants[i])) continue;
      ++taken[i];
      --left;
      more = true;
    }
  }
  std::vector<Source> found;
  found.reserve(limit - left);
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const Variant& each = variants_[variants[i]];
    std::size_t to_take = taken[i];
    sets_.each(each.sources, [&](PeerNumber number) {
      if (to_take == 0) return false;
      --to_take;
      found.push_back({peer(number), {std::string(text(each.name)), each.content()}});
      return true;
    });
  }
  return found;
}

void FileIndex::append_variants(NameId name, std::uint32_t limit,
                                std::vector<VariantId>& variants) const {
  sets_.each(variants_of(name), [&](VariantId each) {
    if (variants.size() == limit) return false;
    variants.push_back(each);
    return true;
  });
}

std::vector<Source> FileIndex::find_by_name(std::string_view name, std::uint32_t limit) const {
  std::vector<VariantId> variants;
  const NameId whole = find_name(name);
  if (whole != kNoName) append_variants(whole, limit, variants);
  sets_.each(named(name), [&](NameId each) {
    append_variants(each, limit, variants);
    return variants.size() < limit;
  });
  return share_out(variants, limit);
}

std::vector<Source> FileIndex::find_by_content(const ContentId& id, std::uint32_t limit) const {
  std::vector<VariantId> variants;
  sets_.each(holding(id), [&](VariantId each) {
    if (variants.size() < limit) variants.push_back(each);
    return variants.size() < limit;
  });
  return share_out(variants, limit);
}

std::optional<FileIndex::Candidates> FileIndex::wanted(const FileFilter& filter,
                                                       std::size_t most) const {
  if (!filter.is_about_names_or_contents()) return std::nullopt;
  Candidates found;
  const auto add = [&](NameId name) {
    found.push_back(name);
    return found.size() <= most;
  };
  for (const std::string& text : filter.names()) {
    const NameId whole = find_name(text);
    if (whole != kNoName) add(whole);
    sets_.each(named(text), add);
    if (found.size() > most) return std::nullopt;
  }
  for (const ContentId& id : filter.contents()) {
    sets_.each(holding(id), [&](VariantId each) { return add(variants_[each].name); });
    if (found.size() > most) return std::nullopt;
  }
  return found;
}

std::optional<FileIndex::Candidates> FileIndex::with_words(const FileFilter& filter,
                                                           std::size_t most) const {
  return NameSearch::names_with(*this, filter.words(), most);
}

std::vector<RankedHit> FileIndex::search(const SearchRequest& request) const {
  return NameSearch(*this, request).run();
}

}  // namespace trueque
