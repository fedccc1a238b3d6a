#include "peer_server/core/hash_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "common/content/merkle_tree.h"
#include "peer_server/core/hash_cache_reader.h"

namespace trueque {
namespace {

constexpr std::string_view kFileHeader = "trueque hash cache 1\n";
constexpr std::uint64_t kWorthCompacting = 64UL * 1024;  // stale bytes

// A name for the cache file that tells folders apart. Hidden, so that a cache
// folder within the shared folder does not share the cache.
std::string file_name_for(std::string_view folder_path) {
  ContentHasher hasher(folder_path.size());
  hasher.update({reinterpret_cast<const std::uint8_t*>(folder_path.data()), folder_path.size()});
  const std::vector<Sha256> hashes = hasher.take_piece_hashes();
  return "." + root_of_pieces(PieceLayout(folder_path.size()), hashes).hex().substr(0, 32) +
         ".hashes";
}

Status write_at(int fd, std::string_view bytes, std::uint64_t offset, std::string_view path) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error("write", path, errno);
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return {};
}

Status read_at(int fd, std::span<std::uint8_t> bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t got = ::pread(fd, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0)
      return make_error(Code::kInternal,
                        "the piece hashes cannot be read back; restart the "
                        "peer-server");
    bytes = bytes.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

std::size_t key_of(std::string_view name) { return std::hash<std::string_view>()(name); }

std::uint64_t size_of(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace

std::string cache_directory(
    const std::string& configured,
    const std::function<std::optional<std::string>(const std::string&)>& environment) {
  if (!configured.empty()) return configured;
  // The XDG rules: a relative path counts as unset.
  const std::optional<std::string> cache_home = environment("XDG_CACHE_HOME");
  if (cache_home && cache_home->starts_with('/')) return *cache_home + "/trueque";
  const std::optional<std::string> home = environment("HOME");
  if (home && home->starts_with('/')) return *home + "/.cache/trueque";
  return "";
}

HashCache::HashCache(const std::string& directory, std::string_view folder_path, const Log& log)
    : log_(log), path_(directory + "/" + file_name_for(folder_path)) {
  Status status = directory.empty()
                      ? make_error(Code::kFailedPrecondition,
                                   "neither cache_dir nor XDG_CACHE_HOME nor HOME is set")
                      : open_file(directory);
  if (!status) go_without(status.error());
}

void HashCache::load() {
  if (!file_.valid()) return;
  if (Status status = read_all(); !status) go_without(status.error());
}

void HashCache::go_without(const Error& reason) {
  file_.reset();
  lock_.reset();
  loaded_.clear();
  unfinished_.clear();
  log_.warning("no_hash_cache",
               {{"note", "files are hashed again at the next start"}, {"reason", reason.message}});
}

Status HashCache::open_file(const std::string& directory) {
  if (Status made = make_directories(directory, 0700); !made) return made;
  const std::string lock_path = path_ + ".lock";
  lock_.reset(::open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!lock_.valid()) return system_error("open", lock_path, errno);
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0)
    return make_error(Code::kFailedPrecondition, "another peer-server uses " + path_);
  file_.reset(::open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file_.valid()) return system_error("open", path_, errno);
  return {};
}

Status HashCache::read_all() {
  const std::uint64_t size = size_of(file_.get());
  std::string header(kFileHeader.size(), '\0');
  const ssize_t got = ::pread(file_.get(), header.data(), header.size(), 0);
  if (got != static_cast<ssize_t>(header.size()) || header != kFileHeader) {
    if (::ftruncate(file_.get(), 0) != 0) return system_error("empty", path_, errno);
    file_end_ = kFileHeader.size();
    return write_at(file_.get(), kFileHeader, 0, path_);
  }
  HashCacheReader reader(file_.get(), kFileHeader.size(), size);
  while (true) {
    Result<std::optional<HashCacheReader::Item>> item = reader.next();
    if (!item) return item.error();
    if (!*item) break;
    const HashCacheReader::Item& each = **item;
    const HashRecord& record = each.record;
    const std::size_t key = key_of(record.name);
    const Loaded loaded{each.offset, static_cast<std::uint32_t>(each.length)};
    // The last record of a name counts.
    if (!unfinished_.empty()) unfinished_.erase(key);
    if (record.kind == HashRecord::Kind::kHashed) {
      loaded_.insert_or_assign(key, loaded);
    } else {
      loaded_.erase(key);
    }
    if (record.kind == HashRecord::Kind::kUnfinished) unfinished_.insert_or_assign(key, loaded);
  }
  if (reader.damaged() > 0)
    log_.warning("hash_cache_damaged",
                 {{"path", path_}, {"note", "the files it concerns are hashed again"}});
  file_end_ = reader.valid_end();
  // A torn tail would hide what is appended after it.
  if (::ftruncate(file_.get(), static_cast<off_t>(file_end_)) != 0)
    return system_error("shorten", path_, errno);
  return compact();
}

// Writes the live records to a new file when most of this one is stale.
Status HashCache::compact() {
  std::vector<Loaded*> all;
  for (auto& [key, each] : loaded_) all.push_back(&each);
  for (auto& [key, each] : unfinished_) all.push_back(&each);
  std::uint64_t live = kFileHeader.size();
  for (const Loaded* each : all) live += each->length;
  if (file_end_ - live < std::max(live, kWorthCompacting)) return {};
  const std::string temporary = path_ + ".tmp";
  UniqueFd fresh(::open(temporary.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
  if (!fresh.valid()) return system_error("create", temporary, errno);
  std::uint64_t end = kFileHeader.size();
  Status status = write_at(fresh.get(), kFileHeader, 0, temporary);
  std::vector<std::pair<std::uint64_t, Loaded*>> moved;
  std::string bytes;
  for (Loaded* each : all) {
    bytes.resize(each->length);
    if (status)
      status = read_at(file_.get(), {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()},
                       each->offset);
    if (status) status = write_at(fresh.get(), bytes, end, temporary);
    moved.emplace_back(end, each);
    end += each->length;
  }
  if (status && ::rename(temporary.c_str(), path_.c_str()) != 0)
    status = system_error("rename to", path_, errno);
  if (!status) {
    ::unlink(temporary.c_str());
    log_.warning("hash_cache_not_compacted", {{"reason", status.error().message}});
    return {};
  }
  for (const auto& [offset, each] : moved) each->offset = offset;
  file_ = std::move(fresh);
  file_end_ = end;
  return {};
}

std::optional<KnownHash> HashCache::find(const std::string& name, const FileStamp& stamp) {
  if (const auto begun = unfinished_.find(key_of(name)); begun != unfinished_.end())
    begun->second.found = true;
  const auto found = loaded_.find(key_of(name));
  if (found == loaded_.end()) return std::nullopt;
  found->second.found = true;
  const auto item = read_record(found->second, name, stamp);
  if (!item) return std::nullopt;
  return KnownHash{item->record.id, {item->pieces_offset, item->record.piece_count, false}};
}

std::optional<HashCacheReader::Item> HashCache::read_record(const Loaded& loaded,
                                                            const std::string& name,
                                                            const FileStamp& stamp) const {
  auto item = read_record(loaded);
  if (!item || item->record.name != name || item->record.stamp != stamp) return std::nullopt;
  return item;
}

std::optional<HashCacheReader::Item> HashCache::read_record(const Loaded& loaded) const {
  std::string bytes(loaded.length, '\0');
  if (!read_at(file_.get(), {reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()},
               loaded.offset))
    return std::nullopt;
  DecodedRecord decoded = decode_record(bytes);
  if (decoded.kind != DecodedRecord::Kind::kRecord) return std::nullopt;
  return HashCacheReader::Item{std::move(decoded.record), loaded.offset, loaded.length,
                               loaded.offset + decoded.pieces_offset};
}

void HashCache::forget_loaded() {
  for (const LoadedRecords* records : {&loaded_, &unfinished_}) {
    for (const auto& [key, each] : *records) {
      if (each.found) continue;
      if (const auto item = read_record(each)) keep_removed(item->record.name);
    }
  }
  loaded_ = {};
}

Result<KnownHash> HashCache::keep(const std::string& name, const FileStamp& stamp,
                                  const ContentId& id, std::span<const Sha256> pieces) {
  if (pieces.size() <= 1) pieces = {};
  if (pieces.empty() && (!file_.valid() || broken_)) return KnownHash{id, {}};
  const HashRecord record{HashRecord::Kind::kHashed, name, stamp, id,
                          static_cast<std::uint32_t>(pieces.size())};
  const EncodedRecord encoded = encode_record(record, pieces);
  if (encoded.bytes.empty())
    return make_error(Code::kOutOfRange, "'" + name + "' is too large to be shared");
  Result<PieceLocation> location = append(encoded.bytes);
  if (!location) return location.error();
  location->offset += encoded.pieces_offset;
  location->count = record.piece_count;
  return KnownHash{id, *location};
}

void HashCache::keep_removed(const std::string& name) {
  if (!file_.valid() || broken_) return;
  HashRecord record;
  record.kind = HashRecord::Kind::kRemoved;
  record.name = name;
  // Only a hint: without it the record of the missing file stays until it is stale.
  (void)append(encode_record(record, {}).bytes);
}

void HashCache::keep_unfinished(const std::string& name, const FileStamp& stamp,
                                std::span<const Sha256> pieces) {
  if (!file_.valid() || broken_ || pieces.empty()) return;
  const HashRecord record{
      HashRecord::Kind::kUnfinished, name, stamp, {}, static_cast<std::uint32_t>(pieces.size())};
  // Without it the file is hashed from its start again.
  (void)append(encode_record(record, pieces).bytes);
}

std::vector<Sha256> HashCache::find_unfinished(const std::string& name,
                                               const FileStamp& stamp) const {
  const auto found = unfinished_.find(key_of(name));
  if (found == unfinished_.end()) return {};
  const auto item = read_record(found->second, name, stamp);
  if (!item) return {};
  const auto pieces = read_pieces({item->pieces_offset, item->record.piece_count, false});
  return pieces ? *pieces : std::vector<Sha256>();
}

Result<PieceLocation> HashCache::append(std::string_view bytes) {
  if (file_.valid() && !broken_) {
    Status written = write_at(file_.get(), bytes, file_end_, path_);
    if (written) {
      PieceLocation location{file_end_, 0, false};
      file_end_ += bytes.size();
      return location;
    }
    broken_ = true;
    (void)::ftruncate(file_.get(), static_cast<off_t>(file_end_));
    log_.warning("hash_cache_broken", {{"note", "new files are hashed again at the next start"},
                                       {"reason", written.error().message}});
  }
  if (!spill_.valid()) open_spill();
  if (Status written = write_at(spill_.get(), bytes, spill_end_, "a temporary file"); !written)
    return written.error();
  PieceLocation location{spill_end_, 0, true};
  spill_end_ += bytes.size();
  return location;
}

void HashCache::open_spill() {
  std::error_code ignored;
  const std::string folder = std::filesystem::temp_directory_path(ignored).string();
  spill_.reset(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!spill_.valid()) spill_.reset(::memfd_create("trueque-hashes", MFD_CLOEXEC));
}

Result<std::vector<Sha256>> HashCache::read_pieces(const PieceLocation& location) const {
  std::vector<Sha256> pieces(location.count);
  const std::span<std::uint8_t> bytes(reinterpret_cast<std::uint8_t*>(pieces.data()),
                                      pieces.size() * sizeof(Sha256));
  const int fd = location.spilled ? spill_.get() : file_.get();
  if (Status read = read_at(fd, bytes, location.offset); !read) return read.error();
  return pieces;
}

}  // namespace trueque
