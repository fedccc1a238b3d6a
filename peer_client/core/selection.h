// Which files a person means: exact names, folders ("photos/"), patterns ("*.pdf"), all
// that one person shares, or any of these together. Many names are one request.
#pragma once

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "peer_client/core/file_finder.h"

namespace trueque {

struct NameKind {
  enum class Kind { kExact, kFolder, kPattern };

  Kind kind = Kind::kExact;
  std::string text;  // a folder without the '/' at its end

  static NameKind of(const std::string& name);
};

struct Selection {
  struct Question {  // several contents share an exact name
    std::string name;
    std::vector<FileChoice> choices;
  };
  struct Miss {  // nothing, or not found out
    std::string name;
    Error error;
    std::optional<Content> content{};  // where it is known what it would have been
  };

  std::vector<FileChoice> choices;  // each name and content once
  std::vector<Question> questions;
  std::vector<Miss> misses;
};

class Selector {
 public:
  // `from`: what that person shares alone; may be empty.
  Selector(Session& session, std::string from) : session_(session), from_(std::move(from)) {}

  // With no names all that `from` shares. An error when the directory cannot be asked.
  Result<Selection> select(const std::vector<std::string>& names);
  // Adds to each choice with content those who have it under whatever name.
  void add_sources(std::span<FileChoice*> choices);

 private:
  using Names = std::vector<std::string>;

  // Takes what has an exact name out of `names`.
  Status select_exact(Names& names, Selection& selection);
  Status select_one_by_one(Names& names, Selection& selection);
  Status select_many(const std::string& name, FileQuery query, Selection& selection);
  void settle(const std::string& name, std::vector<FileChoice> choices, Selection& selection);
  void add(FileChoice choice, Selection& selection);

  Session& session_;
  const std::string from_;
  std::set<std::pair<std::string, std::optional<ContentId>>> seen_;
};

}  // namespace trueque
