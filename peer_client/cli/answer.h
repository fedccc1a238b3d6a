// What came of a subcommand: a document for scripts, words for people, an exit code.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "common/base/error.h"
#include "common/base/exit_code.h"
#include "common/content/content_id.h"

namespace trueque {

using Json = nlohmann::json;

struct Answer {
  Json document = Json::object();
  std::string text;            // for people, on standard output, printable
  std::optional<Error> error;  // then the exit code follows from it
  bool complete = false;       // the document says it all: no "error" and "code" beside it
  std::optional<ExitCode> exit_code;

  static Answer failed(Error error);
  // The person gave the wrong words.
  static Answer misused(std::string sentence);

  ExitCode code() const;
};

// null for nothing.
template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json(nullptr);
}
// As hex digits.
inline Json or_null(const std::optional<ContentId>& id) {
  return id ? Json(id->hex()) : Json(nullptr);
}

}  // namespace trueque
