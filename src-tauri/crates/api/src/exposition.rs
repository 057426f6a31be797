//! Metrics as Prometheus reads them: its text format, version 0.0.4. Base units (seconds, bytes), counters end in
//! `_total`, and no label has a value that strangers could make up.

use hookbench_model::DurationCounts;
use hookbench_workbench::Metrics;
use prometheus::core::Collector as _;
use prometheus::proto::{Bucket, Counter, Gauge, Histogram, LabelPair, Metric, MetricFamily, MetricType};
use prometheus::{Encoder as _, TextEncoder};

/// The content type of the text.
pub(crate) const CONTENT_TYPE: &str = prometheus::TEXT_FORMAT;

/// The whole answer.
pub(crate) fn text(metrics: &Metrics) -> Result<Vec<u8>, prometheus::Error> {
    let mut families = families(metrics);
    families.extend(process());
    let mut text = Vec::new();
    TextEncoder::new().encode(&families, &mut text)?;
    Ok(text)
}

/// What the system tells of this process, where it tells anything.
#[cfg(target_os = "linux")]
fn process() -> Vec<MetricFamily> {
    let mut families = prometheus::process_collector::ProcessCollector::for_self().collect();
    let stat = procfs::process::Process::myself().and_then(|process| process.stat());
    if let Ok(stat) = stat {
        let cpu = cpu(stat.utime + stat.stime, procfs::ticks_per_second());
        families.retain(|family| family.name() != cpu.name());
        families.push(cpu);
    }
    families
}

/// The time of the processors, by the system's ticks. The collector's own is in whole seconds, from which no rate over
/// a minute could be told.
#[cfg(target_os = "linux")]
fn cpu(ticks: u64, per_second: u64) -> MetricFamily {
    let metric = counter_of(number(ticks) / number(per_second.max(1)), Vec::new());
    let help = "Total user and system CPU time spent in seconds.";
    family("process_cpu_seconds_total", help, MetricType::COUNTER, vec![metric])
}

#[cfg(not(target_os = "linux"))]
fn process() -> Vec<MetricFamily> {
    Vec::new()
}

#[expect(clippy::cast_precision_loss, reason = "the format has floating point numbers only")]
fn number(count: u64) -> f64 {
    count as f64
}

fn families(metrics: &Metrics) -> Vec<MetricFamily> {
    let Metrics { tallied, standing, due_now, attempts_in_flight, attempts_unrecorded, text_backlog } =
        metrics;
    let words = |name, pairs: Vec<(&str, u64)>| -> Vec<Metric> {
        pairs.into_iter().map(|(word, count)| counter(count, vec![label(name, word)])).collect()
    };
    let ended = tallied.ended.iter().map(|(because, count)| (because.as_str(), *count)).collect();
    let attempts = tallied.attempts.iter().map(|(outcome, count)| (outcome.as_str(), *count)).collect();
    let captured = tallied.captured.iter().map(|(status, count)| (status.as_str(), *count)).collect();
    let open =
        standing.open.iter().map(|(status, count)| gauge(*count, vec![label("status", status.as_str())]));
    let kept_back = [("breaker", due_now.kept_back.by_breaker), ("order", due_now.kept_back.by_order)];
    let kept_back = kept_back.map(|(by, count)| gauge(count, vec![label("by", by)]));
    let endpoints = [("enabled", standing.endpoints_enabled), ("disabled", standing.endpoints_disabled)];
    let endpoints = endpoints.map(|(status, count)| gauge(count, vec![label("status", status)]));
    vec![
        one_gauge(
            "hookbench_build_info",
            "Which version of Hookbench this is; always 1.",
            gauge(1, vec![label("version", env!("CARGO_PKG_VERSION"))]),
        ),
        one_counter(
            "hookbench_deliveries_accepted_total",
            "Deliveries that were accepted since the program started.",
            tallied.accepted,
        ),
        family(
            "hookbench_deliveries_ended_total",
            "Deliveries that ended since the program started, by why; one that is retried by hand ends again.",
            MetricType::COUNTER,
            words("because", ended),
        ),
        family(
            "hookbench_deliveries",
            "Deliveries that have not ended, by status.",
            MetricType::GAUGE,
            open.collect(),
        ),
        one_gauge(
            "hookbench_deliveries_overdue",
            "Deliveries whose time has come and that go out as fast as they can.",
            gauge(due_now.overdue, Vec::new()),
        ),
        family(
            "hookbench_deliveries_kept_back",
            "Deliveries whose time has come and that wait for a breaker, or behind another of an ordered endpoint.",
            MetricType::GAUGE,
            kept_back.to_vec(),
        ),
        family(
            "hookbench_attempts_total",
            "Attempts that were recorded since the program started, by outcome.",
            MetricType::COUNTER,
            words("outcome", attempts),
        ),
        histogram(
            "hookbench_attempt_duration_seconds",
            "How long those attempts took.",
            &tallied.attempt_durations,
        ),
        one_gauge(
            "hookbench_attempts_in_flight",
            "Attempts under way.",
            gauge(*attempts_in_flight, Vec::new()),
        ),
        one_gauge(
            "hookbench_attempts_unrecorded",
            "Attempts that have ended and whose record the disk has not taken yet.",
            gauge(*attempts_unrecorded, Vec::new()),
        ),
        family("hookbench_endpoints", "Endpoints, by status.", MetricType::GAUGE, endpoints.to_vec()),
        one_gauge(
            "hookbench_breakers_open",
            "Endpoints whose circuit breaker is open.",
            gauge(standing.breakers_open, Vec::new()),
        ),
        family(
            "hookbench_captured_requests_total",
            "Requests that inboxes captured since the program started, by verification.",
            MetricType::COUNTER,
            words("verification", captured),
        ),
        one_counter(
            "hookbench_captured_bytes_total",
            "Bytes of the bodies of those requests.",
            tallied.captured_bytes,
        ),
        one_gauge(
            "hookbench_text_backlog",
            "Captured requests that the index of texts does not have yet.",
            gauge(*text_backlog, Vec::new()),
        ),
        histogram(
            "hookbench_write_duration_seconds",
            "How long whoever had something written waited until it was on disk.",
            &tallied.writes,
        ),
        one_counter("hookbench_commits_total", "Transactions since the program started.", tallied.commits),
        one_gauge(
            "hookbench_database_bytes",
            "Size of the database file.",
            gauge(standing.database_bytes, Vec::new()),
        ),
        one_gauge(
            "hookbench_database_free_bytes",
            "How much of the database file is free to be used again.",
            gauge(standing.database_free_bytes, Vec::new()),
        ),
    ]
}

fn family(name: &str, help: &str, kind: MetricType, metrics: Vec<Metric>) -> MetricFamily {
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_field_type(kind);
    family.set_metric(metrics);
    family
}

fn one_gauge(name: &str, help: &str, metric: Metric) -> MetricFamily {
    family(name, help, MetricType::GAUGE, vec![metric])
}

fn one_counter(name: &str, help: &str, count: u64) -> MetricFamily {
    family(name, help, MetricType::COUNTER, vec![counter(count, Vec::new())])
}

fn histogram(name: &str, help: &str, durations: &DurationCounts) -> MetricFamily {
    let bucket = |(bound, count): &(f64, u64)| {
        let mut bucket = Bucket::default();
        bucket.set_upper_bound(*bound);
        bucket.set_cumulative_count(*count);
        bucket
    };
    let mut histogram = Histogram::default();
    histogram.set_bucket(durations.buckets.iter().map(bucket).collect());
    histogram.set_sample_count(durations.count);
    histogram.set_sample_sum(durations.sum_seconds);
    let mut metric = Metric::default();
    metric.set_histogram(histogram);
    family(name, help, MetricType::HISTOGRAM, vec![metric])
}

fn label(name: &str, value: &str) -> LabelPair {
    let mut label = LabelPair::default();
    label.set_name(name.to_owned());
    label.set_value(value.to_owned());
    label
}

fn gauge(value: u64, labels: Vec<LabelPair>) -> Metric {
    let mut gauge = Gauge::default();
    gauge.set_value(number(value));
    let mut metric = Metric::default();
    metric.set_gauge(gauge);
    metric.set_label(labels);
    metric
}

fn counter(value: u64, labels: Vec<LabelPair>) -> Metric {
    counter_of(number(value), labels)
}

fn counter_of(value: f64, labels: Vec<LabelPair>) -> Metric {
    let mut counter = Counter::default();
    counter.set_value(value);
    let mut metric = Metric::default();
    metric.set_counter(counter);
    metric.set_label(labels);
    metric
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_the_processors_is_told_once_and_with_fractions() {
        let mut text = Vec::new();
        TextEncoder::new().encode(&[cpu(86, 100)], &mut text).unwrap();
        assert!(String::from_utf8(text).unwrap().ends_with("process_cpu_seconds_total 0.86\n"));
        let told = process();
        let families = told.iter().filter(|family| family.name() == "process_cpu_seconds_total");
        assert_eq!(families.count(), 1);
        assert!(told.iter().any(|family| family.name() == "process_open_fds"));
    }
}
