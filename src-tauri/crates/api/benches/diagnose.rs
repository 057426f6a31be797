//! How long a signature that nothing explains takes to diagnose, and what others notice of it, over the API.
//!
//! `cargo bench --bench diagnose`. Prints one JSON object a line. A diagnosis is set beside one check of the same
//! message in the same run, which says how often its body was gone through; the health is asked for all the while
//! and its longest answer told.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has failed")]
#![expect(clippy::print_stdout, reason = "printing its results is what a benchmark is for")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use data_encoding::BASE64;
use hookbench_api::{Door, router};
use hookbench_workbench::{Options, Workbench};
use serde_json::{Value, json};
use tokio::net::TcpListener;

const ROUNDS: usize = 3;
const SECRET: &str = "s3cret-of-the-message";
/// Secrets of other endpoints, each of which may be the one.
const OTHERS: usize = 150;

/// What is measured: its name, the body's size, how many at once, and how long one may take, in milliseconds.
const MEASURES: [(&str, usize, usize, Option<f64>); 4] = [
    ("diagnosis, 1 KiB", 1 << 10, 1, None),
    ("diagnosis, 1 MiB", 1 << 20, 1, Some(1_000.0)),
    ("diagnosis, 32 MiB", 32 << 20, 1, None),
    ("diagnosis, 32 MiB, three at once", 32 << 20, 3, None),
];

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    runtime.block_on(async {
        let product = Product::open(folder.path()).await;
        for others in [0, OTHERS] {
            product.endpoints(others).await;
            for (path, size, at_once, goal) in MEASURES {
                product.measure(path, size, at_once, others, goal).await;
            }
        }
        product.workbench.shutdown().await;
    });
}

struct Product {
    workbench: Workbench,
    address: SocketAddr,
    client: reqwest::Client,
}

impl Product {
    async fn open(folder: &std::path::Path) -> Self {
        let workbench = Workbench::open(Options {
            data_dir: Some(folder.to_owned()),
            capture: SocketAddr::from(([127, 0, 0, 1], 0)),
            ..Options::default()
        })
        .await
        .unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let router = router(workbench.clone(), Door::InProcess);
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { workbench, address, client: reqwest::Client::builder().no_proxy().build().unwrap() }
    }

    async fn endpoints(&self, count: usize) {
        for at in 0..count {
            let provider = ["generic", "stripe", "github"][at % 3];
            let endpoint = json!({"url": format!("http://127.0.0.1:9/{at}"), "provider": provider});
            let (made, _) = self.call("/v1/webhook-endpoints", &text(&endpoint)).await;
            assert!(made["id"].is_string(), "{made}");
        }
    }

    /// What is answered, and how long that took.
    async fn call(&self, path: &str, body: &Bytes) -> (Value, Duration) {
        let url = format!("http://{}{path}", self.address);
        let call = self.client.post(url).header("content-type", "application/json").body(body.clone());
        let began = Instant::now();
        let answer = call.send().await.unwrap().bytes().await.unwrap();
        let took = began.elapsed();
        (serde_json::from_slice(&answer).unwrap(), took)
    }

    async fn measure(&self, path: &str, size: usize, at_once: usize, others: usize, goal: Option<f64>) {
        let body = body(size);
        let mut message = json!({"scheme": "github", "secret": SECRET, "method": "POST", "url": "",
            "body_base64": BASE64.encode(body.as_bytes())});
        let (signed, _) = self.call("/v1/signatures/sign", &text(&message)).await;
        message["headers"] = signed["headers"].clone();
        let mut hopeless = message.clone();
        hopeless["secret"] = "another".into();
        // Written before anything is measured: client and product share their threads.
        let (message, hopeless) = (text(&message), text(&hopeless));
        let (mut checks, mut diagnoses, mut waits, mut said) = (vec![], vec![], vec![], Value::Null);
        for _ in 0..ROUNDS {
            let (checked, took) = self.call("/v1/signatures/verify", &message).await;
            assert_eq!(checked["status"], "valid");
            checks.push(ms(took));
            let health = Health::ask_all_the_while(self.address);
            let calls = (0..at_once).map(|_| self.call("/v1/signatures/verify", &hopeless));
            let took = futures::future::join_all(calls).await;
            waits.push(ms(health.longest()));
            for (verdict, took) in took {
                assert_eq!(verdict["causes"][0]["code"], "unexplained", "{verdict}");
                diagnoses.push(ms(took));
                said = verdict;
            }
        }
        let (check, diagnosis) = (middle(checks), middle(diagnoses));
        let line = json!({
            "path": path,
            "other_secrets": others,
            "check_ms": check,
            "product_ms": diagnosis,
            "ratio": (diagnosis / check).round(),
            "tried": said["tried"],
            "exhausted": said["exhausted"],
            "health_longest_ms": waits.into_iter().fold(0.0, f64::max),
            "goal_ms": goal,
            "goal_is": "at_most",
        });
        println!("{line}");
    }
}

fn text(value: &Value) -> Bytes {
    value.to_string().into()
}

/// A JSON document of that size with many members, as a large event has.
fn body(size: usize) -> String {
    let mut text = String::from("{\"type\":\"invoice.paid\",\"lines\":[");
    let line = r#"{"id":"li_1QAbCdEfGhIjKl","amount":1250,"text":"Grüße, a line like another"},"#;
    while text.len() + line.len() + 2 < size {
        text.push_str(line);
    }
    text.pop();
    text.push_str("]}");
    text
}

/// Asks for the health over and over, on a thread of its own, as somebody else would.
struct Health {
    stop: Arc<AtomicBool>,
    thread: std::thread::JoinHandle<Duration>,
}

impl Health {
    fn ask_all_the_while(address: SocketAddr) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let thread = std::thread::spawn({
            let stop = Arc::clone(&stop);
            move || {
                let mut stream = TcpStream::connect(address).unwrap();
                let (mut longest, mut answer) = (Duration::ZERO, [0; 4096]);
                while !stop.load(Ordering::SeqCst) {
                    let began = Instant::now();
                    stream.write_all(b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
                    assert!(stream.read(&mut answer).unwrap() > 0);
                    longest = longest.max(began.elapsed());
                    #[expect(clippy::disallowed_methods, reason = "others ask by the machine's time")]
                    std::thread::sleep(Duration::from_millis(2));
                }
                longest
            }
        });
        Self { stop, thread }
    }

    fn longest(self) -> Duration {
        self.stop.store(true, Ordering::SeqCst);
        self.thread.join().unwrap()
    }
}

fn ms(took: Duration) -> f64 {
    (took.as_secs_f64() * 10_000.0).round() / 10.0
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
