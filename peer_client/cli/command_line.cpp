#include "peer_client/cli/command_line.h"

#include "common/base/rate.h"
#include "common/base/text.h"

namespace trueque {
namespace {

std::string check_rate(const std::string& text) {
  const Result<std::uint64_t> rate = parse_rate(text);
  return rate ? "" : text + " " + rate.error().message;
}

}  // namespace

CommandLine::CommandLine(CLI::App& app) {
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.add_flag("--json", json_,
               "With a subcommand: one JSON document on standard output, all else on standard "
               "error");
  add_account_commands(app);
  add_file_commands(app);
  add_query_commands(app);
}

CLI::App* CommandLine::add(CLI::App& app, const std::string& name, const std::string& description,
                           Action action) {
  CLI::App* command = app.add_subcommand(name, description);
  command->fallthrough();
  command->callback([this, action = std::move(action)] { chosen_ = action; });
  return command;
}

void CommandLine::add_account_commands(CLI::App& app) {
  CLI::App* login = add(app, "login", "Log in at the directory, until logout",
                        [this](Commands& commands) { return commands.login(login_); });
  login->add_option("--username", login_.username, "Who you are")->required();
  login
      ->add_option("--password-file", login_.password_file,
                   "A file with the password; else TRUEQUE_PASSWORD, else it is asked for")
      ->type_name("FILE");
  login->add_option("--peer-ip", login_.peer_ip, "The address others reach your peer-server at");
  login->add_option("--peer-port", login_.peer_port, "Its port [peer_server_port]")
      ->check(CLI::Range(1, 65535));
  add(app, "logout", "End the login", [](Commands& commands) { return commands.logout(); });
  add(app, "status", "Show the login, and whether the directory answers",
      [](Commands& commands) { return commands.status(); });
}

void CommandLine::add_file_commands(CLI::App& app) {
  CLI::App* index = add(app, "index", "Offer files; with no name the whole shared folder",
                        [this](Commands& commands) { return commands.index(names_); });
  index->add_option("NAME", names_, "Names within the shared folder");
  CLI::App* get = add(app, "get", "Find files and fetch them",
                      [this](Commands& commands) { return commands.get(get_); });
  get->add_option("NAME", get_.names,
                  "A whole name or its last part, a folder like photos/, a pattern like '*.pdf', "
                  "or - for names on standard input, one a line");
  get->add_option("--from", get_.from, "Only what this person shares; alone, all of it")
      ->type_name("USER");
  get->add_option("--content-id", get_.content_id, "Which one, where several share the name");
  get->add_option("--output", get_.output, "Write it to this file, or into this folder")
      ->type_name("PATH");
  get->add_option("--jobs", get_.jobs, "Downloads at once [4]")->check(CLI::Range(1, 64));
  add_fetch_options(*get);
  CLI::App* resume = add(app, "resume", "Go on with every download that was begun",
                         [](Commands& commands) { return commands.resume_downloads(); });
  add_fetch_options(*resume);
  CLI::App* clean = add(app, "clean", "Forget downloads that were begun; with no name all",
                        [this](Commands& commands) { return commands.clean(names_); });
  clean->add_option("NAME", names_, "Names as status shows them");
  CLI::App* hash = add(app, "hash", "Print the content ids of files",
                       [this](Commands& commands) { return commands.hash(names_); });
  hash->add_option("FILE", names_)->required();
  CLI::App* verify =
      add(app, "verify", "Check a file against a content id",
          [this](Commands& commands) { return commands.verify(path_, content_id_); });
  verify->add_option("FILE", path_)->required();
  verify->add_option("CONTENT_ID", content_id_)->required();
}

void CommandLine::add_fetch_options(CLI::App& command) {
  command
      .add_option("--limit-rate", fetch_.limit_rate,
                  "At most so many bytes a second, like 500k, 10M or 1G [download_rate]")
      ->check(CLI::Validator(check_rate, "RATE"));
  command
      .add_option("--wait", fetch_.wait_seconds,
                  "Wait so long for a source when there is none left; 0: give up at once "
                  "[wait_seconds]")
      ->type_name("SECONDS")
      ->check(CLI::Range(0U, kLongestWaitSeconds));
}

void CommandLine::apply_to(ClientSettings& settings) const {
  if (!fetch_.limit_rate.empty())
    settings.download_rate = parse_rate(fetch_.limit_rate).value_or(settings.download_rate);
  if (fetch_.wait_seconds) settings.transfer.wait = std::chrono::seconds(*fetch_.wait_seconds);
}

void CommandLine::add_query_commands(CLI::App& app) {
  CLI::App* search = add(app, "search", "Find names that hold all of the words",
                         [this](Commands& commands) { return commands.search(search_); });
  search->add_option("WORDS", search_.words)->required();
  search->add_option("--limit", search_.limit, "At most so many [50]")->check(CLI::Range(1, 1000));
  search->add_option("--cursor", search_.cursor, "Go on where an earlier search ended");
  add(app, "peers", "List who is there", [](Commands& commands) { return commands.peers(); });
}

int CommandLine::run(Commands& commands, Console& console, bool may_ask) {
  get_.may_ask = may_ask && !json_;
  Answer answer = chosen_(commands);
  if (json_) {
    console.err << answer.text << std::flush;
    if (answer.error && !answer.complete) answer.document.update(error_document(*answer.error));
    print_document(console.out, answer.document);
  } else {
    console.out << answer.text << std::flush;
  }
  if (answer.error) console.err << "peer-client: " << printable(answer.error->message) << std::endl;
  return to_int(answer.code());
}

void print_document(std::ostream& out, const Json& document) {
  out << document.dump(-1, ' ', true, Json::error_handler_t::replace) << std::endl;
}

Json error_document(const Error& error) {
  return {{"error", error.message}, {"code", code_name(error.code)}};
}

}  // namespace trueque
