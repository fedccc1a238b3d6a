// What the files of one shared folder hashed to, kept between starts, and the
// home of all piece hashes, so that memory stays small however large the files.
//
// An append-only file of records (hash_record.h), one file a folder, named after
// the folder's path. Damage costs only the records it hits: those files are hashed
// again. When the file cannot be used (no folder for it, held by another process,
// disk full) the records go to a temporary file without a name, or to memory.
//
// read_pieces may be called from any thread; all else from one thread only.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/base/files.h"
#include "common/base/logging.h"
#include "common/base/result.h"
#include "peer_server/core/hash_cache_reader.h"
#include "peer_server/core/hash_record.h"

namespace trueque {

// Where the piece hashes of one file are. None for files of at most one piece,
// whose piece hash is the content id.
struct PieceLocation {
  std::uint64_t offset = 0;  // bytes
  std::uint32_t count = 0;
  bool spilled = false;  // in the temporary file
};

struct KnownHash {
  ContentId id;
  PieceLocation pieces;
};

// `configured`, else $XDG_CACHE_HOME/trueque, else ~/.cache/trueque, else "".
std::string cache_directory(
    const std::string& configured,
    const std::function<std::optional<std::string>(const std::string&)>& environment);

class HashCache {
 public:
  // Opens the cache of `folder_path` within `directory`; "" keeps nothing between
  // starts. Whatever goes wrong becomes a warning in the log.
  HashCache(const std::string& directory, std::string_view folder_path, const Log& log);
  // Reads what earlier starts kept. Once, before all below; a million files take a second.
  void load();

  // What the file hashed to when it last had this stamp, from earlier starts.
  std::optional<KnownHash> find(const std::string& name, const FileStamp& stamp);
  // Ends the time of find(): names it never found are noted as gone.
  void forget_loaded();

  // `pieces`: the hashes of all pieces, in order.
  Result<KnownHash> keep(const std::string& name, const FileStamp& stamp, const ContentId& id,
                         std::span<const Sha256> pieces);
  void keep_removed(const std::string& name);
  // How far the hashing of a file of several pieces has come: its first pieces' hashes.
  void keep_unfinished(const std::string& name, const FileStamp& stamp,
                       std::span<const Sha256> pieces);
  // What keep_unfinished last kept of it, in an earlier start; nothing when it changed since.
  std::vector<Sha256> find_unfinished(const std::string& name, const FileStamp& stamp) const;

  Result<std::vector<Sha256>> read_pieces(const PieceLocation& location) const;

  // Records read at the start, for the log and tests.
  std::size_t loaded() const { return loaded_.size(); }
  bool persistent() const { return file_.valid(); }

 private:
  // A record of an earlier start. What it says is read when it is asked for, so that
  // a million of them take little memory.
  struct Loaded {
    std::uint64_t offset = 0;  // bytes
    std::uint32_t length = 0;  // bytes
    bool found = false;
  };
  // By the hash of the name. Of two names with one hash the first is hashed again.
  using LoadedRecords = std::unordered_map<std::size_t, Loaded>;

  Status open_file(const std::string& directory);
  void go_without(const Error& reason);
  Status read_all();
  std::optional<HashCacheReader::Item> read_record(const Loaded& loaded) const;
  // Nothing when it is not of this name and stamp.
  std::optional<HashCacheReader::Item> read_record(const Loaded& loaded, const std::string& name,
                                                   const FileStamp& stamp) const;
  Status compact();
  void open_spill();
  // The offset the bytes were written at; spilled when the cache file is not used.
  Result<PieceLocation> append(std::string_view bytes);

  const Log& log_;
  std::string path_;
  UniqueFd lock_;
  UniqueFd file_;   // the cache; none when it cannot be used
  UniqueFd spill_;  // opened when first needed
  std::uint64_t file_end_ = 0;
  std::uint64_t spill_end_ = 0;
  bool broken_ = false;  // a write failed: nothing more goes to file_
  LoadedRecords loaded_;
  LoadedRecords unfinished_;
};

}  // namespace trueque
