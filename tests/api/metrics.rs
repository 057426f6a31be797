//! What Prometheus is told, read by its own parser.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::support::{Server, folder, text};

/// What the parser understands of the text.
async fn parsed(said: &str) -> Value {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let python = std::env::var_os("HOOKBENCH_PYTHON")
        .map_or_else(|| root.join("target/python/bin/python"), PathBuf::from);
    assert!(python.exists(), "{} is not there: run `cargo xtask test packages` first", python.display());
    let mut parser = Command::new(python)
        .arg("-B")
        .arg(root.join("tests/api/metrics.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the parser starts");
    let mut input = parser.stdin.take().expect("its standard input");
    input.write_all(said.as_bytes()).await.expect("it reads");
    drop(input);
    let output = parser.wait_with_output().await.expect("it ends");
    assert!(output.status.success(), "{}\n{said}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// The value of the sample of that name with that label, if any.
fn sample(families: &Value, family: &str, name: &str, label: Option<(&str, &str)>) -> f64 {
    let labels = label.map_or(json!({}), |(name, value)| json!({name: value}));
    let samples = families[family]["samples"].as_array().unwrap_or_else(|| panic!("{family} in {families}"));
    let found = samples.iter().find(|sample| sample[0] == name && sample[1] == labels);
    found.unwrap_or_else(|| panic!("{name}{labels} in {samples:?}"))[2].as_f64().expect("a number")
}

fn counter(families: &Value, family: &str, label: Option<(&str, &str)>) -> f64 {
    assert_eq!(families[family]["type"], "counter", "{family}");
    sample(families, family, &format!("{family}_total"), label)
}

async fn scraped(server: &Server) -> Value {
    parsed(&String::from_utf8(server.raw("/metrics").await).expect("UTF-8")).await
}

#[tokio::test]
async fn prometheus_understands_the_metrics_and_counters_begin_anew_with_the_program() {
    let data = folder();
    let server = Server::start(data.path()).await;
    assert_eq!(server.send(Method::GET, "/metrics", None).await.status.as_u16(), 404);
    server.send(Method::PATCH, "/v1/settings", Some(&json!({"metrics": true}))).await;
    let inbox = server.inbox("Mine", None, None).await;
    let endpoint = json!({"url": inbox["url"], "provider": "generic"});
    let endpoint = server.post("/v1/webhook-endpoints", &endpoint).await;
    let event = json!({"type": "message.sent", "endpoint_ids": [endpoint["id"]]});
    for _ in 0..3 {
        let sent = server.post("/v1/events", &event).await;
        let path = format!("/v1/deliveries/{}", text(&sent["deliveries"][0], "id"));
        server.until(&path, |delivery| delivery["status"] == "delivered").await;
    }
    let families = scraped(&server).await;
    for (name, family) in families.as_object().expect("families") {
        assert!(name.starts_with("hookbench_") || name.starts_with("process_"), "{name}");
        assert_ne!(family["help"], "", "{name}");
    }
    assert!(counter(&families, "hookbench_deliveries_accepted", None) >= 3.0);
    let delivered = Some(("outcome", "delivered"));
    assert!(counter(&families, "hookbench_attempts", delivered) >= 3.0);
    assert!(counter(&families, "hookbench_deliveries_ended", Some(("because", "delivered"))) >= 3.0);
    assert!(sample(&families, "hookbench_database_bytes", "hookbench_database_bytes", None) > 0.0);
    for name in ["hookbench_attempt_duration_seconds", "hookbench_write_duration_seconds"] {
        assert_eq!(families[name]["type"], "histogram");
        let samples = families[name]["samples"].as_array().expect("samples");
        let buckets: Vec<f64> = samples
            .iter()
            .filter(|sample| sample[0] == format!("{name}_bucket"))
            .map(|sample| sample[2].as_f64().expect("a number"))
            .collect();
        assert!(buckets.is_sorted() && buckets.len() > 10, "{name}: {buckets:?}");
        let count = sample(&families, name, &format!("{name}_count"), None);
        assert_eq!(buckets.last(), Some(&count), "the last class has no bound");
        assert!(count >= 3.0 && sample(&families, name, &format!("{name}_sum"), None) > 0.0);
    }
    if cfg!(target_os = "linux") {
        assert!(
            sample(&families, "process_resident_memory_bytes", "process_resident_memory_bytes", None) > 0.0
        );
    }
    let more = server.post("/v1/events", &event).await;
    let path = format!("/v1/deliveries/{}", text(&more["deliveries"][0], "id"));
    server.until(&path, |delivery| delivery["status"] == "delivered").await;
    let later = scraped(&server).await;
    let attempts = |families| counter(families, "hookbench_attempts", delivered);
    assert!(attempts(&later) > attempts(&families));
    server.stop().await;

    // The setting outlives the program, the counts do not: Prometheus knows that as a reset.
    let server = Server::start(data.path()).await;
    let anew = scraped(&server).await;
    assert!(attempts(&anew) < 1.0);
    server.stop().await;
}
