// All that is counted, in the text format of Prometheus. Safe from any thread.
#pragma once

#include <string>

#include "server/core/directory.h"
#include "server/core/storage_metrics.h"
#include "server/http/http_metrics.h"

namespace trueque {

inline constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

struct MetricsSources {
  const Directory& directory;
  const StorageMetrics& storage;
  const HttpMetrics& http;
};

std::string metrics_page(const MetricsSources& sources);

}  // namespace trueque
