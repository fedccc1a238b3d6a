// The five-option menu. It starts logged out, holds the lease while it is open,
// and leaves no trace: no session file is read or written. One thread, besides
// the heartbeats' own.
#pragma once

#include <memory>
#include <mutex>

#include "peer_client/cli/fetching.h"
#include "peer_client/core/heartbeat_keeper.h"

namespace trueque {

class Menu {
 public:
  explicit Menu(const ClientParts& parts);

  // Until Exit, the end of input, or a signal. Returns the exit code.
  int run();

 private:
  // The line typed after `prompt`; nothing at the end of input, after which
  // run() ends.
  std::optional<std::string> ask(const std::string& prompt, bool secret = false);
  void choose(const std::string& choice);
  void log_in();
  void log_out();
  void index();
  void get();
  void get_many(const std::string& name);
  Result<FetchReport> fetch(std::vector<FileChoice> choices, bool many);
  std::optional<FileChoice> pick(const std::vector<FileChoice>& choices);
  void say(const std::string& sentence);  // one line, made printable
  void say_error(const Error& error);
  void start_heartbeats(const Login& login);
  void show_lost_login();

  ClientParts parts_;
  Session session_;
  bool done_ = false;
  std::mutex mutex_;
  std::optional<std::string> lost_;             // guarded by mutex_: why the login ended
  std::unique_ptr<HeartbeatKeeper> heartbeat_;  // last: its thread uses the rest
};

}  // namespace trueque
