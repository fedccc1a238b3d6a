// Text as wide as a terminal shows it: Chinese characters take two columns, accents that
// stand apart from their letter none.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace trueque {

// `text` is printable(); a byte that is no UTF-8 counts as one.
std::size_t columns(std::string_view text);

// At most `limit` columns: where the text is longer an ellipsis stands for its middle, or
// with little room for its start, since the end of a name tells more. No character is cut,
// and none loses its accents.
std::string shortened(std::string_view text, std::size_t limit);

}  // namespace trueque
