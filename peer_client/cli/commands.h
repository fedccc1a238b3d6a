// The subcommands: each does its work and gives an answer, which command_line
// prints as JSON or for people. The login comes from and goes to the session file.
#pragma once

#include <nlohmann/json.hpp>

#include "common/base/exit_code.h"
#include "peer_client/cli/client.h"
#include "peer_client/cli/download_notes.h"
#include "peer_client/cli/session_file.h"
#include "peer_client/core/unfinished.h"

namespace trueque {

struct Answer {
  nlohmann::json document = nlohmann::json::object();
  std::string text;            // for people, on standard output, printable
  std::optional<Error> error;  // then the exit code follows from it
  bool complete = false;       // the document says it all: no "error" and "code" beside it
  std::optional<ExitCode> exit_code;

  ExitCode code() const;
};

struct LoginOptions {
  std::string username;
  std::string password_file;
  std::string peer_ip;
  std::optional<std::uint16_t> peer_port;
};

struct GetOptions {
  std::string name;
  std::string content_id;
  std::optional<std::string> output;
  bool may_ask = false;  // a person is there to choose
};

// Of a subcommand that fetches; what is given beats the configuration.
struct FetchOptions {
  std::string limit_rate;  // empty: as configured
  std::optional<unsigned> wait_seconds;
};

struct WantedFile {
  FileChoice choice;
  std::optional<std::string> output;
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
  // Each file's result; the first failure decides the code.
  Answer fetch_all(const std::vector<WantedFile>& wanted);
  Result<GetReport> fetch(const WantedFile& wanted);
  std::vector<BegunDownload> begun_downloads() const;
  Result<WantedFile> find_again(const BegunDownload& download);
  void show_begun(Answer& answer) const;
  Answer choose(const GetOptions& options, const std::vector<FileChoice>& choices);
  Answer not_found(const GetOptions& options, const Error& error);
  Result<Content> hash_one(const std::string& path);

  ClientParts parts_;
  SessionFile file_;
  DownloadNotes notes_;
  std::optional<std::string> password_;
  Session session_;
};

}  // namespace trueque
