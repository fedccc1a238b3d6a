#include "common/content/part_name.h"

#include "common/base/file_name.h"

namespace trueque {
namespace {

constexpr std::string_view kPartSuffix = ".part";
constexpr std::size_t kDigits = 8;
constexpr std::size_t kEndingBytes = 1 + kDigits + kPartSuffix.size();

std::string_view without_suffix(std::string_view journal) {
  journal.remove_suffix(std::string_view(kJournalSuffix).size());
  return journal;
}

bool is_part_name(std::string_view part) {
  if (part.size() < 1 + 1 + kEndingBytes || part.front() != '.' || !part.ends_with(kPartSuffix))
    return false;
  const std::string_view ending = part.substr(part.size() - kEndingBytes);
  return ending.front() == '.' &&
         ending.substr(1, kDigits).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string part_ending(const ContentId& content) {
  return "." + content.hex().substr(0, kDigits) + std::string(kPartSuffix);
}

bool is_journal_name(std::string_view name) {
  const std::string_view component = last_component(name);
  return component.ends_with(kJournalSuffix) && is_part_name(without_suffix(component));
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
