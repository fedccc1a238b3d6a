// The subcommands: each does its work and gives an answer, which command_line
// prints as JSON or for people. The login comes from and goes to the session file.
#pragma once

#include "peer_client/cli/answer.h"
#include "peer_client/cli/download_notes.h"
#include "peer_client/cli/fetching.h"
#include "peer_client/cli/session_file.h"
#include "peer_client/core/unfinished.h"

namespace trueque {

struct LoginOptions {
  std::string username;
  std::string password_file;
  std::string peer_ip;
  std::optional<std::uint16_t> peer_port;
};

struct GetOptions {
  std::vector<std::string> names;  // files, folders, patterns; "-": those on standard input
  std::string from;                // what this person shares alone
  std::string content_id;
  std::optional<std::string> output;
  unsigned jobs = 4;
  bool may_ask = false;  // a person is there to choose
};

// Of a subcommand that fetches; what is given beats the configuration.
struct FetchOptions {
  std::string limit_rate;  // empty: as configured
  std::optional<unsigned> wait_seconds;
};

struct WantedFile {
  FileChoice choice;
  DownloadNote note;  // of where it goes to
};

struct BegunDownload {
  Unfinished part;
  std::optional<DownloadNote> note;  // of one that is not in the shared folder
};

struct SearchOptions {
  std::vector<std::string> words;
  std::uint32_t limit = 50;
  std::string cursor;
};

class Commands {
 public:
  // `password`: the value of TRUEQUE_PASSWORD.
  Commands(const ClientParts& parts, SessionFile file, std::optional<std::string> password);

  Answer login(const LoginOptions& options);
  Answer logout();
  Answer index(const std::vector<std::string>& names);
  Answer get(const GetOptions& options);
  Answer resume_downloads();
  // Forgets the downloads of these names; all with none.
  Answer clean(const std::vector<std::string>& names);
  Answer search(const SearchOptions& options);
  Answer peers();
  Answer status();
  Answer hash(const std::vector<std::string>& paths);
  Answer verify(const std::string& path, const std::string& content_id);

 private:
  // Takes up the login of the session file; kUnauthenticated without one.
  Status resume();
  Result<std::string> password_for(const LoginOptions& options);
  Result<Login> log_in(const LoginOptions& options);
  Answer get_one(const GetOptions& options, const std::optional<ContentId>& content);
  Answer get_many(const GetOptions& options);
  Answer fetch_one(const GetOptions& options, const FileChoice& choice);
  // Keeps notes of what lands outside the shared folder, for as long as it is not whole.
  Result<FetchReport> fetch(std::vector<FileChoice> choices, FetchPlan plan);
  // Nothing when nobody is there to ask, or gave no number of the list.
  std::optional<Result<FileChoice>> pick(bool may_ask, const std::string& name,
                                         const std::vector<FileChoice>& choices);
  Answer list_choices(const std::string& name, const std::vector<FileChoice>& choices);
  Answer not_found(const std::string& name, const Error& error);
  Result<std::vector<std::string>> names_of(const GetOptions& options);
  Answer answer_for(const FetchReport& report) const;
  std::vector<BegunDownload> begun_downloads() const;
  // What came of them becomes part of `report`.
  Status take_up(std::vector<FileChoice> shared, std::vector<WantedFile> elsewhere,
                 FetchReport& report);
  void show_begun(Answer& answer) const;
  Result<Content> hash_one(const std::string& path);

  ClientParts parts_;
  SessionFile file_;
  DownloadNotes notes_;
  std::optional<std::string> password_;
  Session session_;
};

}  // namespace trueque
