#include "common/content/merkle_tree.h"

#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <utility>

namespace trueque {

// One SHA-256 context, fetched once: looking the algorithm up costs more than
// hashing a small block.
class PieceHasher::Digest {
 public:
  Digest() : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
    if (!algorithm_ || !context_) std::abort();  // no SHA-256 in the library, or no memory
    start();
  }

  void update(std::span<const std::uint8_t> bytes) {
    EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
  }

  Sha256 finish() {
    Sha256 hash;
    EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr);
    start();
    return hash;
  }

  Sha256 pair(const Sha256& left, const Sha256& right) {
    update(left);
    update(right);
    return finish();
  }

 private:
  void start() { EVP_DigestInit_ex(context_.get(), algorithm_.get(), nullptr); }

  struct Free {
    void operator()(EVP_MD* md) const { EVP_MD_free(md); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD, Free> algorithm_;
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

namespace {

// The root over `layer`, padded with `pad` to `width` nodes; pads grow with height.
template <typename Digest>
Sha256 root_of(Digest& digest, std::vector<Sha256> layer, std::uint64_t width, Sha256 pad) {
  while (width > 1) {
    if (layer.size() % 2 == 1) layer.push_back(pad);
    for (std::size_t i = 0; i < layer.size() / 2; ++i)
      layer[i] = digest.pair(layer[2 * i], layer[2 * i + 1]);
    layer.resize(layer.size() / 2);
    pad = digest.pair(pad, pad);
    width /= 2;
  }
  return layer.empty() ? pad : layer.front();
}

std::uint64_t blocks_in(std::uint64_t bytes) { return (bytes + kBlockSize - 1) / kBlockSize; }

}  // namespace

PieceHasher::PieceHasher(std::uint64_t leaves)
    : digest_(std::make_unique<Digest>()), leaves_(leaves) {}
PieceHasher::~PieceHasher() = default;
PieceHasher::PieceHasher(PieceHasher&&) noexcept = default;
PieceHasher& PieceHasher::operator=(PieceHasher&&) noexcept = default;

void PieceHasher::update(std::span<const std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const std::size_t portion = std::min<std::size_t>(bytes.size(), kBlockSize - block_fill_);
    digest_->update(bytes.first(portion));
    bytes = bytes.subspan(portion);
    block_fill_ += portion;
    if (block_fill_ == kBlockSize) close_block();
  }
}

void PieceHasher::close_block() {
  blocks_.push_back(digest_->finish());
  block_fill_ = 0;
}

Sha256 PieceHasher::finish() {
  if (block_fill_ > 0) close_block();
  return root_of(*digest_, std::exchange(blocks_, {}), leaves_, Sha256{});
}

Sha256 PieceHasher::join(std::vector<Sha256> nodes, const Sha256& pad) {
  Digest digest;
  const std::uint64_t width = std::bit_ceil(nodes.size());
  return root_of(digest, std::move(nodes), width, pad);
}

std::uint64_t leaves_per_piece(const PieceLayout& layout) {
  if (layout.piece_count() > 1) return layout.piece_size() / kBlockSize;
  return std::bit_ceil(std::max<std::uint64_t>(1, blocks_in(layout.file_size())));
}

ContentHasher::ContentHasher(std::uint64_t file_size)
    : layout_(file_size), hasher_(leaves_per_piece(layout_)) {}

bool ContentHasher::update(std::span<const std::uint8_t> bytes) {
  if (bytes.size() > layout_.file_size() - position_) return false;
  while (!bytes.empty()) {
    const std::uint64_t index = pieces_.size();
    const std::uint64_t end = layout_.piece_offset(index) + layout_.piece_length(index);
    const auto portion =
        static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), end - position_));
    hasher_.update(bytes.first(portion));
    bytes = bytes.subspan(portion);
    position_ += portion;
    if (position_ == end) pieces_.push_back(hasher_.finish());
  }
  return true;
}

std::vector<Sha256> ContentHasher::take_piece_hashes() { return std::move(pieces_); }

ContentId root_of_pieces(const PieceLayout& layout, std::span<const Sha256> piece_hashes) {
  if (piece_hashes.empty()) return {};
  if (piece_hashes.size() == 1) return {piece_hashes.front()};
  // A padding piece is a tree of zero leaves as high as a piece.
  PieceHasher hasher(leaves_per_piece(layout));
  const Sha256 pad = hasher.finish();
  return {PieceHasher::join(std::vector<Sha256>(piece_hashes.begin(), piece_hashes.end()), pad)};
}

}  // namespace trueque
