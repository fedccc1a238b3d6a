#include "common/directory/file_set_digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <memory>

#include "common/base/hex.h"

namespace trueque {
namespace {

// One SHA-256 context a thread: looking the algorithm up costs more than the hash.
class Sha256Context {
 public:
  Sha256Context()
      : algorithm_(EVP_MD_fetch(nullptr, "SHA256", nullptr)), context_(EVP_MD_CTX_new()) {
    if (!algorithm_ || !context_) std::abort();  // no SHA-256 in the library, or no memory
  }

  Sha256 hash(std::string_view begin, std::string_view end) {
    Sha256 hash;
    EVP_DigestInit_ex(context_.get(), algorithm_.get(), nullptr);
    EVP_DigestUpdate(context_.get(), begin.data(), begin.size());
    EVP_DigestUpdate(context_.get(), end.data(), end.size());
    EVP_DigestFinal_ex(context_.get(), hash.data(), nullptr);
    return hash;
  }

 private:
  struct Free {
    void operator()(EVP_MD* md) const { EVP_MD_free(md); }
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD, Free> algorithm_;
  std::unique_ptr<EVP_MD_CTX, Free> context_;
};

// What is hashed of a file behind its name. On the stack: a directory takes in hundreds of
// thousands of files a second.
class Tail {
 public:
  explicit Tail(const std::optional<Content>& content) {
    text_[length_++] = '\0';
    if (content) add_number(content->size);
    text_[length_++] = '\0';
    if (content) add_hex(content->id.bytes);
  }
  std::string_view text() const { return {text_.data(), length_}; }

 private:
  void add_number(std::uint64_t number) {
    const auto end = std::to_chars(text_.data() + length_, text_.data() + text_.size(), number);
    length_ = static_cast<std::size_t>(end.ptr - text_.data());
  }
  void add_hex(const Sha256& bytes) {
    static constexpr std::string_view kDigits = "0123456789abcdef";
    for (const std::uint8_t byte : bytes) {
      text_[length_++] = kDigits[byte >> 4U];
      text_[length_++] = kDigits[byte & 0xFU];
    }
  }

  std::array<char, 2 + 20 + 64> text_;  // a number of 64 bits has at most 20 digits
  std::size_t length_ = 0;
};

}  // namespace

std::optional<FileSetDigest> FileSetDigest::from_hex(std::string_view text) {
  if (text.size() != 2 * kBytes) return std::nullopt;
  const auto bytes = trueque::from_hex(text);
  if (!bytes) return std::nullopt;
  FileSetDigest digest;
  std::copy(bytes->begin(), bytes->end(), digest.bytes_.begin());
  return digest;
}

std::optional<FileSetDigest> FileSetDigest::from_bytes(std::string_view raw) {
  if (raw.size() != kBytes) return std::nullopt;
  FileSetDigest digest;
  std::copy(raw.begin(), raw.end(), digest.bytes_.begin());
  return digest;
}

void FileSetDigest::toggle(std::string_view name, const std::optional<Content>& content) {
  thread_local Sha256Context context;
  const Sha256 hash = context.hash(name, Tail(content).text());
  for (std::size_t i = 0; i < kBytes; ++i) bytes_[i] ^= hash[i];
}

void FileSetDigest::toggle(const FileSetDigest& other) {
  for (std::size_t i = 0; i < kBytes; ++i) bytes_[i] ^= other.bytes_[i];
}

std::string FileSetDigest::hex() const { return to_hex(bytes_); }

}  // namespace trueque
