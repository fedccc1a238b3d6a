#include "common/content/part_name.h"

#include "common/base/file_name.h"
#include "common/base/text.h"

namespace trueque {
namespace {

constexpr std::string_view kPartSuffix = ".part";
constexpr std::size_t kDigits = 8;
constexpr std::size_t kEndingBytes = 1 + kDigits + kPartSuffix.size();

std::string_view without_suffix(std::string_view journal) {
  journal.remove_suffix(std::string_view(kJournalSuffix).size());
  return journal;
}

}  // namespace

std::string part_ending(const ContentId& content) {
  return "." + content.hex().substr(0, kDigits) + std::string(kPartSuffix);
}

std::string part_name(std::string_view name, const ContentId& content) {
  const std::string ending = part_ending(content);
  const std::size_t room =
      kMaxComponentBytes - std::string_view(kJournalSuffix).size() - ending.size() - 1;
  return "." + std::string(first_bytes(name, room)) + ending;
}

std::optional<PartName> read_part_name(std::string_view part) {
  if (part.size() < 1 + 1 + kEndingBytes || part.front() != '.' || !part.ends_with(kPartSuffix))
    return std::nullopt;
  const std::string_view ending = part.substr(part.size() - kEndingBytes);
  const std::string_view digits = ending.substr(1, kDigits);
  const bool is_id = digits.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  if (ending.front() != '.' || !is_id) return std::nullopt;
  return PartName{std::string(part.substr(1, part.size() - kEndingBytes - 1)), std::string(digits)};
}

bool is_journal_name(std::string_view name) {
  const std::string_view component = last_component(name);
  return component.ends_with(kJournalSuffix) &&
         read_part_name(without_suffix(component)).has_value();
}

std::string part_of_journal(std::string_view journal) {
  return std::string(without_suffix(journal));
}

std::string final_name_of_journal(std::string_view journal) {
  const std::string_view component = last_component(journal);
  std::string name(journal.substr(0, journal.size() - component.size()));
  std::string_view part = without_suffix(component);
  part.remove_suffix(kEndingBytes);
  return name.append(part.substr(1));
}

}  // namespace trueque
