// What a repository found, as it is told to whoever asked.
#pragma once

#include <vector>

#include "common/base/result.h"
#include "server/core/directory_repository.h"

namespace trueque {

// kNotFound when there are none; an error is passed on.
Result<std::vector<FileSource>> to_file_sources(Result<std::vector<Source>> found);

}  // namespace trueque
