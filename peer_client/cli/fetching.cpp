#include "peer_client/cli/fetching.h"

#include "peer_client/cli/progress_board.h"
#include "peer_client/cli/progress_line.h"
#include "peer_client/core/download_team.h"

namespace trueque {
namespace {

QueueTerms queue_terms(Session& session, const Login& login, const FetchPlan& plan) {
  QueueTerms terms;
  terms.jobs = plan.jobs;
  terms.output = plan.output;
  terms.keep_path = plan.many;
  if (login.original_directory()) return terms;
  terms.find_sources = [&session](const ContentId& content) {
    return session.find_by_content(content).value_or({});
  };
  terms.join_swarm = [&session](const Content& content) { return session.join_swarm(content); };
  terms.leave_swarm = [&session](const Content& content) { (void)session.leave_swarm(content); };
  if (plan.many) {
    terms.add_sources = [&session](std::span<FileChoice*> choices) {
      Selector(session, "").add_sources(choices);
    };
  }
  return terms;
}

std::vector<const DownloadOutcome*> to_announce(const DownloadQueue& queue) {
  std::vector<const DownloadOutcome*> outcomes;
  for (DownloadQueue::Item item = 0; item < queue.size(); ++item) {
    const DownloadQueue::Outcome& outcome = *queue.outcome(item);
    if (!outcome || outcome->result == DownloadOutcome::Result::kAlready) continue;
    // What a copy elsewhere is of is shared already.
    if (outcome->copied_from && !outcome->shared_name) continue;
    outcomes.push_back(&*outcome);
  }
  return outcomes;
}

}  // namespace

void FetchReport::add(FetchReport other) {
  queue.append(std::move(other.queue));
  misses.insert(misses.end(), other.misses.begin(), other.misses.end());
  time += other.time;
  if (not_indexed && other.not_indexed) *not_indexed += "\n" + *other.not_indexed;
  if (!not_indexed) not_indexed = std::move(other.not_indexed);
  interrupted = interrupted || other.interrupted;
}

Result<FetchReport> fetch_files(const ClientParts& parts, Session& session,
                                std::vector<FileChoice> choices, const FetchPlan& plan,
                                std::ostream& stream, bool terminal) {
  const Result<Login> login = session.require_login();
  if (!login) return login.error();
  const ClientSettings& settings = parts.settings;
  Interrupts::Operation operation(parts.interrupts);
  Landing landing(settings.shared_dir);
  HeldFiles held(settings.shared_dir);
  Downloader downloader(parts.peers, parts.clock, parts.wait,
                        {settings.shared_dir, settings.beside, settings.transfer, parts.aside,
                         &parts.limit, plan.begun_elsewhere},
                        login->peer, landing, held);
  SmallFiles small_files(
      {parts.peers, parts.clock, parts.wait, parts.limit, downloader, landing, held});
  const bool once = !plan.output;
  FetchReport report{DownloadQueue(std::move(choices), once), {}, {}, {}, false};
  const Clock::Steady start = parts.clock.steady();
  {
    ProgressBoard board({stream, terminal, parts.console.color}, parts.clock, report.queue);
    DownloadTeam team(downloader, small_files, parts.clock, queue_terms(session, *login, plan),
                      board);
    team.run(report.queue, operation.cancellation());
  }
  report.time = parts.clock.steady() - start;
  report.interrupted = operation.cancellation().cancelled();
  const std::vector<const DownloadOutcome*> outcomes = to_announce(report.queue);
  if (outcomes.empty()) return report;
  Announcer announcer(session, parts.beside, parts.clock, parts.wait, settings.beside,
                      settings.announce_patience);
  ProgressLine line(stream, terminal, parts.console.color, parts.clock, "");
  report.not_indexed = announcer.announce(outcomes, operation.cancellation(), line);
  return report;
}

}  // namespace trueque
