// The subcommands: each does its work and gives an answer, which command_line
// prints as JSON or for people. The login comes from and goes to the session file.
#pragma once

#include <nlohmann/json.hpp>

#include "common/base/exit_code.h"
#include "peer_client/cli/client.h"
#include "peer_client/cli/session_file.h"

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
  Answer fetch(const GetOptions& options, const FileChoice& choice);
  Answer choose(const GetOptions& options, const std::vector<FileChoice>& choices);
  Answer not_found(const GetOptions& options, const Error& error);
  Result<Content> hash_one(const std::string& path);

  ClientParts parts_;
  SessionFile file_;
  std::optional<std::string> password_;
  Session session_;
};

}  // namespace trueque
