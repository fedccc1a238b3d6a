// The index of files against the plainest one: whatever names come and go, whatever is
// searched for, both answer the same.
//
// An event a byte: its low two bits are the peer, the others what happens; most take a
// text, which is a byte for its length and that many bytes.
#include <cstdint>
#include <deque>
#include <span>
#include <string>

#include "common/base/text.h"
#include "server/storage/index/peer_files.h"
#include "tests/fuzz/require.h"
#include "tests/support/naive_index.h"

namespace {

using namespace trueque;
using testing::NaiveIndex;
using testing::require;

constexpr std::size_t kPeers = 4;

class Trial {
 public:
  explicit Trial(std::span<const std::uint8_t> bytes) : bytes_(bytes) {
    for (std::size_t p = 0; p < kPeers; ++p) {
      keys_.push_back({"peer", "10.0.0.1", static_cast<std::uint16_t>(p)});
      peers_.emplace_back(index_, keys_.back());
    }
  }

  void run() {
    while (!bytes_.empty()) {
      const std::uint8_t event = next();
      happen(event / 4 % 8, event % kPeers);
    }
    index_.settle();
    require(index_.name_count() == model_.names().size());
    while (!model_.entries().empty()) {
      const auto [peer, name] = model_.entries().begin()->first;
      drop(peer, name);
    }
    require(index_.name_count() == 0 && index_.content_count() == 0);
  }

 private:
  std::uint8_t next() {
    if (bytes_.empty()) return 0;
    const std::uint8_t byte = bytes_.front();
    bytes_ = bytes_.subspan(1);
    return byte;
  }
  // What the directory takes: some UTF-8.
  std::string text() {
    const std::size_t wanted = next() % 24U;
    const std::size_t size = std::min(wanted, bytes_.size());
    const std::string text(reinterpret_cast<const char*>(bytes_.data()), size);
    bytes_ = bytes_.subspan(size);
    return is_valid_utf8(text) ? text : printable(text);
  }
  std::optional<Content> content() {
    const std::uint8_t byte = next();
    if (byte % 4 == 0) return std::nullopt;
    ContentId id;
    id.bytes[0] = byte % 3;
    return Content{byte / 16U % 2U, id};
  }

  void happen(int what, std::size_t peer) {
    if (what == 0) return drop(peer, text());
    if (what == 1) return search(text());
    if (what == 2) return find(text());
    if (what == 3) return index_.tidy();
    put(peer, text());
  }

  void put(std::size_t peer, const std::string& name) {
    if (name.empty()) return;
    const std::optional<Content> what = content();
    drop(peer, name);
    peers_[peer].add(index_.intern(name), what);
    model_.put(peer, name, what);
  }
  void drop(std::size_t peer, const std::string& name) {
    const NameId known = index_.find_name(name);
    const VariantId variant = known == kNoName ? kNoVariant : peers_[peer].find(known);
    require((variant != kNoVariant) == model_.has(peer, name));
    if (variant != kNoVariant) peers_[peer].remove(variant);
    model_.remove(peer, name);
  }
  void find(const std::string& name) {
    require(index_.find_by_name(name, 1000).size() == model_.find_by_name(name).size());
  }

  void search(const std::string& words) {
    index_.settle();
    const std::vector<RankedHit> expected = model_.search(words);
    SearchRequest request{words, 1U + next() % 4U, std::nullopt};
    for (std::size_t at = 0;; at += request.limit) {
      const std::vector<RankedHit> hits = index_.search(request);
      require(hits.size() == std::min<std::size_t>(request.limit + 1, expected.size() - at));
      for (std::size_t i = 0; i < hits.size(); ++i)
        require(hits[i].hit.file == expected[at + i].hit.file &&
                hits[i].rank == expected[at + i].rank);
      if (hits.size() <= request.limit) return;
      request.after = position_of(hits[request.limit - 1]);
    }
  }

  std::span<const std::uint8_t> bytes_;
  FileIndex index_;
  std::deque<PeerKey> keys_;
  std::deque<PeerFiles> peers_;
  NaiveIndex model_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Trial({data, size}).run();
  return 0;
}
