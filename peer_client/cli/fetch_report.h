// What came of a fetch, in words, as a document, and as an exit code.
#pragma once

#include "peer_client/cli/answer.h"
#include "peer_client/cli/fetching.h"

namespace trueque {

struct FetchSummary {
  std::size_t fetched = 0;
  std::size_t already = 0;
  std::size_t placeholder = 0;
  std::size_t failed = 0;
  std::uint64_t bytes = 0;  // of the fetched files
  std::uint64_t moved = 0;  // bytes that came this time, of any file: others were here before
  double seconds = 0;
  std::optional<Error> failure;  // of one kind alone its own; else kInternal
};

FetchSummary summary_of(const FetchReport& report);

// Sentences for a person, each a line, made printable. Of one file, whose failure is left
// to who shows the error; of many; and the one that fits where the error is shown.
std::string describe_one(const FetchReport& report);
std::string describe_many(const FetchReport& report);
std::string describe_beside_error(const FetchReport& report);

// An entry of a document's "files": of an item, and of a name nothing was fetched for.
Json entry_of(const DownloadQueue& queue, DownloadQueue::Item item);
Json failed_entry(const Selection::Miss& miss);
Json document_of(const FetchReport& report);

}  // namespace trueque
