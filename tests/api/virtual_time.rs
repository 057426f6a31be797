//! A demo's time is made: what takes a day happens in seconds, with real requests to a real receiver.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Server, text};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// A receiver that is in trouble: it reads what comes and answers 503, after a while.
struct Receiver {
    url: String,
    received: Arc<AtomicUsize>,
}

impl Receiver {
    async fn start(takes: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let received = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&received);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, takes, Arc::clone(&counter)));
            }
        });
        Self { url, received }
    }

    fn received(&self) -> usize {
        self.received.load(Ordering::SeqCst)
    }
}

/// Answers one request and closes.
async fn serve(mut stream: TcpStream, takes: Duration, received: Arc<AtomicUsize>) {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !is_whole(&request) {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => request.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    received.fetch_add(1, Ordering::SeqCst);
    tokio::time::sleep(takes).await;
    let answer = "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.write_all(answer.as_bytes()).await.ok();
}

/// Whether a request's head and as much body as it announces are there.
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    body.len() >= length.unwrap_or(0)
}

async fn endpoint(server: &Server, provider: &str, receiver: &Receiver, more: Value) -> String {
    let mut body = json!({"url": receiver.url, "provider": provider});
    if let (Some(body), Value::Object(more)) = (body.as_object_mut(), more) {
        body.extend(more);
    }
    let made = server.post("/v1/webhook-endpoints", &body).await;
    text(&made, "id").to_owned()
}

/// Sends an event to an endpoint alone; the delivery's id.
async fn send(server: &Server, provider: &str, kind: &str, endpoint: &str) -> String {
    let event = json!({"type": kind, "provider": provider, "endpoint_ids": [endpoint]});
    let sent = server.post("/v1/events", &event).await;
    text(&sent["deliveries"][0], "id").to_owned()
}

/// Jumps ahead, to the jump's end.
async fn advance(server: &Server, ms: i64) -> Value {
    server.post("/v1/clock", &json!({"advance_ms": ms})).await;
    server.until("/v1/clock", |clock| clock["jumping_to"].is_null()).await
}

fn ms(at: &str) -> i64 {
    chrono::DateTime::parse_from_rfc3339(at).expect("a time").timestamp_millis()
}

/// When each attempt of a delivery began, in milliseconds.
async fn begun(server: &Server, delivery: &str) -> Vec<i64> {
    let seen = server.get(&format!("/v1/deliveries/{delivery}")).await;
    let attempts = seen["attempts"].as_array().expect("attempts");
    attempts.iter().map(|attempt| ms(text(attempt, "started_at"))).collect()
}

#[tokio::test]
async fn pulsewave_gives_up_after_a_day_and_disables_the_endpoint_within_seconds() {
    let server = Server::start_demo().await;
    server.post("/v1/clock", &json!({"mode": "paused"})).await;
    let receiver = Receiver::start(Duration::ZERO).await;
    let endpoint = endpoint(&server, "pulsewave", &receiver, json!({"enabled_events": ["message.*"]})).await;
    let path = format!("/v1/webhook-endpoints/{endpoint}");

    let first = send(&server, "pulsewave", "message.sent", &endpoint).await;
    let before = advance(&server, 6 * HOUR).await;
    let second = send(&server, "pulsewave", "message.bounced", &endpoint).await;
    advance(&server, 15 * HOUR).await;

    // The first has had all its attempts, each when the plan says; the endpoint has failed for less than a day.
    let plan = [MINUTE, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 6 * HOUR, 6 * HOUR, 6 * HOUR];
    let times = begun(&server, &first).await;
    assert_eq!(times.len(), plan.len() + 1);
    let mut total = 0;
    for (pair, wait) in times.windows(2).zip(plan) {
        let waited = pair[1] - pair[0];
        total += waited;
        // The plan may spread a wait by a tenth.
        assert!((waited - wait).abs() <= wait / 10 + 10, "{waited} ms instead of {wait}: {times:?}");
    }
    assert!(total > 18 * HOUR, "{total}");
    assert_eq!(server.get(&format!("/v1/deliveries/{first}")).await["status"], "failed");
    assert_eq!(server.get(&path).await["status"], "enabled");

    // A day after it began to fail, the next attempt that fails disables it.
    let after = advance(&server, 12 * HOUR).await;
    assert!(ms(text(&after, "now")) - ms(text(&before, "now")) >= 27 * HOUR, "{before} {after}");
    let disabled = server.get(&path).await;
    assert_eq!(disabled["status"], "disabled", "{disabled}");
    assert!(disabled["disabled_reason"].is_string(), "{disabled}");
    let failing = ms(text(&disabled, "disabled_at")) - times[0];
    assert!((24 * HOUR..30 * HOUR).contains(&failing), "{failing} ms after the first failure");
    let sent = times.len() + begun(&server, &second).await.len();
    assert_eq!(receiver.received(), sent, "every attempt reached the receiver once");
}

#[tokio::test]
async fn sent_disables_an_endpoint_after_ten_events_that_failed_in_a_row() {
    let server = Server::start_demo().await;
    server.post("/v1/clock", &json!({"mode": "paused"})).await;
    let receiver = Receiver::start(Duration::ZERO).await;
    let endpoint = endpoint(&server, "sent", &receiver, json!({})).await;
    let path = format!("/v1/webhook-endpoints/{endpoint}");
    let provider = server.get("/v1/providers/sent").await;
    let kind = text(&provider["events"][0], "type").to_owned();

    for _ in 0..9 {
        send(&server, "sent", &kind, &endpoint).await;
    }
    advance(&server, HOUR).await;
    assert_eq!(server.get(&path).await["status"], "enabled", "nine are not ten");
    assert_eq!(receiver.received(), 9 * 4);

    send(&server, "sent", &kind, &endpoint).await;
    advance(&server, HOUR).await;
    let disabled = server.get(&path).await;
    assert_eq!(disabled["status"], "disabled", "{disabled}");
    assert!(text(&disabled, "disabled_reason").contains("10"), "{disabled}");
    assert_eq!(receiver.received(), 10 * 4);
}

/// The receiver takes a while, and meanwhile time is hastened, slowed, paused and moved: an attempt lasts as long as
/// it lasts, the next comes as long after it as the plan says, and none is made twice.
#[tokio::test]
async fn whatever_is_done_to_time_while_requests_are_under_way_attempts_keep_to_the_plan() {
    let server = Server::start_demo().await;
    let receiver = Receiver::start(Duration::from_millis(150)).await;
    let delays = [20_000_i64, 20_000, 20_000, 20_000, 20_000];
    let rules = json!({"retry": {"delays_ms": delays, "jitter": 0.0}});
    let endpoint = endpoint(&server, "pulsewave", &receiver, rules).await;
    let delivery = send(&server, "pulsewave", "message.sent", &endpoint).await;
    let path = format!("/v1/deliveries/{delivery}");

    let edits = [
        json!({"speed": 3600}),
        json!({"mode": "paused"}),
        json!({"mode": "running", "speed": 1}),
        json!({"speed": 60}),
        json!({"advance_ms": 5_000}),
    ];
    for edit in edits.iter().cycle() {
        let seen = server.get(&path).await;
        if seen["status"] == "failed" {
            break;
        }
        let answer = server.send(Method::POST, "/v1/clock", Some(edit)).await;
        assert!(answer.status.is_success(), "{}", answer.body);
        tokio::time::sleep(Duration::from_millis(37)).await;
    }

    let seen = server.get(&path).await;
    let attempts = seen["attempts"].as_array().expect("attempts");
    assert_eq!(attempts.len(), delays.len() + 1);
    assert_eq!(receiver.received(), attempts.len(), "no attempt twice");
    for (pair, delay) in attempts.windows(2).zip(delays) {
        let waited = ms(text(&pair[1], "started_at")) - ms(text(&pair[0], "started_at"));
        let lasted = pair[0]["duration_ms"].as_i64().expect("a duration");
        assert!(lasted >= 150, "{lasted}");
        // From its end on, which came no later than it really lasted: time may have stood meanwhile, or jumped by the
        // five seconds that were asked for.
        assert!((delay..=delay + lasted + 2_000).contains(&waited), "{waited}: {seen}");
    }
}
