// Between values of ours and columns of PostgreSQL's.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <pqxx/pqxx>
#include <string>

#include "common/base/result.h"
#include "common/directory/directory_types.h"

namespace trueque {

inline Error no_such_peer() { return make_error(Code::kNotFound, "Peer IP not found."); }

inline pqxx::binarystring bytes_of(const Sha256& hash) { return {hash.data(), hash.size()}; }

inline pqxx::binarystring bytes_of(const FileSetDigest& digest) {
  return {digest.bytes().data(), digest.bytes().size()};
}

inline std::int64_t microseconds(std::chrono::system_clock::time_point time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time.time_since_epoch()).count();
}

// A statement's parameter that may be null; must outlive the call it is given to.
class NullableText {
 public:
  template <typename Number>
  explicit NullableText(const std::optional<Number>& number)
      : is_null_(!number), text_(number ? pqxx::to_string(*number) : std::string()) {}
  explicit NullableText(std::optional<std::string> text)
      : is_null_(!text), text_(std::move(text).value_or("")) {}

  const char* get() const { return is_null_ ? nullptr : text_.c_str(); }

 private:
  bool is_null_;
  std::string text_;
};

// How files of one name stand in order: those without content first.
struct ContentOrder {
  explicit ContentOrder(const std::optional<Content>& content)
      : size(content ? static_cast<std::int64_t>(content->size) : -1),
        id_hex(content ? "\\x" + content->id.hex() : "") {}

  std::int64_t size;
  std::string id_hex;  // as PostgreSQL reads bytes
};

Sha256 hash_of(const pqxx::field& bytes);
// Of columns `at` (username), `at` + 1 (ip) and `at` + 2 (port).
PeerKey peer_of(const pqxx::row& row, int at);
// Of columns `at` (name), `at` + 1 (size) and `at` + 2 (content id).
SharedFile file_of(const pqxx::row& row, int at);

}  // namespace trueque
