#include "peer_server/core/partial_files.h"

#include <sys/stat.h>

#include <cerrno>
#include <optional>

#include "common/content/part_name.h"
#include "peer_server/core/open_file.h"

namespace trueque {
namespace {

constexpr std::size_t kMost = 256;
constexpr std::uint64_t kMaxJournalBytes = 8UL * 1024 * 1024;  // of a file of 14 TiB
// How long a finished download may take to be seen and hashed.
constexpr std::chrono::seconds kGone{30};
constexpr std::chrono::milliseconds kGoneRetry{500};

struct ReadJournal {
  PartJournal says;
  std::uint64_t bytes = 0;
  std::uint64_t inode = 0;
};

Result<ReadJournal> read_journal(const FolderRoot& root, const std::string& name) {
  const Result<UniqueFd> fd = root.open_journal(name);
  if (!fd) return fd.error();
  struct stat status {};
  if (::fstat(fd->get(), &status) != 0) return system_error("read", name, errno);
  const FileStamp stamp = stamp_of(status);
  const Error rubbish = make_error(Code::kDataLoss, "'" + name + "' is no journal");
  if (stamp.size > kMaxJournalBytes) return rubbish;
  std::string bytes(stamp.size, '\0');
  Status read = read_exactly(
      fd->get(), {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()}, 0, name);
  if (!read) return read.error();
  std::optional<PartJournal> journal = decode_journal(bytes);
  // A file of one piece is there or it is not.
  if (!journal || journal->hashes.size() <= 1) return rubbish;
  return ReadJournal{std::move(*journal), stamp.size, stamp.inode};
}

bool within(const PartJournal& journal, std::uint64_t offset, std::uint64_t length) {
  return offset <= journal.size && length <= journal.size - offset;
}

}  // namespace

void PartialFiles::look_at(const std::string& journal) {
  const Result<UniqueFd> fd = root_.open_journal(journal);
  struct stat status {};
  if (!fd || ::fstat(fd->get(), &status) != 0) return forget(journal);
  {
    const std::lock_guard lock(mutex_);
    const auto known = entries_.find(journal);
    // It grows with every piece; whoever asks reads it.
    if (known != entries_.end() && known->second.inode == stamp_of(status).inode) return;
    if (known == entries_.end() && entries_.size() >= kMost) return;
  }
  const Result<ReadJournal> read = read_journal(root_, journal);
  forget(journal);
  if (!read) return;
  const std::lock_guard lock(mutex_);
  entries_[journal] = {read->says.content, read->inode, nullptr, 0};
  by_content_.emplace(read->says.content, journal);
}

void PartialFiles::look_below(const std::string& folder) {
  const std::string prefix = folder.empty() ? "" : folder + "/";
  std::vector<std::string> journals;
  {
    const std::lock_guard lock(mutex_);
    for (auto each = entries_.lower_bound(prefix);
         each != entries_.end() && each->first.starts_with(prefix); ++each)
      journals.push_back(each->first);
  }
  for (const std::string& journal : journals) look_at(journal);
}

void PartialFiles::forget_all() {
  const std::lock_guard lock(mutex_);
  entries_.clear();
  by_content_.clear();
  gone_.clear();
}

void PartialFiles::forget(const std::string& journal) {
  const Clock::Steady now = clock_.steady();
  const std::lock_guard lock(mutex_);
  std::erase_if(gone_, [&](const auto& each) { return now - each.second >= kGone; });
  const auto found = entries_.find(journal);
  if (found == entries_.end()) return;
  gone_[found->second.content] = now;
  by_content_.erase({found->second.content, journal});
  entries_.erase(found);
}

Result<PartialDetails> PartialFiles::find(const ContentId& id) {
  Result<Found> found = find_now(id);
  if (!found) return found.error();
  return PartialDetails{final_name_of_journal(found->journal), found->says.size,
                        std::move(found->says.hashes), std::move(found->held)};
}

Result<OpenPart> PartialFiles::open(const ContentId& id, std::uint64_t offset,
                                    std::uint64_t length) {
  Result<Found> found = find_now(id);
  if (!found) return found.error();
  if (!within(found->says, offset, length))
    return make_error(Code::kOutOfRange, "the range goes beyond the file's end at " +
                                             std::to_string(found->says.size) + " bytes");
  const std::uint64_t size = found->pieces->layout().piece_size();
  for (std::uint64_t piece = offset / size; piece * size < offset + length; ++piece) {
    if (!found->held[piece]) return not_held_yet();
  }
  return OpenPart(std::move(found->part), std::move(found->pieces));
}

// Of several parts of one content, the one that has most.
Result<PartialFiles::Found> PartialFiles::find_now(const ContentId& id) {
  std::optional<Found> best;
  for (const std::string& journal : journals_of(id)) {
    Result<Found> found = read(journal, id);
    if (found && (!best || found->says.pieces.size() > best->says.pieces.size()))
      best = std::move(*found);
  }
  if (!best) return none(id);
  return std::move(*best);
}

std::vector<std::string> PartialFiles::journals_of(const ContentId& id) const {
  std::vector<std::string> journals;
  const std::lock_guard lock(mutex_);
  for (auto each = by_content_.lower_bound({id, ""});
       each != by_content_.end() && each->first == id; ++each)
    journals.push_back(each->second);
  return journals;
}

Result<PartialFiles::Found> PartialFiles::read(const std::string& journal, const ContentId& id) {
  Result<ReadJournal> read = read_journal(root_, journal);
  if (!read) return read.error();
  Result<UniqueFd> part = root_.open_part_of(journal);
  if (!part) return part.error();
  struct stat status {};
  if (read->says.content != id || ::fstat(part->get(), &status) != 0)
    return make_error(Code::kNotFound, "'" + journal + "' is of another content");
  Found found{journal, std::move(*part), std::move(read->says), nullptr, {}};
  found.pieces = pieces_of(found, stamp_of(status).inode);
  found.held = found.pieces->held(found.says, read->bytes);
  return found;
}

std::shared_ptr<PartPieces> PartialFiles::pieces_of(const Found& found, std::uint64_t inode) {
  const std::lock_guard lock(mutex_);
  const auto known = entries_.find(found.journal);
  const bool same = known != entries_.end() && known->second.content == found.says.content;
  if (same && known->second.pieces && known->second.part_inode == inode)
    return known->second.pieces;
  auto pieces = std::make_shared<PartPieces>(found.says);
  if (same) {
    known->second.pieces = pieces;
    known->second.part_inode = inode;
  }
  return pieces;
}

Error PartialFiles::none(const ContentId& id) const {
  const std::lock_guard lock(mutex_);
  const auto gone = gone_.find(id);
  const auto known = by_content_.lower_bound({id, ""});
  const bool unseen = known != by_content_.end() && known->first == id;
  if (!unseen && (gone == gone_.end() || clock_.steady() - gone->second >= kGone))
    return make_error(Code::kNotFound, "no download of content " + id.hex() + " goes on here");
  Error error =
      make_error(Code::kUnavailable, "this peer has just fetched the file, and hashes it");
  error.retry_after = kGoneRetry;
  return error;
}

}  // namespace trueque
