#include "server/http/metrics_page.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <limits>
#include <vector>

namespace trueque {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using Labels = std::vector<ClientMetric::Label>;

MetricFamily family(const char* name, const char* help, MetricType type) {
  MetricFamily made;
  made.name = name;
  made.help = help;
  made.type = type;
  return made;
}

void add_counter(MetricFamily& to, std::uint64_t value, Labels labels = {}) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.counter.value = static_cast<double>(value);
  to.metric.push_back(std::move(metric));
}

void add_histogram(MetricFamily& to, const Histogram::Reading& reading, Labels labels = {}) {
  ClientMetric metric;
  metric.label = std::move(labels);
  metric.histogram.sample_count = reading.count;
  metric.histogram.sample_sum = reading.sum;
  for (const auto& bucket : reading.buckets)
    metric.histogram.bucket.push_back({bucket.up_to, bucket.bound});
  metric.histogram.bucket.push_back({reading.count, std::numeric_limits<double>::infinity()});
  to.metric.push_back(std::move(metric));
}

MetricFamily counter(const char* name, const char* help, std::uint64_t value) {
  MetricFamily made = family(name, help, MetricType::Counter);
  add_counter(made, value);
  return made;
}

MetricFamily gauge(const char* name, const char* help, double value) {
  MetricFamily made = family(name, help, MetricType::Gauge);
  made.metric.emplace_back().gauge.value = value;
  return made;
}

MetricFamily histogram(const char* name, const char* help, const Histogram& values) {
  MetricFamily made = family(name, help, MetricType::Histogram);
  add_histogram(made, values.read());
  return made;
}

void add_http(std::vector<MetricFamily>& to, const HttpMetrics& http) {
  MetricFamily requests =
      family("trueque_requests_total", "Requests answered.", MetricType::Counter);
  for (const auto& [key, count] : http.requests())
    add_counter(requests, count,
                {{"route", std::string(key.first)}, {"status", std::to_string(key.second)}});
  MetricFamily times = family("trueque_request_seconds", "From a whole request to its answer.",
                              MetricType::Histogram);
  for (const auto& [route, reading] : http.times())
    add_histogram(times, reading, {{"route", std::string(route)}});
  MetricFamily refusals =
      family("trueque_refusals_total", "Clients sent away without a look at their request.",
             MetricType::Counter);
  for (const auto& [why, name] : kRefusals)
    add_counter(refusals, http.refusals(why), {{"reason", std::string(name)}});
  to.push_back(std::move(requests));
  to.push_back(std::move(times));
  to.push_back(std::move(refusals));
  to.push_back(gauge("trueque_connections", "Connections that have a place.",
                     static_cast<double>(http.members())));
  to.push_back(gauge("trueque_guests", "Connections there is no place for, heard once.",
                     static_cast<double>(http.guests())));
}

void add_directory(std::vector<MetricFamily>& to, const Directory& directory) {
  const Result<DirectoryStats> counted = directory.counts();
  const DirectoryStats stats = counted ? *counted : DirectoryStats();
  const auto number = [](std::uint64_t value) { return static_cast<double>(value); };
  to.push_back(gauge("trueque_peers", "Peers logged in.", number(stats.peers)));
  to.push_back(gauge("trueque_files", "Entries over all peers.", number(stats.files)));
  to.push_back(gauge("trueque_names", "Different names.", number(stats.names)));
  to.push_back(gauge("trueque_contents", "Different contents.", number(stats.contents)));
  to.push_back(counter("trueque_expired_peers_total", "Peers whose lease ran out.",
                       directory.expired_peers()));
  to.push_back(gauge("trueque_uptime_seconds", "Since the directory was started.",
                     static_cast<double>(stats.uptime.count())));
}

void add_storage(std::vector<MetricFamily>& to, const StorageMetrics& storage) {
  to.push_back(histogram("trueque_journal_sync_seconds",
                         "What it took to make waiting changes durable.", storage.sync_seconds()));
  to.push_back(histogram("trueque_journal_sync_changes", "Changes that shared a sync.",
                         storage.sync_changes()));
  to.push_back(
      counter("trueque_journal_bytes_total", "Written to the journal.", storage.journal_bytes()));
  to.push_back(counter("trueque_journal_failures_total", "Syncs that failed; changes got 503.",
                       storage.failed_syncs()));
  to.push_back(histogram("trueque_snapshot_seconds", "What it took to write a snapshot.",
                         storage.snapshot_seconds()));
  to.push_back(counter("trueque_snapshot_failures_total", "Snapshots that failed.",
                       storage.failed_snapshots()));
  to.push_back(
      gauge("trueque_ready", "1 while changes can be made durable.", storage.writable() ? 1 : 0));
}

}  // namespace

std::string metrics_page(const MetricsSources& sources) {
  std::vector<MetricFamily> families;
  add_http(families, sources.http);
  add_directory(families, sources.directory);
  add_storage(families, sources.storage);
  return prometheus::TextSerializer().Serialize(families);
}

}  // namespace trueque
