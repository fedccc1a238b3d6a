// The directory's requests as an OpenAPI 3.1 document: openapi.json, embedded.
#pragma once

#include <string_view>

namespace trueque {

std::string_view openapi_document();

}  // namespace trueque
