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

}  // namespace

std::vector<DirectoryEndpoint> ClientSettings::directories() const {
  std::vector<DirectoryEndpoint> all{directory};
  all.insert(all.end(), other_directories.begin(), other_directories.end());
  return all;
}

std::string ClientSettings::directory_url() const {
  return "http://" + host_and_port(directory.host, directory.port);
}

std::string ClientSettings::default_peer_ip() const {
  if (!is_this_machine(beside.ip)) return beside.ip;
  return local_address_towards(directory.host, directory.port);
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
  Result<Indexer::Report> report =
      Indexer(session, folder).index(names, watch, operation.cancellation());
  if (!report || report->files.empty()) return report;
  Announcer announcer(session, parts.beside, parts.clock, parts.wait, parts.settings.beside,
                      parts.settings.announce_patience);
  report->not_served = announcer.check_listed(report->files, operation.cancellation(), line);
  return report;
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

std::string describe(const Indexer::Report& report) {
  std::string text = list(report.refused, "Not indexed: ");
  text += list(report.placeholders, "Indexed as a name alone, not in your shared folder: ");
  if (report.files.empty()) return text + "There was no file to index.\n";
  text += "Files indexed successfully. " + plural(report.files.size(), "file") + " offered";
  if (report.indexed) text += ", " + plural(*report.indexed, "file") + " in all";
  text += ".\n";
  if (report.not_served) text += printable(*report.not_served) + "\n";
  return text;
}

}  // namespace trueque
