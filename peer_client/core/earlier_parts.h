// What earlier runs left of a content in another place than the one it is wanted at now:
// to become another name, in another folder. Such a part goes where the download goes, so
// that it begins with these pieces. Safe from any thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "peer_client/core/file_choice.h"
#include "peer_client/core/held_files.h"
#include "peer_client/core/target_folder.h"

namespace trueque {

class EarlierParts {
 public:
  struct Brought {
    PartFile part;     // locked all the while
    std::string from;  // the path it had
  };

  // `elsewhere`: paths of parts outside `shared_dir`. HeldFiles is of the same shared_dir.
  EarlierParts(std::string shared_dir, std::vector<std::string> elsewhere, HeldFiles& held)
      : shared_dir_(std::move(shared_dir)), elsewhere_(std::move(elsewhere)), held_(held) {}

  // Moves the part of the choice's content that has most, and its journal, to `target`,
  // where it is to become `name`. Nothing when there is none, or
  // when `target` has one of that name already. Left where they are: parts that another
  // client is at, and those on another file system.
  std::optional<Brought> bring(const FileChoice& choice, const TargetFolder& target,
                               const std::string& name) const;

 private:
  struct Place {
    std::string root;    // opened as it is
    std::string folder;  // within it, reached through no link; may be empty
    std::string part;
    std::uint64_t there = 0;  // bytes of verified pieces
  };

  std::vector<Place> places_of(const FileChoice& choice) const;
  std::vector<Place> places_in_shared(const FileChoice& choice) const;

  const std::string shared_dir_;
  const std::vector<std::string> elsewhere_;
  HeldFiles& held_;
};

}  // namespace trueque
