//! What an inbox captures goes on to its targets as it came, over real sockets, and is lost by nothing.

use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::sync::{Arc, Mutex};

use reqwest::Method;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Server, folder, text};

/// The headers of a handler's answer, as they stand on the wire.
fn handled() -> Value {
    json!([["X-Handled", "yes"], ["x-a", "1"], ["X-Handled", "2"], ["Content-Length", "4"]])
}

/// A handler that keeps what it gets, to the byte, and answers 200.
struct Handler {
    address: String,
    got: Arc<Mutex<Vec<Vec<u8>>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Handler {
    async fn start() -> Self {
        Self::at("127.0.0.1:0").await
    }

    async fn at(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let got = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&got);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&kept)));
            }
        });
        Self { address, got, task }
    }

    fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    fn got(&self) -> Vec<Vec<u8>> {
        self.got.lock().expect("nobody panicked").clone()
    }

    /// Its port is closed from now on.
    async fn stop(self) -> String {
        self.task.abort();
        self.task.await.ok();
        self.address
    }
}

async fn serve(mut stream: TcpStream, kept: Arc<Mutex<Vec<Vec<u8>>>>) {
    let mut read = Vec::new();
    loop {
        while let Some(length) = whole(&read) {
            let request = read.drain(..length).collect();
            kept.lock().expect("nobody panicked").push(request);
            let answer = b"HTTP/1.1 200 OK\r\nX-Handled: yes\r\nx-a: 1\r\nX-Handled: 2\r\nContent-Length: 4\r\n\r\ndone";
            if stream.write_all(answer).await.is_err() {
                return;
            }
        }
        match stream.read_buf(&mut read).await {
            Ok(more) if more > 0 => {}
            _ => return,
        }
    }
}

/// How long the request is that begins here, if all of it is here.
fn whole(read: &[u8]) -> Option<usize> {
    let head = read.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&read[..head]).to_ascii_lowercase();
    let length = text.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
    let end = head + length.unwrap_or(0);
    (read.len() >= end).then_some(end)
}

/// Sends bytes to the receiver on a connection of their own; the head of the answer, where one came.
async fn send(server: &Server, bytes: &[u8]) -> Option<String> {
    let address = server.capture.strip_prefix("http://").expect("it is in clear");
    let mut stream = TcpStream::connect(address).await.ok()?;
    stream.write_all(bytes).await.ok()?;
    let mut answer = Vec::new();
    while !answer.windows(4).any(|four| four == b"\r\n\r\n") {
        if stream.read_buf(&mut answer).await.ok()? == 0 {
            return None;
        }
    }
    Some(String::from_utf8_lossy(&answer).into_owned())
}

fn hashed(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// Has an inbox pass on to these targets.
async fn relaying(server: &Server, inbox: &Value, relay: Value) -> Value {
    server.patch(&format!("/v1/inboxes/{}", text(inbox, "id")), &json!({"relay": relay})).await
}

/// The relays of the newest request of an inbox, once they are as wanted.
async fn relays(server: &Server, inbox: &Value, wanted: impl Fn(&[Value]) -> bool) -> (String, Vec<Value>) {
    let path = format!("/v1/requests?inbox_id={}", text(inbox, "id"));
    let page = server.until(&path, |page| page["data"].as_array().is_some_and(|rows| !rows.is_empty())).await;
    let id = text(&page["data"][0], "id").to_owned();
    let path = format!("/v1/requests/{id}/relays");
    let found = server.until(&path, |page| wanted(page["data"].as_array().expect("a list"))).await;
    (id, found["data"].as_array().expect("a list").clone())
}

fn all_are(status: &str) -> impl Fn(&[Value]) -> bool {
    move |relays| !relays.is_empty() && relays.iter().all(|relay| relay["status"] == status)
}

#[tokio::test]
async fn a_hundred_requests_have_the_same_hashes_at_both_ends() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let handler = Handler::start().await;
    let inbox = server.inbox("Front", None, None).await;
    let target = json!({"url": handler.url("/hook"), "host": "sender"});
    relaying(&server, &inbox, json!({"targets": [target]})).await;
    let slug = text(&inbox, "slug");
    let mut sent = Vec::new();
    for at in 0..100_usize {
        let body: Vec<u8> =
            (0..at * 37).map(|byte| u8::try_from((byte * 31 + at) % 256).unwrap_or_default()).collect();
        let (method, accept) = (["POST", "PUT", "patch", "DELETE"][at % 4], ["Accept: */*\r\n", ""][at % 2]);
        let rest = format!(
            "/a/{at}?n={at}&x=%20 HTTP/1.1\r\nhOsT: used-{at}.example:81\r\nX-SIG: t={at},v1=abc\r\nx-multi: 1\r\n{accept}\
             CONTENT-length: {}\r\nX-Multi: 2\r\nx-blank:\r\nX-Latin: caf\u{e9}\r\n",
            body.len()
        );
        let rest = [rest.as_bytes(), b"\r\n", &body].concat();
        let begins = |path: &str| [method.as_bytes(), b" ", path.as_bytes()].concat();
        let arrives = [begins("/hook"), rest.clone()].concat();
        // What has no value is written with a space before it, as every header is.
        let arrives = replaced(&arrives, b"x-blank:\r\n", b"x-blank: \r\n");
        sent.push(hashed(&arrives));
        let bytes = [begins(&format!("/{slug}")), rest].concat();
        assert!(send(&server, &bytes).await.is_some_and(|answer| answer.starts_with("HTTP/1.1 200")));
    }
    let count = "/v1/deliveries/count?status=delivered";
    server.until(count, |found| found["count"] == 100).await;
    let mut got: Vec<u64> = handler.got().iter().map(|bytes| hashed(bytes)).collect();
    if got.len() == 100 && got.iter().any(|hash| !sent.contains(hash)) {
        let odd = handler.got().into_iter().find(|bytes| !sent.contains(&hashed(bytes))).expect("one");
        panic!("this was not sent: {}", String::from_utf8_lossy(&odd));
    }
    got.sort_unstable();
    sent.sort_unstable();
    assert_eq!(got, sent);
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = bytes.windows(from.len()).position(|window| window == from).expect("it is there");
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

#[tokio::test]
async fn each_target_gets_its_types_and_what_it_answers_is_logged_beside_the_capture() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = server.inbox("Front", Some("generic"), None).await;
    let (all, messages, invoices) = (Handler::start().await, Handler::start().await, Handler::start().await);
    let targets = json!([
        {"name": "all", "url": all.url("/")},
        {"name": "messages", "url": messages.url("/m"), "event_types": ["message.*"]},
        {"name": "invoices", "url": invoices.url("/i"), "event_types": ["invoice.paid"]},
        {"name": "none", "url": invoices.url("/no"), "enabled": false}
    ]);
    let edited = relaying(&server, &inbox, json!({"targets": targets})).await;
    assert_eq!(edited["relay"]["reply"], "inbox");
    let ids: Vec<&str> = (0..4).map(|at| text(&edited["relay"]["targets"][at], "id")).collect();

    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    for kind in ["message.sent", "invoice.paid", "invoice.sent"] {
        let body = json!({"type": kind, "data": {}}).to_string();
        let sent = client.post(text(&inbox, "url")).header("content-type", "application/json").body(body);
        assert_eq!(sent.send().await.expect("an answer").status(), 200);
        relays(&server, &inbox, all_are("delivered")).await;
    }
    assert_eq!((all.got().len(), messages.got().len(), invoices.got().len()), (3, 1, 1));

    let page = server.get(&format!("/v1/requests?inbox_id={}", text(&inbox, "id"))).await;
    let first = text(&page["data"][2], "id");
    let found = server.get(&format!("/v1/requests/{first}/relays")).await;
    let found = found["data"].as_array().expect("a list");
    assert_eq!(found.iter().map(|relay| text(relay, "target_id")).collect::<Vec<_>>(), ids[..2]);
    let relay = &found[1];
    assert_eq!(
        (&relay["number"], &relay["way"], &relay["name"]),
        (&json!(2), &json!("queued"), &json!("messages"))
    );
    assert_eq!((&relay["response"]["status"], &relay["response"]["body_size"]), (&json!(200), &json!(4)));
    assert_eq!(server.raw(&format!("/v1/requests/{first}/relays/2/response")).await, b"done");
    let delivery = server.get(&format!("/v1/deliveries/{}", text(relay, "delivery_id"))).await;
    assert_eq!(
        (&delivery["attempts"][0]["trigger"], &delivery["repeats_request_id"]),
        (&json!("relay"), &json!(first))
    );
    assert_eq!(delivery["max_attempts"], 101);
    let attempt = format!("/v1/deliveries/{}/attempts/1", text(relay, "delivery_id"));
    assert_eq!(server.get(&attempt).await["response"]["headers"], handled());
    assert_eq!(relay["response"]["headers"], handled());

    // An edit that names them keeps them; what is left out is gone.
    let kept = json!([{"id": ids[1], "url": messages.url("/m2")}]);
    let edited = relaying(&server, &inbox, json!({"reply": ids[1], "targets": kept})).await;
    assert_eq!(
        (text(&edited["relay"], "reply"), text(&edited["relay"]["targets"][0], "id")),
        (ids[1], ids[1])
    );
    let none = relaying(&server, &inbox, Value::Null).await;
    assert_eq!(none["relay"], Value::Null);
    let gone = server.send(Method::DELETE, &format!("/v1/requests/{first}"), None).await;
    assert_eq!(gone.status, 204);
    let nothing = server.send(Method::GET, &format!("/v1/requests/{first}/relays"), None).await;
    assert_eq!(nothing.status, 404);
}

#[tokio::test]
async fn targets_to_which_it_goes_alike_share_one_event_and_its_payload() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = server.inbox("Front", None, None).await;
    let handlers = [Handler::start().await, Handler::start().await, Handler::start().await];
    let endpoint = json!({"url": handlers[2].url("/e"), "provider": "generic"});
    let endpoint = server.post("/v1/webhook-endpoints", &endpoint).await;
    let targets = json!([
        {"url": handlers[0].url("/a")},
        {"url": handlers[1].url("/b"), "host": "sender"},
        {"url": handlers[1].url("/c")},
        {"endpoint_id": endpoint["id"]}
    ]);
    relaying(&server, &inbox, json!({"targets": targets})).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    for body in ["first", "second"] {
        client.post(text(&inbox, "url")).body(body).send().await.expect("an answer");
        let (_, found) = relays(&server, &inbox, all_are("delivered")).await;
        let mut carried_by = Vec::new();
        for relay in &found {
            let delivery = server.get(&format!("/v1/deliveries/{}", text(relay, "delivery_id"))).await;
            carried_by.push(text(&delivery, "event_id").to_owned());
        }
        assert_eq!([&carried_by[2], &carried_by[3]], [&carried_by[0]; 2], "these are told the same");
        assert_ne!(carried_by[1], carried_by[0], "this one is told another host");
        let payload = server.raw(&format!("/v1/events/{}/payload", carried_by[0])).await;
        assert_eq!(payload, body.as_bytes());
    }
    assert_eq!(server.rows("/v1/events").await.len(), 4);
    let got: Vec<usize> = handlers.iter().map(|handler| handler.got().len()).collect();
    assert_eq!(got, [2, 4, 2]);
    for got in handlers.iter().flat_map(Handler::got) {
        assert!(got.ends_with(b"first") || got.ends_with(b"second"));
    }
}

#[tokio::test]
async fn a_chosen_target_answers_while_the_others_get_it_behind() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = server.inbox("Front", None, None).await;
    let (chosen, other) = (Handler::start().await, Handler::start().await);
    let targets =
        json!([{"name": "chosen", "url": chosen.url("/")}, {"name": "other", "url": other.url("/")}]);
    relaying(&server, &inbox, json!({"reply": "chosen", "targets": targets})).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let send = async || client.post(text(&inbox, "url")).body("x").send().await.expect("an answer");
    let answer = send().await;
    assert_eq!(answer.headers()["x-handled"], "yes");
    assert_eq!(answer.text().await.expect("a body"), "done");
    let (id, found) = relays(&server, &inbox, all_are("delivered")).await;
    assert_eq!((&found[0]["way"], &found[0]["delivery_id"]), (&json!("inline"), &Value::Null));
    assert_eq!(found[1]["way"], "queued");
    assert!(found.iter().all(|relay| relay["response"]["headers"] == handled()), "{found:?}");
    assert_eq!((chosen.got().len(), other.got().len()), (1, 1));
    assert_eq!(server.raw(&format!("/v1/requests/{id}/relays/1/response")).await, b"done");
    let request = server.get(&format!("/v1/requests/{id}")).await;
    assert_eq!(request["response"]["status"], 200);

    // A rule that takes the request answers in the place of the target, which is not asked then.
    let rule = json!({"rules": [{"then": {"statuses": [418]}}]});
    server.patch(&format!("/v1/inboxes/{}", text(&inbox, "id")), &rule).await;
    assert_eq!(send().await.status(), 418);
    let (_, found) = relays(&server, &inbox, all_are("delivered")).await;
    assert_eq!(found.len(), 1);
    assert_eq!((chosen.got().len(), other.got().len()), (1, 2));
}

/// Lets so much of the demo's time go by, and waits for the end of it.
async fn advance(server: &Server, ms: i64) {
    server.post("/v1/clock", &json!({"advance_ms": ms})).await;
    server.until("/v1/clock", |clock| clock["jumping_to"].is_null()).await;
}

#[tokio::test]
async fn a_target_that_was_down_gets_it_once_it_is_up() {
    let server = Server::start_demo().await;
    server.post("/v1/clock", &json!({"mode": "paused"})).await;
    let inbox = server.inbox("Front of all", None, None).await;
    let address = Handler::start().await.stop().await;
    let url = format!("http://{address}/");
    relaying(&server, &inbox, json!({"targets": [{"url": url}]})).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    assert_eq!(client.post(text(&inbox, "url")).body("late").send().await.expect("an answer").status(), 200);
    let (_, found) = relays(&server, &inbox, all_are("retrying")).await;
    assert!(text(&found[0], "error").contains("refused"), "{found:?}");
    // An hour later it is still down, and forty minutes after it is up it has what waited.
    advance(&server, 3_600_000).await;
    relays(&server, &inbox, all_are("retrying")).await;
    let handler = Handler::at(&address).await;
    advance(&server, 2_400_000).await;
    let (_, found) = relays(&server, &inbox, all_are("delivered")).await;
    assert!(handler.got()[0].ends_with(b"late"));
    let attempts = server.get(&format!("/v1/deliveries/{}", text(&found[0], "delivery_id"))).await;
    let attempts = attempts["attempts"].as_array().expect("a list");
    let outcomes: Vec<&str> = attempts.iter().map(|attempt| text(attempt, "outcome")).collect();
    let (last, before) = outcomes.split_last().expect("it was tried");
    assert!(
        *last == "delivered" && before.iter().all(|outcome| *outcome == "connection_refused"),
        "{outcomes:?}"
    );
    assert!(attempts.iter().all(|attempt| attempt["trigger"] == "relay"));
}

#[tokio::test]
async fn what_was_answered_is_passed_on_after_a_kill() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let inbox = server.inbox("Front", None, None).await;
    let address = Handler::start().await.stop().await;
    relaying(&server, &inbox, json!({"targets": [{"url": format!("http://{address}/")}]})).await;
    let slug = text(&inbox, "slug").to_owned();
    let answered = Mutex::new(Vec::new());
    let all = futures::future::join_all((0..60).map(|at| {
        let (server, slug, answered) = (&server, &slug, &answered);
        async move {
            let body = format!("number {at};");
            let head = format!("POST /{slug} HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", body.len());
            if send(server, [head, body.clone()].concat().as_bytes()).await.is_some() {
                let so_far = {
                    let mut answered = answered.lock().expect("nobody panicked");
                    answered.push(body);
                    answered.len()
                };
                if so_far == 30 {
                    server.kill_now().await;
                }
            }
        }
    }));
    all.await;
    server.kill().await;
    let answered = answered.into_inner().expect("nobody panicked");
    assert!(answered.len() >= 30);

    let handler = Handler::at(&address).await;
    let server = Server::start(data.path()).await;
    let captured = server.rows("/v1/requests").await.len();
    server.until("/v1/deliveries/count?status=delivered", |found| found["count"] == captured).await;
    let mut times: HashMap<Vec<u8>, usize> = HashMap::new();
    for got in handler.got() {
        *times.entry(got).or_default() += 1;
    }
    for body in &answered {
        assert!(times.keys().any(|got| got.ends_with(body.as_bytes())), "{body} was answered and is lost");
    }
    assert!(times.values().all(|times| *times == 1), "none is passed on twice");
}

#[tokio::test]
async fn circles_are_refused_and_those_that_come_about_end() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let (one, two) = (server.inbox("One", None, None).await, server.inbox("Two", None, None).await);
    let refused = async |inbox: &Value, relay: Value| {
        let path = format!("/v1/inboxes/{}", text(inbox, "id"));
        let answer = server.send(Method::PATCH, &path, Some(&json!({"relay": relay}))).await;
        assert_eq!(answer.status, 422, "{}", answer.body);
        text(&answer.body["errors"][0], "field").to_owned()
    };
    let to = |inbox: &Value| json!({"targets": [{"url": "http://127.0.0.1:9/"}, {"url": format!("{}/x", text(inbox, "url"))}]});
    assert_eq!(refused(&one, to(&one)).await, "relay.targets[1].url");
    relaying(&server, &one, to(&two)).await;
    assert_eq!(refused(&two, to(&one)).await, "relay.targets[1].url");
    let bad = [
        (json!({"targets": [{}]}), "relay.targets[0].url"),
        (json!({"targets": [{"url": "ftp://h/"}]}), "relay.targets[0].url"),
        (json!({"targets": [{"endpoint_id": "ep_1"}]}), "relay.targets[0].endpoint_id"),
        (
            json!({"targets": [{"url": "http://h/", "event_types": ["a b"]}]}),
            "relay.targets[0].event_types[0]",
        ),
        (json!({"targets": [{"url": "http://h/", "id": "x"}]}), "relay.targets[0].id"),
        (json!({"reply": "nobody", "targets": [{"url": "http://h/"}]}), "relay.reply"),
        (json!({"targets": vec![json!({"url": "http://h/"}); 17]}), "relay.targets"),
    ];
    for (relay, field) in bad {
        assert_eq!(refused(&two, relay).await, field);
    }

    // An endpoint that is pointed at the inbox afterwards closes a circle that nobody was asked about.
    let endpoint = json!({"url": "http://127.0.0.1:9/", "provider": "generic"});
    let endpoint = server.post("/v1/webhook-endpoints", &endpoint).await;
    let inbox = server.inbox("Three", None, None).await;
    relaying(&server, &inbox, json!({"targets": [{"endpoint_id": endpoint["id"]}]})).await;
    let path = format!("/v1/webhook-endpoints/{}", text(&endpoint, "id"));
    server.patch(&path, &json!({"url": inbox["url"]})).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    client.post(text(&inbox, "url")).body("round").send().await.expect("an answer");
    server.until("/v1/deliveries/count?status=delivered", |found| found["count"] == 1).await;
    let rows = server.rows(&format!("/v1/requests?inbox_id={}", text(&inbox, "id"))).await;
    assert_eq!(rows.len(), 2, "it came once, and once by the relay");
    let relayed = server.get(&format!("/v1/requests/{}/relays", text(&rows[0], "id"))).await;
    assert_eq!(relayed["data"], json!([]), "and went no further");
}

#[tokio::test]
async fn an_endpoint_that_is_disabled_keeps_what_is_passed_on_and_one_that_is_deleted_says_so() {
    let data = folder();
    let server = Server::start(data.path()).await;
    let handler = Handler::start().await;
    let inbox = server.inbox("Front", None, None).await;
    let endpoint = json!({"url": handler.url("/"), "provider": "generic"});
    let endpoint = server.post("/v1/webhook-endpoints", &endpoint).await;
    let path = format!("/v1/webhook-endpoints/{}", text(&endpoint, "id"));
    relaying(&server, &inbox, json!({"targets": [{"endpoint_id": endpoint["id"]}]})).await;
    let client = reqwest::Client::builder().no_proxy().build().expect("a client");
    let send = async || client.post(text(&inbox, "url")).body("x").send().await.expect("an answer");
    server.patch(&path, &json!({"status": "disabled"})).await;
    send().await;
    relays(&server, &inbox, all_are("paused")).await;
    server.patch(&path, &json!({"status": "enabled"})).await;
    relays(&server, &inbox, all_are("delivered")).await;
    let got = String::from_utf8(handler.got().pop().expect("one")).expect("UTF-8");
    assert!(
        !got.to_ascii_lowercase().contains("webhook-signature"),
        "as it came, and not signed anew: {got}"
    );

    assert_eq!(server.send(Method::DELETE, &path, None).await.status, 204);
    send().await;
    let (_, found) = relays(&server, &inbox, all_are("failed")).await;
    assert!(text(&found[0], "error").contains("deleted"), "{found:?}");
    assert_eq!(found[0]["url"], "");
}
