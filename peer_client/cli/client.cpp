#include "peer_client/cli/client.h"

#include "common/base/address.h"
#include "common/base/text.h"
#include "peer_client/cli/human.h"
#include "peer_client/cli/progress_line.h"

namespace trueque {
namespace {

constexpr std::size_t kNamesShown = 20;

std::string list(const std::vector<std::string>& names, const char* before) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kNamesShown; ++i)
    text += before + printable(names[i]) + "\n";
  if (names.size() > kNamesShown)
    text += "... and " + std::to_string(names.size() - kNamesShown) + " more\n";
  return text;
}

// What came of it; of a placeholder the peer's own words.
std::string sentence(const DownloadOutcome& outcome) {
  switch (outcome.result) {
    case DownloadOutcome::Result::kFetched:
      return "Fetched " + outcome.file_name + " (" + human_size(outcome.content->size) +
             ", verified) to " + outcome.path;
    case DownloadOutcome::Result::kAlready:
      return "You have " + outcome.file_name + " already: " + outcome.path;
    case DownloadOutcome::Result::kPlaceholder:
      return outcome.message;
  }
  return "";
}

}  // namespace

std::string ClientSettings::directory_url() const {
  return "http://" + host_and_port(directory.host, directory.port);
}

std::string ClientSettings::default_peer_ip() const {
  return local_address_towards(directory.host, directory.port);
}

Result<GetReport> get_file(const ClientParts& parts, Session& session, const FileChoice& choice,
                           const std::optional<std::string>& output, std::ostream& stream,
                           bool terminal) {
  const Result<Login> login = session.require_login();
  if (!login) return login.error();
  const ClientSettings& settings = parts.settings;
  Interrupts::Operation operation(parts.interrupts);
  Downloader downloader(
      parts.peers, parts.clock, parts.wait,
      {settings.shared_dir, settings.beside, settings.transfer, parts.aside, &parts.limit},
      login->peer);
  Result<DownloadOutcome> outcome = [&] {
    ProgressLine line(stream, terminal, parts.console.color, parts.clock, choice.file_name);
    DownloadRequest request{choice, output, nullptr};
    if (choice.content && !login->original_directory()) {
      request.more_sources = [&session, content = *choice.content] {
        return session.find_by_content(content).value_or({});
      };
      request.join_swarm = [&session](const Content& content) {
        return session.join_swarm(content);
      };
      request.leave_swarm = [&session](const Content& content) {
        (void)session.leave_swarm(content);
      };
    }
    return downloader.fetch(request, operation.cancellation(), line);
  }();
  if (!outcome) return outcome.error();
  GetReport report{std::move(*outcome), std::nullopt};
  if (report.outcome.result == DownloadOutcome::Result::kAlready) return report;
  Announcer announcer(session, parts.beside, parts.clock, parts.wait, settings.beside,
                      settings.announce_patience);
  ProgressLine line(stream, terminal, parts.console.color, parts.clock, choice.file_name);
  report.not_indexed = announcer.announce(report.outcome, operation.cancellation(), line);
  return report;
}

Result<Indexer::Report> index_files(const ClientParts& parts, Session& session,
                                    const std::vector<std::string>& names, std::ostream& stream,
                                    bool terminal) {
  Interrupts::Operation operation(parts.interrupts);
  const LocalFolder folder(parts.settings.shared_dir);
  ProgressLine line(stream, terminal, parts.console.color, parts.clock, "");
  std::string current;
  const auto watch = [&](const std::string& name, std::uint64_t done, std::uint64_t total) {
    if (name != current) line.set_label("hashing " + name);
    current = name;
    line.progress(done, total);
  };
  return Indexer(session, folder).index(names, watch, operation.cancellation());
}

std::string choices_table(const std::vector<FileChoice>& choices) {
  std::vector<std::vector<std::string>> rows = {{"", "size", "sources", "content", "name"}};
  for (const FileChoice& each : choices) {
    rows.push_back({std::to_string(rows.size()) + ".", human_size(each.size),
                    std::to_string(each.sources.size()),
                    each.content ? short_id(each.content->hex()) : "-", printable(each.file_name)});
  }
  return table(rows);
}

std::string describe(const GetReport& report) {
  std::string text;
  for (const std::string& liar : report.outcome.report.liars())
    text += printable("Left out, because it sent a wrong file: " + liar) + "\n";
  text += printable(sentence(report.outcome)) + "\n";
  if (report.not_indexed) text += printable(*report.not_indexed) + "\n";
  return text;
}

std::string describe(const Indexer::Report& report) {
  std::string text = list(report.refused, "Not indexed: ");
  text += list(report.placeholders, "Indexed as a name alone, not in your shared folder: ");
  if (report.files.empty()) return text + "There was no file to index.\n";
  text += "Files indexed successfully. " + plural(report.files.size(), "file") + " offered";
  if (report.indexed) text += ", " + plural(*report.indexed, "file") + " in all";
  return text + ".\n";
}

}  // namespace trueque
