#include "peer_client/cli/menu.h"

#include <utility>

#include "common/base/address.h"
#include "common/base/exit_code.h"
#include "common/base/text.h"
#include "peer_client/cli/fetch_report.h"
#include "peer_client/cli/human.h"

namespace trueque {
namespace {

constexpr const char* kMenu =
    "\n"
    "1. Login\n"
    "2. Logout\n"
    "3. Index Files\n"
    "4. Get Files\n"
    "5. Exit\n";

std::string trimmed(const std::string& text) {
  const std::size_t start = text.find_first_not_of(" \t");
  if (start == std::string::npos) return {};
  return text.substr(start, text.find_last_not_of(" \t") - start + 1);
}

std::vector<std::string> split_names(const std::string& line) {
  std::vector<std::string> names;
  std::size_t start = 0;
  while (start <= line.size()) {
    const std::size_t end = std::min(line.find(',', start), line.size());
    std::string name = trimmed(line.substr(start, end - start));
    if (!name.empty()) names.push_back(std::move(name));
    start = end + 1;
  }
  return names;
}

}  // namespace

Menu::Menu(const ClientParts& parts) : parts_(parts), session_(parts.directory) {}

int Menu::run() {
  parts_.interrupts.set_orderly(true);
  while (!done_) {
    show_lost_login();
    parts_.console.out << kMenu;
    const std::optional<std::string> choice = ask("Enter your choice: ");
    if (choice) choose(trimmed(*choice));
    if (parts_.interrupts.exit_code() != 0) break;
  }
  return parts_.interrupts.exit_code();
}

std::optional<std::string> Menu::ask(const std::string& prompt, bool secret) {
  Line line = parts_.input.ask(parts_.console.out, prompt, secret);
  if (line.kind == Line::Kind::kText) return std::move(line.text);
  parts_.console.out << "\n";
  done_ = true;
  return std::nullopt;
}

void Menu::choose(const std::string& choice) {
  if (choice == "5") {
    done_ = true;
    return;
  }
  if (choice == "1") return log_in();
  if (choice != "2" && choice != "3" && choice != "4")
    return say("Invalid choice. Please try again.");
  if (!session_.login()) {
    parts_.console.out << "\n";
    return say("Login required first!");
  }
  if (choice == "2") return log_out();
  if (choice == "3") return index();
  get();
}

void Menu::log_in() {
  if (session_.login()) return say("Already logged in!");
  const auto username = ask("Enter username: ");
  if (!username) return;
  const auto password = ask("Enter password: ", true);
  if (!password) return;
  const std::string fallback = parts_.settings.default_peer_ip();
  const bool shown = parts_.input.is_terminal();
  const auto typed = ask("Enter peer IP: " + (shown ? "(empty: " + fallback + ") " : ""));
  if (!typed) return;
  const std::string name = trimmed(*username);
  if (name.empty()) return say("A username is needed; choose 1 to try again.");
  const std::string wanted = trimmed(*typed);
  const Result<std::string> ip = canonical_host(wanted.empty() ? fallback : wanted);
  if (!ip) return say("The peer IP is " + ip.error().message + "; choose 1 to try again.");
  const Result<Login> login = session_.log_in({name, *password}, *ip, parts_.settings.beside.port);
  if (!login) return say_error(login.error());
  say("Logged in as " + login->peer.username + " at " +
      host_and_port(login->peer.ip, login->peer.port) + ".");
  start_heartbeats(*login);
}

void Menu::start_heartbeats(const Login& login) {
  heartbeat_.reset();
  {
    const std::lock_guard lock(mutex_);
    lost_.reset();
  }
  if (login.original_directory()) return;
  heartbeat_ = std::make_unique<HeartbeatKeeper>(session_, login.terms.heartbeat,
                                                 [this](const Error& error) {
                                                   const std::lock_guard lock(mutex_);
                                                   lost_ = error.message;
                                                 });
}

void Menu::show_lost_login() {
  std::optional<std::string> lost;
  {
    const std::lock_guard lock(mutex_);
    lost = std::exchange(lost_, std::nullopt);
  }
  if (lost) say("The directory ended your login (" + *lost + "). Choose 1 to log in again.");
}

void Menu::log_out() {
  const std::optional<Login> login = session_.login();
  heartbeat_.reset();
  const Status status = session_.log_out();
  if (status) {
    if (login) say("Logged out peer with IP " + login->peer.ip);
    return;
  }
  say_error(status.error());
  // Still logged in when the directory could not be reached.
  if (const auto still = session_.login()) start_heartbeats(*still);
}

void Menu::index() {
  const auto line = ask("Enter peer files (comma-separated): ");
  if (!line) return;
  const std::vector<std::string> names = split_names(*line);
  if (names.empty() && !trimmed(*line).empty())
    return say("There is no name in that; an empty line offers the whole shared folder.");
  const Result<Indexer::Report> report =
      index_files(parts_, session_, names, parts_.console.out, parts_.console.out_is_terminal);
  if (!report && report.error().code == Code::kCancelled)
    return say("Interrupted; nothing was indexed.");
  if (!report) return say_error(report.error());
  parts_.console.out << describe(*report) << std::flush;
}

void Menu::get() {
  const auto line = ask("Enter file name to search: ");
  if (!line) return;
  const std::string name = trimmed(*line);
  if (name.empty()) return say("A file name is needed; choose 4 to try again.");
  if (NameKind::of(name).kind != NameKind::Kind::kExact) return get_many(name);
  FileFinder finder(session_);
  const Result<std::vector<FileChoice>> choices = finder.find(name, std::nullopt);
  if (!choices) {
    say_error(choices.error());
    if (choices.error().code != Code::kNotFound) return;
    const std::vector<std::string> near = finder.near_names(name);
    say(near.empty() ? "Check the exact name, or try again when the one who has it is logged in."
                     : "Names like it:");
    for (const std::string& each : near) say("  " + each);
    return;
  }
  std::optional<FileChoice> choice = pick(*choices);
  if (!choice) return;
  if (choices->size() > 1) finder.complete(*choice);
  const Result<FetchReport> report = fetch({std::move(*choice)}, false);
  if (!report) return say_error(report.error());
  const DownloadQueue::Outcome& outcome = *report->queue.outcome(0);
  parts_.console.out << describe_one(*report) << std::flush;
  if (!outcome) say_error(outcome.error());
}

// A folder or a pattern.
void Menu::get_many(const std::string& name) {
  Result<Selection> selection = Selector(session_, "").select({name});
  if (!selection) return say_error(selection.error());
  for (const Selection::Question& question : selection->questions) {
    std::optional<FileChoice> choice = pick(question.choices);
    if (!choice) return;
    selection->choices.push_back(std::move(*choice));
  }
  if (selection->choices.empty() && !selection->misses.empty())
    return say_error(selection->misses.front().error);
  const Result<FetchReport> report = fetch(std::move(selection->choices), true);
  if (!report) return say_error(report.error());
  if (report->interrupted) say("Interrupted; what was fetched is kept.");
  parts_.console.out << describe_many(*report) << std::flush;
}

Result<FetchReport> Menu::fetch(std::vector<FileChoice> choices, bool many) {
  FetchPlan plan;
  plan.many = many;
  return fetch_files(parts_, session_, std::move(choices), plan, parts_.console.out,
                     parts_.console.out_is_terminal);
}

std::optional<FileChoice> Menu::pick(const std::vector<FileChoice>& choices) {
  if (choices.size() == 1) return choices.front();
  say("Several files have that name:");
  parts_.console.out << choices_table(choices);
  const auto line = ask("Enter the number of the file to get: ");
  if (!line) return std::nullopt;
  const std::string typed = trimmed(*line);
  for (std::size_t i = 0; i < choices.size(); ++i) {
    if (typed == std::to_string(i + 1)) return choices[i];
  }
  say(typed.empty() ? "Nothing fetched." : "There is no such number; nothing fetched.");
  return std::nullopt;
}

void Menu::say(const std::string& sentence) {
  parts_.console.out << printable(sentence) << std::endl;
}

void Menu::say_error(const Error& error) {
  if (error.code == Code::kCancelled) return say("Interrupted; what was fetched is kept.");
  if (error.code == Code::kUnauthenticated && session_.login()) {
    session_.forget();
    say(error.message);
    return say("Your login is over; choose 1 to log in again.");
  }
  say(error.message);
}

}  // namespace trueque
