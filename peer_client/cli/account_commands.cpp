// login, logout and status.
#include "common/base/address.h"
#include "common/base/files.h"
#include "common/base/text.h"
#include "peer_client/cli/commands.h"

namespace trueque {
namespace {

Json describe_login(const Login& login, const std::string& directory) {
  return {{"username", login.peer.username},
          {"peer_ip", login.peer.ip},
          {"peer_port", login.peer.port},
          {"directory", directory}};
}

// A directory that throttles was reached: it refuses this login for now.
Answer not_logged_in(Error error) {
  Answer answer = Answer::failed(std::move(error));
  if (answer.error->code == Code::kResourceExhausted) answer.exit_code = ExitCode::kRefused;
  return answer;
}

std::string who(const Login& login) {
  return printable(login.peer.username + " at " + host_and_port(login.peer.ip, login.peer.port));
}

}  // namespace

Commands::Commands(const ClientParts& parts, SessionFile file, std::optional<std::string> password)
    : parts_(parts),
      file_(std::move(file)),
      notes_(file_.folder()),
      password_(std::move(password)),
      session_(parts.directory) {}

Status Commands::resume() {
  Result<std::optional<Login>> login = file_.load();
  if (!login) return login.error();
  if (!*login) {
    return make_error(Code::kUnauthenticated, "not logged in at " +
                                                  parts_.settings.directory_url() +
                                                  "; run peer-client login --username NAME first");
  }
  session_.resume(std::move(**login));
  return {};
}

Result<std::string> Commands::password_for(const LoginOptions& options) {
  if (!options.password_file.empty()) {
    Result<std::string> text = read_file(options.password_file);
    if (text && text->ends_with('\n')) text->pop_back();
    return text;
  }
  if (password_) return *password_;
  if (!parts_.input.is_terminal()) {
    return make_error(Code::kInvalidArgument,
                      "no password: give --password-file, set TRUEQUE_PASSWORD, or run it on a "
                      "terminal");
  }
  Line line = parts_.input.ask(parts_.console.err, "Enter password: ", true);
  if (line.kind == Line::Kind::kText) return std::move(line.text);
  parts_.console.err << std::endl;
  if (line.kind == Line::Kind::kInterrupted) return make_error(Code::kCancelled, "interrupted");
  return make_error(Code::kInvalidArgument, "no password was typed");
}

Result<Login> Commands::log_in(const LoginOptions& options) {
  const std::string wanted =
      options.peer_ip.empty() ? parts_.settings.default_peer_ip() : options.peer_ip;
  const Result<std::string> ip = canonical_host(wanted);
  if (!ip) return make_error(Code::kInvalidArgument, "--peer-ip is " + ip.error().message);
  const Result<std::string> password = password_for(options);
  if (!password) return password.error();
  return session_.log_in({options.username, *password}, *ip,
                         options.peer_port.value_or(parts_.settings.beside.port));
}

Answer Commands::login(const LoginOptions& options) {
  if (options.username.empty()) return Answer::misused("--username must not be empty");
  const Result<std::optional<Login>> earlier = file_.load();
  const Result<Login> login = log_in(options);
  if (!login) return not_logged_in(login.error());
  if (Status saved = file_.save(*login); !saved) return Answer::failed(saved.error());
  // The same peer's earlier session would outlive its logout: end it now that
  // another one keeps the peer.
  const bool again = earlier && *earlier && (*earlier)->peer == login->peer;
  if (again && !(*earlier)->token.empty() && (*earlier)->token != login->token) {
    const Status ended = parts_.directory.log_out((*earlier)->token, login->peer);
    static_cast<void>(ended);  // it may be over already
  }
  Answer answer;
  answer.document = describe_login(*login, parts_.settings.directory_url());
  answer.text = "Logged in as " + who(*login) + ".\n";
  return answer;
}

Answer Commands::logout() {
  if (Status status = resume(); !status) return Answer::failed(status.error());
  const Login login = *session_.login();
  const Status status = session_.log_out();
  if (session_.login()) return Answer::failed(status.error());
  if (Status removed = file_.remove(); !removed) return Answer::failed(removed.error());
  Answer answer;
  answer.document = describe_login(login, parts_.settings.directory_url());
  const std::string sentence = "Logged out peer with IP " + login.peer.ip;
  answer.document["message"] = sentence;
  answer.text = printable(sentence) + "\n";
  if (!status) {
    parts_.console.err << "The directory had ended that login already ("
                       << printable(status.error().message) << ")." << std::endl;
  }
  return answer;
}

Answer Commands::status() {
  const Status resumed = resume();
  Answer answer;
  answer.complete = true;
  answer.document = {{"username", nullptr}, {"peer_ip", nullptr}, {"peer_port", nullptr}};
  bool logged_in = resumed.ok();
  const Login login = session_.login().value_or(Login{});
  if (logged_in) answer.document = describe_login(login, parts_.settings.directory_url());
  // Any answer at all shows that the directory is there.
  const Result<SearchPage> asked = parts_.directory.search(login.token, "a", 1, "");
  const bool reachable = asked || (asked.error().code != Code::kUnavailable &&
                                   asked.error().code != Code::kDeadlineExceeded);
  if (!resumed) {
    answer.error = resumed.error();
  } else if (!reachable) {
    answer.error = asked.error();
  } else if (!asked && asked.error().code == Code::kUnauthenticated) {
    logged_in = false;
    answer.error = make_error(Code::kUnauthenticated, asked.error().message);
  }
  const std::string directory = parts_.settings.directory_url();
  answer.document["logged_in"] = logged_in;
  answer.document["directory"] = directory;
  answer.document["reachable"] = reachable;
  answer.text = (logged_in ? "Logged in as " + who(login) : std::string("Not logged in")) +
                ".\nDirectory " + directory +
                (reachable ? " is reachable.\n" : " is not reachable.\n");
  show_begun(answer);
  return answer;
}

}  // namespace trueque
