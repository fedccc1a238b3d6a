// Orderly ends: SIGINT and SIGTERM become a value one thread waits for.
#pragma once

namespace trueque {

// Blocks SIGINT and SIGTERM in the calling thread and in every thread it starts
// later, and ignores SIGPIPE. Call first in main.
void block_termination_signals();

// Waits for SIGINT or SIGTERM and returns its number. Only after
// block_termination_signals().
int wait_for_termination();

}  // namespace trueque
