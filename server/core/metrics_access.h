// Who may see what the directory counts.
#pragma once

namespace trueque {

enum class MetricsAccess { kOff, kLocal, kAll };

}  // namespace trueque
