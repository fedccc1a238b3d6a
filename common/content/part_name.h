// What a download that goes on is called: ".<name>.<first 8 digits of the content
// id>.part", and the journal of its pieces ".part.pieces" beside it. <name> may have
// been cut to fit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "common/content/content_id.h"

namespace trueque {

inline constexpr const char* kJournalSuffix = ".pieces";

// ".1a2b3c4d.part"
std::string part_ending(const ContentId& content);
// What the part of this content is called while it is to become `name`, a last component.
// Leaves room for the journal's suffix.
std::string part_name(std::string_view name, const ContentId& content);
// What the name of a part says; nothing for any other name, folders not included.
struct PartName {
  std::string name;  // of the file it is to become, perhaps cut
  std::string id8;   // the first 8 digits of its content id
};
std::optional<PartName> read_part_name(std::string_view part);
// Whether a name's last component is that of a journal.
bool is_journal_name(std::string_view name);
// Of a journal's name, its folder kept: that of the part, and the one the file is to have.
std::string part_of_journal(std::string_view journal);
std::string final_name_of_journal(std::string_view journal);

}  // namespace trueque
