// A part's journal that decodes belongs to its content id, names each piece once, and
// says the same when it is written again; losing its end loses pieces and adds none.
#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "common/content/merkle_tree.h"
#include "common/content/part_journal.h"
#include "tests/fuzz/require.h"

namespace {

using trueque::PartJournal;
using trueque::testing::require;

void require_sense(const PartJournal& journal) {
  require(journal.size <= trueque::kMaxFileSize);
  const trueque::PieceLayout layout(journal.size);
  require(journal.hashes.size() == layout.piece_count());
  require(trueque::root_of_pieces(layout, journal.hashes) == journal.content);
  for (std::size_t i = 0; i < journal.pieces.size(); ++i) {
    require(journal.pieces[i] < journal.hashes.size());
    require(i == 0 || journal.pieces[i - 1] < journal.pieces[i]);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto journal = trueque::decode_journal(bytes);
  if (!journal) return 0;
  require_sense(*journal);

  const std::string head =
      trueque::encode_journal_head(journal->content, journal->size, journal->hashes);
  require(bytes.starts_with(head));
  std::string again = head;
  for (const std::uint64_t piece : journal->pieces) again += trueque::encode_journal_piece(piece);
  const auto same = trueque::decode_journal(again);
  require(same && same->pieces == journal->pieces && same->hashes == journal->hashes);

  const std::size_t cut_at = head.size() + (size - head.size()) / 2;
  const auto cut = trueque::decode_journal(bytes.substr(0, cut_at));
  require(cut.has_value());
  require(std::includes(journal->pieces.begin(), journal->pieces.end(), cut->pieces.begin(),
                        cut->pieces.end()));
  require(!trueque::decode_journal(std::string_view(head).substr(0, head.size() - 1)));
  return 0;
}
