// What a directory's rows for one name come down to: the contents to choose from.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "common/directory/directory_client.h"

namespace trueque {

// One content, or the placeholder (no content), and who has it.
struct FileChoice {
  std::string file_name;  // as the directory lists it
  std::optional<ContentId> content;
  std::uint64_t size = 0;           // bytes, as most sources say; 0 for a placeholder
  std::vector<FileSource> sources;  // as they came, one a peer
};

// A row a source.
std::vector<FileSource> rows_of(FoundFile file);

// Groups `rows` by content, most sources first. Placeholders are a choice only
// where no row has content. A row that is called exactly `wanted` names its choice.
// Rows whose names could not be written here safely are left out.
std::vector<FileChoice> group_by_content(std::span<const FileSource> rows,
                                         const std::string& wanted);

// Adds the sources of `rows` that have the choice's content and are not in it yet.
void add_sources(FileChoice& choice, std::span<const FileSource> rows);

}  // namespace trueque
