//! What was captured, signed afresh: a new time, a new signature, a new id, by the secret that is known where it goes;
//! refused where none is.

use hookbench_model::Clock as _;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::bench::{Bench, text};
use crate::veiled::captured;

const SECRET: &str = "whsec_a2V5LW9mLXRoZS1zZW5kZXItMTIzNDU2Nzg=";

/// The first value of a header.
fn header<'a>(request: &'a Value, name: &str) -> Option<&'a str> {
    crate::veiled::header(&request["headers"], name)
}

/// Two inboxes that verify alike, and a request that came to the first, signed at that time.
struct House {
    bench: Bench,
    receiver: Value,
    request: Value,
    received: usize,
}

impl House {
    async fn open(verifies_by: Value, body: &str, others: &[(&str, &str)]) -> Self {
        let bench = Bench::open().await;
        let inbox = |slug: &str| {
            let mut inbox = verifies_by.clone();
            (inbox["slug"], inbox["secret"]) = (slug.into(), SECRET.into());
            inbox
        };
        let first = bench.post("/v1/inboxes", &inbox("first")).await.expect(201);
        let receiver = bench.post("/v1/inboxes", &inbox("receiver")).await.expect(201);
        let scheme = verifies_by["scheme"].as_str().unwrap_or("standardwebhooks");
        arrives(&bench, &first, scheme, body, others).await;
        let request = captured(&bench, &first, 1).await["data"][0].clone();
        assert_eq!(request["verification"]["status"], "valid", "{request}");
        // A signature of then is too old by now.
        bench.clock.advance(std::time::Duration::from_hours(1));
        Self { bench, receiver, request, received: 0 }
    }

    /// What the receiver got, once it came.
    async fn arrived(&mut self) -> Value {
        self.received += 1;
        let page = captured(&self.bench, &self.receiver, self.received).await;
        let id = text(&page["data"][0]["id"]).to_owned();
        self.bench.get(&format!("/v1/requests/{id}")).await.expect(200)
    }

    /// The request that came, with its headers.
    async fn came(&self) -> Value {
        self.bench.get(&format!("/v1/requests/{}", text(&self.request["id"]))).await.expect(200)
    }

    async fn sends_on(&mut self, how: Value) -> Value {
        let path = format!("/v1/requests/{}/send", text(&self.request["id"]));
        self.bench.post(&path, &how).await.expect(202);
        self.arrived().await
    }

    async fn replays(&mut self, how: Value) -> Value {
        self.bench.post("/v1/replays", &how).await.expect(202);
        self.arrived().await
    }
}

/// Sends a request to an inbox, signed with the secret at this time.
async fn arrives(bench: &Bench, inbox: &Value, scheme: &str, body: &str, others: &[(&str, &str)]) {
    let message = json!({
        "scheme": scheme, "secret": SECRET, "method": "POST", "url": inbox["url"], "id": "msg_then",
        "timestamp": bench.clock.now().unix_seconds(),
        "body_base64": data_encoding::BASE64.encode(body.as_bytes()),
    });
    let signed = bench.post("/v1/signatures/sign", &message).await.expect(200);
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let mut call = client.post(text(&inbox["url"])).header("content-type", "application/json");
    for pair in signed["headers"].as_array().unwrap() {
        call = call.header(text(&pair[0]), text(&pair[1]));
    }
    for (name, value) in others {
        call = call.header(*name, *value);
    }
    assert_eq!(call.body(body.to_owned()).send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn to_a_url_it_is_signed_by_its_inbox_with_a_new_time_and_id() {
    let body = "{\"type\":\"user.created\",\"data\":{\"id\":1}}";
    let mut house = House::open(json!({"provider": "generic"}), body, &[("x-team", "blue")]).await;
    let url = house.receiver["url"].clone();
    let exact = house.sends_on(json!({"url": url})).await;
    assert_eq!(
        (header(&exact, "webhook-id"), text(&exact["verification"]["status"])),
        (Some("msg_then"), "invalid")
    );

    let how = json!({"ids": [house.request["id"]], "target_url": url, "reason": "as one that is sent on"});
    assert_eq!(header(&house.replays(how).await, "webhook-id"), Some("msg_then"));

    let (request, inbox) = (house.request["id"].clone(), house.request["inbox_id"].clone());
    let mut ids = vec!["msg_then".to_owned()];
    for at in 0..4 {
        let came = match at {
            0 => house.sends_on(json!({"url": url, "resign": "fresh"})).await,
            1 => {
                house
                    .replays(json!({"ids": [request], "target_url": url, "resign": "fresh", "reason": "x"}))
                    .await
            }
            2 => {
                let filter = json!({"inbox_id": inbox});
                let how =
                    json!({"request_filter": filter, "target_url": url, "resign": "fresh", "reason": "x"});
                house.replays(how).await
            }
            // Headers that somebody edited: what they left as it came is of then all the same.
            _ => {
                let mut headers = house.came().await["headers"].clone();
                let headers_of_it = headers.as_array_mut().unwrap();
                // These are made for every message.
                let is_made = |pair: &Value| ["host", "content-length"].contains(&text(&pair[0]));
                headers_of_it.retain(|pair| !is_made(pair));
                headers_of_it.push(json!(["x-more", "1"]));
                house.sends_on(json!({"url": url, "resign": "fresh", "headers": headers})).await
            }
        };
        assert_eq!(came["verification"]["status"], "valid", "{at}: {came}");
        assert_eq!(header(&came, "x-team"), Some("blue"), "{at}: {came}");
        let id = header(&came, "webhook-id").unwrap().to_owned();
        assert!(id.starts_with("msg_") && !ids.contains(&id), "{at}: {id} of {ids:?}");
        assert_eq!(came["provider_event_id"], id);
        ids.push(id);
    }
    house.bench.close().await;
}

#[tokio::test]
async fn an_inbox_with_a_scheme_alone_signs_by_that() {
    let body = "{\"id\":\"evt_9\",\"type\":\"charge.succeeded\"}";
    let mut house = House::open(json!({"scheme": "stripe"}), body, &[]).await;
    let url = house.receiver["url"].clone();
    let then = header(&house.came().await, "stripe-signature").unwrap().to_owned();
    let came = house.sends_on(json!({"url": url, "resign": "fresh"})).await;
    assert_eq!(came["verification"]["status"], "valid", "{came}");
    assert_ne!(header(&came, "stripe-signature"), Some(then.as_str()));
    house.bench.close().await;
}

#[tokio::test]
async fn what_went_exactly_is_repeated_afresh_too_and_a_retry_is_signed_at_its_time() {
    let mut house = House::open(json!({"provider": "generic"}), "{\"type\":\"user.created\"}", &[]).await;
    let url = house.receiver["url"].clone();
    house.sends_on(json!({"url": url, "resign": "exact"})).await;
    let sent = house.bench.get("/v1/deliveries").await.expect(200)["data"][0]["id"].clone();
    let how = json!({"ids": [sent], "resign": "fresh", "reason": "again"});
    let came = house.replays(how).await;
    assert_eq!(came["verification"]["status"], "valid", "{came}");
    assert_ne!(header(&came, "webhook-id"), Some("msg_then"));

    let newest = house.bench.get("/v1/deliveries").await.expect(200)["data"][0]["id"].clone();
    house.bench.ended(text(&newest)).await;
    house.bench.clock.advance(std::time::Duration::from_hours(1));
    house.bench.post(&format!("/v1/deliveries/{}/retry", text(&newest)), &json!({})).await.expect(202);
    let again = house.arrived().await;
    assert_eq!(again["verification"]["status"], "valid", "{again}");
    assert_eq!(header(&again, "webhook-id"), header(&came, "webhook-id"), "a retry is the same event");
    house.bench.close().await;
}

#[tokio::test]
async fn to_an_endpoint_it_has_a_new_id_wherever_its_provider_puts_it() {
    let body = "{ \"id\": \"evt_9\",\"object\":\"event\",\t\"type\":\"charge.succeeded\"}\n";
    let mut house = House::open(json!({"provider": "stripe", "scheme": "stripe"}), body, &[]).await;
    let endpoint = json!({"url": house.receiver["url"], "provider": "stripe", "secret": SECRET});
    let endpoint = house.bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
    let how = json!({"ids": [house.request["id"]], "endpoint_id": endpoint["id"], "resign": "fresh", "reason": "x"});
    let sent = house.sends_on(json!({"endpoint_id": endpoint["id"]})).await;
    let replayed = house.replays(how).await;
    let mut seen = vec!["evt_9".to_owned()];
    for came in [sent, replayed] {
        assert_eq!(came["verification"]["status"], "valid", "{came}");
        let id = text(&came["provider_event_id"]).to_owned();
        assert!(id.starts_with("evt_1") && !seen.contains(&id), "{id}");
        let path = format!("/v1/requests/{}/body", text(&came["id"]));
        assert_eq!(house.bench.get(&path).await.body, body.replace("evt_9", &id));
        seen.push(id);
    }
    // Who writes the body writes its id.
    let written = data_encoding::BASE64.encode(b"{\"id\":\"evt_mine\",\"type\":\"charge.succeeded\"}");
    let came = house.sends_on(json!({"endpoint_id": endpoint["id"], "body_base64": written})).await;
    assert_eq!(
        (&came["provider_event_id"], &came["verification"]["status"]),
        (&json!("evt_mine"), &json!("valid"))
    );
    house.bench.close().await;
}

#[tokio::test]
async fn a_signature_that_came_does_not_go_along_to_an_endpoint_of_another_scheme() {
    let body = "{\"id\":\"evt_9\",\"type\":\"charge.succeeded\"}";
    let mut house = House::open(json!({"scheme": "stripe"}), body, &[]).await;
    let endpoint = json!({"url": house.receiver["url"], "provider": "generic"});
    let endpoint = house.bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201);
    let came = house.sends_on(json!({"endpoint_id": endpoint["id"], "resign": "fresh"})).await;
    assert_eq!(header(&came, "stripe-signature"), None, "{came}");
    assert!(header(&came, "webhook-signature").is_some(), "{came}");
    house.bench.close().await;
}

#[tokio::test]
async fn where_no_secret_is_known_it_is_refused_and_nothing_is_sent() {
    let bench = Bench::open().await;
    let target = bench.post("/v1/inboxes", &json!({"slug": "target"})).await.expect(201);
    for (slug, inbox, why) in [
        ("bare", json!({}), "neither a scheme nor a provider"),
        ("unkeyed", json!({"provider": "stripe"}), "no secret to sign with"),
    ] {
        let mut inbox = inbox;
        inbox["slug"] = slug.into();
        let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
        arrives(&bench, &inbox, "stripe", "{\"id\":\"evt_1\"}", &[]).await;
        let request = captured(&bench, &inbox, 1).await["data"][0]["id"].clone();
        let to = json!({"url": target["url"], "resign": "fresh"});
        let by_filter = json!({"request_filter": {"inbox_id": inbox["id"]}});
        let by_method = json!({"request_filter": {"method": "POST"}});
        let mut asked = vec![(format!("/v1/requests/{}/send", text(&request)), to)];
        for mut how in [json!({"ids": [request]}), by_filter, by_method] {
            (how["target_url"], how["resign"], how["reason"]) =
                (target["url"].clone(), "fresh".into(), "x".into());
            let mut dry = how.clone();
            dry["dry_run"] = true.into();
            asked.extend([("/v1/replays".to_owned(), how), ("/v1/replays".to_owned(), dry)]);
        }
        for (path, how) in asked {
            let problem = bench.post(&path, &how).await.expect(422);
            assert_eq!(problem["errors"][0]["field"], "resign", "{slug} {how}: {problem}");
            assert!(
                problem.to_string().contains(why) || how["request_filter"]["method"] == "POST",
                "{problem}"
            );
        }
        assert_eq!(bench.get("/v1/events").await.expect(200)["data"], json!([]));
    }
    bench.close().await;
}

#[tokio::test]
async fn a_secret_that_is_gone_by_then_is_told_by_the_attempt() {
    let mut house = House::open(json!({"provider": "generic"}), "{\"type\":\"user.created\"}", &[]).await;
    let url = house.receiver["url"].clone();
    house.sends_on(json!({"url": url, "resign": "fresh"})).await;
    let newest = house.bench.get("/v1/deliveries").await.expect(200)["data"][0]["id"].clone();
    house.bench.ended(text(&newest)).await;
    house.bench.delete(&format!("/v1/requests/{}", text(&house.request["id"]))).await.expect(204);
    house.bench.post(&format!("/v1/deliveries/{}/retry", text(&newest)), &json!({})).await.expect(202);
    let ended = loop {
        let ended = house.bench.ended(text(&newest)).await;
        if ended["attempt_count"] == 2 {
            break ended;
        }
    };
    let error = text(&ended["last_attempt"]["error"]);
    assert!(error.starts_with("Nothing was sent: it cannot be signed afresh"), "{ended}");
    house.bench.close().await;
}

#[tokio::test]
async fn what_its_connection_names_stays_behind_unless_it_is_asked_for() {
    let bench = Bench::open().await;
    let inbox = bench.post("/v1/inboxes", &json!({"slug": "front"})).await.expect(201);
    let (host, path) = text(&inbox["url"]).strip_prefix("http://").unwrap().split_once('/').unwrap();
    let raw = format!(
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nX-Kept: 1\r\nconnection: close, x-HOP\r\nX-Hop: 2\r\n\
         Connection: host,x-other , content-length\r\nx-OTHER: 3\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(raw.as_bytes()).await.unwrap();
    let request = captured(&bench, &inbox, 1).await["data"][0].clone();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let url = format!("http://{authority}/to");
    let endpoint = json!({"url": url, "provider": "generic"});
    let endpoint = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201)["id"].clone();
    let send = format!("/v1/requests/{}/send", text(&request["id"]));
    let exact = |headers: Value| json!({"url": url, "resign": "exact", "headers": headers});
    let editable = json!([["X-Kept", "1"], ["X-Hop", "2"], ["x-OTHER", "3"]]);
    let asked = json!([["X-Kept", "1"], ["X-Hop", "5"]]);
    let replay = json!({"ids": [request["id"]], "target_url": url, "resign": "exact", "reason": "x"});
    for (path, how, named) in [
        (send.as_str(), json!({"url": url, "resign": "exact"}), None),
        (send.as_str(), json!({"endpoint_id": endpoint}), None),
        ("/v1/replays", replay, None),
        // Nothing is changed here, whether what stays behind is among them or not.
        (send.as_str(), exact(editable), None),
        (send.as_str(), exact(json!([["X-Kept", "1"]])), None),
        (send.as_str(), exact(asked), Some("X-Hop: 5")),
    ] {
        bench.post(path, &how).await.expect(202);
        let (went, body) = heard(&listener).await;
        assert_eq!(body, b"{}", "{how}");
        assert!(went.contains(&"X-Kept: 1".to_owned()), "{how}: {went:?}");
        assert!(went.contains(&format!("Host: {authority}")), "{how}: {went:?}");
        let is_of_then = |line: &&String| {
            let name = line.split(':').next().unwrap().to_ascii_lowercase();
            ["x-hop", "x-other", "connection"].contains(&name.as_str())
        };
        let of_then: Vec<&String> = went.iter().filter(is_of_then).collect();
        assert_eq!(of_then, named.as_slice(), "{how}: {went:?}");
    }
    bench.close().await;
}

/// The lines of the next request that comes to a listener, and its body; it is answered with 200.
async fn heard(listener: &TcpListener) -> (Vec<String>, Vec<u8>) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut read = Vec::new();
    let end = loop {
        assert!(stream.read_buf(&mut read).await.unwrap() > 0, "{}", String::from_utf8_lossy(&read));
        if let Some(at) = read.windows(4).position(|four| four == b"\r\n\r\n") {
            break at;
        }
    };
    let head = String::from_utf8(read[..end].to_vec()).unwrap();
    let lines: Vec<String> = head.split("\r\n").map(ToOwned::to_owned).collect();
    let length = lines.iter().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().unwrap())
    });
    let mut body = read.split_off(end + 4);
    while body.len() < length.unwrap_or_default() {
        assert!(stream.read_buf(&mut body).await.unwrap() > 0);
    }
    stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await.unwrap();
    (lines, body)
}

const DELIVERY_THEN: &str = "72d3162e-cc78-11e3-81ab-4c9367dc0958";

/// Captures a request of GitHub's in an odd order and case, over a socket; gives its lines and its id.
async fn captured_from_github(bench: &Bench, inbox: &Value, body: &str) -> (Vec<String>, Value) {
    let message = json!({
        "scheme": "github", "secret": SECRET, "method": "POST", "url": inbox["url"], "id": "x",
        "timestamp": bench.clock.now().unix_seconds(),
        "body_base64": data_encoding::BASE64.encode(body.as_bytes()),
    });
    let signed = bench.post("/v1/signatures/sign", &message).await.expect(200);
    let signature = text(&signed["headers"][0][1]).to_owned();
    let (host, path) = text(&inbox["url"]).strip_prefix("http://").unwrap().split_once('/').unwrap();
    let lines = vec![
        format!("POST /{path}/hook?b=2&a=1 HTTP/1.1"),
        "x-b: 1".to_owned(),
        format!("host: {host}"),
        "X-GitHub-Hook-Id: 42".to_owned(),
        "content-LENGTH: ".to_owned() + &body.len().to_string(),
        format!("x-hub-signature-256: {signature}"),
        "user-agent: GitHub-Hookshot/abc".to_owned(),
        "X-B: 2".to_owned(),
        format!("x-github-DELIVERY: {DELIVERY_THEN}"),
        "x-GitHub-event: ping".to_owned(),
        "content-type: application/json;charset=x".to_owned(),
        "X-GitHub-Hook-Installation-Target-ID: 7".to_owned(),
        "accept: text/odd".to_owned(),
        "X-b: 3".to_owned(),
    ];
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(format!("{}\r\n\r\n{body}", lines.join("\r\n")).as_bytes()).await.unwrap();
    let mut answer = vec![0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(answer, b"HTTP/1.1 200");
    let request = captured(bench, inbox, 1).await["data"][0].clone();
    assert_eq!(request["verification"]["status"], "valid", "{request}");
    (lines, request)
}

#[tokio::test]
async fn it_goes_line_by_line_as_it_came_but_for_signature_and_id() {
    let bench = Bench::open().await;
    let inbox = json!({"slug": "github", "provider": "github", "secret": SECRET});
    let inbox = bench.post("/v1/inboxes", &inbox).await.expect(201);
    let body = "{\"zen\": \"Keep it\", \"hook_id\":42}";
    let (came, request) = captured_from_github(&bench, &inbox, body).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let authority = listener.local_addr().unwrap().to_string();
    let url = format!("http://{authority}/to");
    let endpoint = json!({"url": url, "provider": "github", "secret": "another secret, of the endpoint"});
    let endpoint = bench.post("/v1/webhook-endpoints", &endpoint).await.expect(201)["id"].clone();
    let send = format!("/v1/requests/{}/send", text(&request["id"]));
    let ids = json!([request["id"]]);
    let headers =
        bench.get(&format!("/v1/requests/{}", text(&request["id"]))).await.expect(200)["headers"].clone();
    let editable =
        |pair: &Value| !["host", "content-length"].contains(&text(&pair[0]).to_ascii_lowercase().as_str());
    let unchanged: Vec<Value> =
        headers.as_array().unwrap().iter().filter(|pair| editable(pair)).cloned().collect();
    for (path, how, secret) in [
        (send.as_str(), json!({"url": url, "resign": "fresh"}), SECRET),
        (send.as_str(), json!({"url": url, "resign": "fresh", "headers": unchanged}), SECRET),
        (send.as_str(), json!({"url": url, "resign": "exact"}), ""),
        ("/v1/replays", json!({"ids": ids, "target_url": url, "resign": "fresh", "reason": "x"}), SECRET),
        (send.as_str(), json!({"endpoint_id": endpoint}), "another secret, of the endpoint"),
        (
            "/v1/replays",
            json!({"ids": ids, "endpoint_id": endpoint, "resign": "fresh", "reason": "x"}),
            "another secret, of the endpoint",
        ),
    ] {
        bench.post(path, &how).await.expect(202);
        let (went, body_that_went) = heard(&listener).await;
        assert_eq!(String::from_utf8(body_that_went).unwrap(), body, "{how}");
        let mut wanted = came.clone();
        wanted[0] = "POST /to?b=2&a=1 HTTP/1.1".to_owned();
        wanted[2] = format!("host: {authority}");
        let is_fresh = how["resign"] != "exact";
        let id = went[8].strip_prefix("x-github-DELIVERY: ").unwrap_or_default().to_owned();
        assert_eq!(id.len(), 36, "{went:?}");
        assert_eq!(id != DELIVERY_THEN, is_fresh, "{how}: {id}");
        wanted[8] = format!("x-github-DELIVERY: {id}");
        if is_fresh && secret != SECRET {
            let message = json!({
                "scheme": "github", "secret": secret, "method": "POST", "url": url, "id": "x",
                "timestamp": bench.clock.now().unix_seconds(),
                "body_base64": data_encoding::BASE64.encode(body.as_bytes()),
            });
            let signed = bench.post("/v1/signatures/sign", &message).await.expect(200);
            wanted[5] = format!("x-hub-signature-256: {}", text(&signed["headers"][0][1]));
        }
        assert_eq!(went, wanted, "{how}");
    }
    bench.close().await;
}
