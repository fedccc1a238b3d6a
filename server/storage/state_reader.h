// The quick way to read a state file: a peer at a time, without a document of it all in
// memory. It takes version 1 as a directory writes it, further members included, and gives
// up on anything else: read_state() then says what it is, or what is wrong with it.
#pragma once

#include <cstddef>
#include <functional>
#include <string_view>

#include "server/storage/state_document.h"

namespace trueque {

// Whether all of the text was taken. Peers are given as they are read, also where it gives
// up behind them.
bool read_state_quickly(std::string_view text, const std::function<void(LoadedPeer&&)>& take);

// About how many files the text has: all are counted in a short one, and in a long one
// (over 1 MiB) those in a few places.
std::size_t likely_files(std::string_view text);

}  // namespace trueque
