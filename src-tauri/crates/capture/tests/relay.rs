//! The answer of a chosen target, passed back while the sender waits.

use std::time::Duration;

use bytes::Bytes;
use hookbench_capture::{Limits, RelayOptions};
use hookbench_model::{
    CapturedRequest, Egress, Inbox, InboxRelay, RelayHost, RelayState, RelayTarget, RelayTargetId, RelayTo,
    RelayWay, RequestRelay, Settings, Subscriptions,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{House, NOW, inbox};

/// No test waits longer for what has to come.
const PATIENCE: Duration = Duration::from_secs(20);

fn target(url: &str, host: RelayHost) -> RelayTarget {
    RelayTarget {
        id: RelayTargetId::new(NOW),
        name: "handler".to_owned(),
        to: RelayTo::Url(url.parse().unwrap()),
        event_types: Subscriptions::all(),
        host,
        enabled: true,
    }
}

/// An inbox `relaying` whose senders get the answer of what is at that URL.
pub(crate) fn answered_by(url: &str, host: RelayHost) -> Inbox {
    let target = target(url, host);
    let relay = InboxRelay { reply_from: Some(target.id), targets: vec![target] };
    Inbox { relay: Some(relay), ..inbox("relaying") }
}

pub(crate) async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook?t=1", listener.local_addr().unwrap());
    (listener, url)
}

/// Reads one request with its body.
pub(crate) async fn read(stream: &mut TcpStream, body: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let rest =
        |bytes: &[u8]| bytes.windows(4).position(|four| four == b"\r\n\r\n").map(|at| bytes.len() - at - 4);
    while rest(&bytes).is_none_or(|length| length < body) {
        assert!(stream.read_buf(&mut bytes).await.unwrap() > 0, "the request is whole");
    }
    bytes
}

/// Takes one request, gives its bytes, and answers with these.
fn answers(listener: TcpListener, body: usize, answer: Vec<u8>) -> tokio::task::JoinHandle<Vec<u8>> {
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let taken = read(&mut stream, body).await;
        stream.write_all(&answer).await.unwrap();
        taken
    })
}

/// The one relay of the one request, once it has ended.
pub(crate) async fn ended(house: &House) -> (CapturedRequest, RequestRelay) {
    let look = async {
        loop {
            if let Some((request, _)) = house.newest().await {
                let relays = house.store.relays().of(request.id).await.unwrap();
                assert_eq!(relays.len(), 1);
                let relay = relays.into_iter().next().unwrap();
                if relay.state != RelayState::UnderWay {
                    // Its status is written together with that.
                    let request = house.store.requests().get(request.id).await.unwrap().unwrap();
                    return (request, relay);
                }
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, look).await.expect("it ends")
}

pub(crate) fn post(body: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /relaying/a%2Fb?q=%20x HTTP/1.1\r\nhOsT: used.example\r\nX-Sig: aa\r\nX-Other: 1\r\nx-sig: bb\r\n\
         Connection: keep-alive, X-Hop\r\nX-Hop: 1\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

async fn impatient(relay: RelayOptions) -> House {
    House::with(Limits { relay, ..Limits::default() }, None).await
}

#[tokio::test]
async fn the_target_gets_the_request_and_the_sender_its_answer() {
    let house = House::open().await;
    let (listener, url) = listener().await;
    house.add(answered_by(&url, RelayHost::Target)).await;
    let sent: Vec<u8> = (0..=255).collect();
    let answer =
        b"HTTP/1.1 202 Accepted\r\nX-Got: it\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nKeep-Alive: 5\r\n\
                   Connection: x-drop\r\nX-Drop: 1\r\nContent-Length: 6\r\n\r\nthanks";
    let authority = listener.local_addr().unwrap();
    let taken = answers(listener, sent.len(), answer.to_vec());
    let got = house.send(post(&sent)).await;
    assert_eq!((got.status, got.body.as_str(), got.header("x-got")), (202, "thanks", Some("it")));
    let cookies: Vec<_> =
        got.headers.iter().filter(|(name, _)| name == "Set-Cookie").map(|(_, value)| value).collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
    assert_eq!(
        (got.header("x-drop"), got.header("keep-alive"), got.header("content-length")),
        (None, None, Some("6"))
    );

    let bytes = taken.await.unwrap();
    let at = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    assert_eq!(bytes[at + 4..], sent);
    let head = String::from_utf8(bytes[..at].to_vec()).unwrap();
    let wanted = format!(
        "POST /hook/a%2Fb?t=1&q=%20x HTTP/1.1\r\nhOsT: {authority}\r\nX-Sig: aa\r\nX-Other: 1\r\nx-sig: bb\r\n\
         Content-Length: 256"
    );
    assert_eq!(head, wanted);

    let (request, relay) = ended(&house).await;
    assert_eq!(
        (request.response_status, relay.state, relay.way),
        (202, RelayState::Answered, RelayWay::Inline)
    );
    let response = relay.response.unwrap();
    assert_eq!((response.status, response.body_size, response.body_truncated), (202, 6, false));
    assert_eq!(response.headers.get_str("x-drop"), Some("1"), "as it came");
    let body = house.store.relays().response_body(request.id, 1).await.unwrap();
    assert_eq!(body, Some(Bytes::from_static(b"thanks")));
}

/// Reads an answer up to this end.
async fn until(stream: &mut TcpStream, end: &[u8]) -> String {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end) {
        let read =
            tokio::time::timeout(PATIENCE, stream.read_buf(&mut bytes)).await.expect("in time").unwrap();
        assert!(read > 0, "{}", String::from_utf8_lossy(&bytes));
    }
    String::from_utf8(bytes).unwrap()
}

#[tokio::test]
async fn an_answer_comes_back_to_the_byte_over_a_connection_that_goes_on() {
    let house = House::open().await;
    let (listener, url) = listener().await;
    house.add(answered_by(&url, RelayHost::Target)).await;
    let sized = "HTTP/1.1 207 Many  Things\r\nX-b: 1\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\nx-LOWER: q\r\n\
                 Set-Cookie: a=1\r\nX-B: 2\r\nset-cookie: b=2\r\nConnection: keep-alive, x-drop\r\nX-Drop: 1\r\n\
                 CONTENT-length: 6\r\n\r\nthanks";
    let chunked = "HTTP/1.1 200 \r\nx-one: 1\r\nTransfer-encoding: chunked\r\nX-Two:\r\nTrailer: X-T\r\n\r\n\
                   3\r\nabc\r\n0\r\nX-T: 1\r\n\r\n";
    let empty = "HTTP/1.1 204 Nothing\r\nX-last: 1\r\n\r\n";
    let answers = [sized, chunked, empty];
    tokio::spawn(async move {
        for answer in answers {
            let (mut stream, _) = listener.accept().await.unwrap();
            read(&mut stream, 1).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let mut wire = house.connect().await;
    let wanted = [
        sized.replace("Connection: keep-alive, x-drop\r\nX-Drop: 1\r\n", ""),
        chunked
            .replace("Trailer: X-T\r\n", "")
            .replace("X-Two:\r\n", "X-Two: \r\n")
            .replace("X-T: 1\r\n", ""),
        empty.to_owned(),
    ];
    for wanted in &wanted {
        wire.write(post(b"x")).await;
        let end = &wanted.as_bytes()[wanted.len().saturating_sub(6)..];
        assert_eq!(until(&mut wire.stream, end).await, *wanted);
    }
    // What another inbox answers itself is as ever.
    wire.write("POST /in HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").await;
    let own = until(&mut wire.stream, b"\r\n\r\n").await;
    assert!(own.starts_with("HTTP/1.1 200 OK\r\n") && own.contains("date: "), "{own}");
}

#[tokio::test]
async fn over_http2_the_host_of_the_sender_is_the_one_it_addressed() {
    let house = House::open().await;
    for (host, is_senders) in [(RelayHost::Sender, true), (RelayHost::Target, false)] {
        let (listener, url) = listener().await;
        let authority = listener.local_addr().unwrap().to_string();
        let slug = if is_senders { "senders" } else { "targets" };
        let inbox = Inbox { slug: slug.parse().unwrap(), ..answered_by(&url, host) };
        house.add(Inbox { id: hookbench_model::InboxId::new(NOW), ..inbox }).await;
        let taken =
            answers(listener, 1, b"HTTP/1.1 201 Made\r\nx-Got: it\r\nContent-Length: 0\r\n\r\n".to_vec());
        let client = reqwest::Client::builder().http2_prior_knowledge().no_proxy().build().unwrap();
        let got = client.post(format!("http://{}/{slug}", house.address())).body("x").send().await.unwrap();
        assert_eq!((got.status().as_u16(), got.headers()["x-got"].to_str().unwrap()), (201, "it"));
        let head = String::from_utf8(taken.await.unwrap()).unwrap();
        let wanted = if is_senders { house.address().to_string() } else { authority };
        assert!(head.contains(&format!("\r\nHost: {wanted}\r\n")), "{head}");
        assert_eq!(head.to_ascii_lowercase().matches("\nhost:").count(), 1, "{head}");
        assert!(!head.contains("\r\n:"), "{head}");
    }
}

#[tokio::test]
async fn an_answer_of_many_headers_comes_back_whole_and_one_of_too_many_is_told_so() {
    let house = House::open().await;
    let (listener, url) = listener().await;
    house.add(answered_by(&url, RelayHost::Target)).await;
    let with = |many: usize| {
        let headers: Vec<_> = (2..=many).map(|number| format!("X-{number}: {number}\r\n")).collect();
        let headers = headers.concat();
        format!("HTTP/1.1 200 OK\r\n{headers}Content-Length: 2\r\n\r\nok")
    };
    let answers = [with(1000), with(1001)];
    let given = answers.clone();
    tokio::spawn(async move {
        for answer in given {
            let (mut stream, _) = listener.accept().await.unwrap();
            read(&mut stream, 1).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let mut wire = house.connect().await;
    wire.write(post(b"x")).await;
    assert_eq!(until(&mut wire.stream, b"\r\n\r\nok").await, answers[0]);
    let told = house.send(post(b"x")).await;
    assert_eq!(told.status, 502);
    assert!(told.body.contains("larger than 256 KiB, or has more than 1000 headers"), "{}", told.body);
}

#[tokio::test]
async fn trailers_come_back_to_who_takes_them_where_the_head_names_them() {
    let house = House::open().await;
    let (listener, url) = listener().await;
    house.add(answered_by(&url, RelayHost::Target)).await;
    let answer = "HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nTransfer-Encoding: chunked\r\n\r\n\
                  3\r\nabc\r\n0\r\nx-sum: 6\r\n\r\n";
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            read(&mut stream, 1).await;
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let taking = String::from_utf8(post(b"x")).unwrap().replace("X-Sig: aa", "TE: gzip, trailers");
    for (sent, wanted) in [
        (taking, answer.to_owned()),
        (
            String::from_utf8(post(b"x")).unwrap(),
            answer.replace("Trailer: X-Sum\r\n", "").replace("x-sum: 6\r\n", ""),
        ),
    ] {
        let mut wire = house.connect().await;
        wire.write(&sent).await;
        let end = &wanted.as_bytes()[wanted.len() - 8..];
        assert_eq!(until(&mut wire.stream, end).await, wanted, "{sent}");
        assert_eq!(ended(&house).await.1.state, RelayState::Answered, "{sent}");
    }
    // Over HTTP/2 they always may.
    let socket = TcpStream::connect(house.address()).await.unwrap();
    let executor = hyper_util::rt::TokioExecutor::new();
    let io = hyper_util::rt::TokioIo::new(socket);
    let (mut send, connection) = hyper::client::conn::http2::handshake(executor, io).await.unwrap();
    tokio::spawn(connection);
    let request = http::Request::post("http://h/relaying").body(axum::body::Body::from("x")).unwrap();
    let response = send.send_request(request).await.unwrap();
    let whole = http_body_util::BodyExt::collect(response.into_body()).await.unwrap();
    assert_eq!(whole.trailers().unwrap()["x-sum"], "6");
    assert_eq!(whole.to_bytes(), "abc");
    let (_, relay) = ended(&house).await;
    assert_eq!((relay.state, relay.response.unwrap().body_truncated), (RelayState::Answered, false));
}

#[tokio::test]
async fn the_workspaces_proxy_is_the_way_to_targets_elsewhere() {
    let house = House::open().await;
    let (proxy, at) = listener().await;
    let at = at.split("/hook").next().unwrap().to_owned();
    house.settings.send_modify(|settings: &mut Settings| {
        settings.proxy = hookbench_model::Proxy::Server(at.parse().unwrap());
    });
    house.add(answered_by("http://handler.example:81/hook", RelayHost::Target)).await;
    let taken = answers(proxy, 1, b"HTTP/1.1 200 OK\r\nX-Via: proxy\r\nContent-Length: 0\r\n\r\n".to_vec());
    let got = house.send(post(b"x")).await;
    assert_eq!((got.status, got.header("x-via")), (200, Some("proxy")));
    let head = String::from_utf8(taken.await.unwrap()).unwrap();
    assert!(head.starts_with("POST http://handler.example:81/hook/a%2Fb?q=%20x HTTP/1.1\r\n"), "{head}");
}

#[tokio::test]
async fn the_host_of_the_sender_goes_there_where_that_is_asked_for() {
    let house = House::open().await;
    let (listener, url) = listener().await;
    house.add(answered_by(&url, RelayHost::Sender)).await;
    let taken = answers(listener, 1, b"HTTP/1.1 204 No Content\r\n\r\n".to_vec());
    assert_eq!(house.send(post(b"x")).await.status, 204);
    let head = String::from_utf8(taken.await.unwrap()).unwrap();
    assert!(head.contains("\r\nhOsT: used.example\r\n") && head.matches("hOsT:").count() == 1, "{head}");
    assert_eq!(ended(&house).await.1.state, RelayState::Answered);
}

#[tokio::test]
async fn a_large_answer_streams_through_and_is_kept_up_to_the_cap() {
    let house = House::open().await;
    house.settings.send_modify(|settings: &mut Settings| settings.response_cap = 1000);
    let (listener, url) = listener().await;
    house.add(answered_by(&url, RelayHost::Target)).await;
    let body: String = (0..5 << 20).map(|at| char::from(b"abcdefghijklmnopqrstuvw"[at % 23])).collect();
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    answers(listener, 1, answer.into_bytes());
    let got = house.send(post(b"x")).await;
    assert_eq!(got.status, 200);
    assert!(got.body == body, "{} of {} bytes", got.body.len(), body.len());
    let (request, relay) = ended(&house).await;
    let response = relay.response.unwrap();
    assert_eq!(
        (relay.state, response.body_size, response.body_truncated),
        (RelayState::Answered, 5 << 20, true)
    );
    let kept = house.store.relays().response_body(request.id, 1).await.unwrap().unwrap();
    assert_eq!(kept, body.as_bytes()[..1000]);
}

#[tokio::test]
async fn a_target_that_is_down_is_502_and_one_that_is_slow_504() {
    let options = RelayOptions { head_time: Duration::from_millis(200), ..RelayOptions::default() };
    let house = impatient(options).await;
    let (gone, url) = listener().await;
    drop(gone);
    house.add(answered_by(&url, RelayHost::Target)).await;
    let got = house.send(post(b"x")).await;
    assert_eq!(got.status, 502);
    assert!(got.body.contains("Nothing listens at 127.0.0.1:"), "{}", got.body);
    let (request, relay) = ended(&house).await;
    assert_eq!((request.response_status, relay.state, relay.response), (502, RelayState::Failed, None));
    assert!(relay.error.unwrap().starts_with("Nothing was passed back"));

    let (silent, url) = listener().await;
    let slow = Inbox { slug: "slow".parse().unwrap(), ..answered_by(&url, RelayHost::Target) };
    house.add(Inbox { id: hookbench_model::InboxId::new(NOW), ..slow }).await;
    let got = house.send("POST /slow HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(got.status, 504);
    assert!(got.body.contains("did not begin to answer within 200 ms"), "{}", got.body);
    let (request, relay) = ended(&house).await;
    assert_eq!((request.response_status, relay.state), (504, RelayState::Failed));
    drop(silent);
}

#[tokio::test]
async fn an_answer_that_never_ends_is_ended_and_said_to_be() {
    let options = RelayOptions { whole_time: Duration::from_millis(400), ..RelayOptions::default() };
    let house = impatient(options).await;
    let (listener, url) = listener().await;
    house.add(answered_by(&url, RelayHost::Target)).await;
    let endless = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read(&mut stream, 1).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        while stream.write_all(b"5\r\nagain\r\n").await.is_ok() {}
    });
    let mut wire = house.connect().await;
    wire.write(post(b"x")).await;
    let mut got = Vec::new();
    let read = tokio::time::timeout(PATIENCE, wire.stream.read_to_end(&mut got)).await.expect("it ends");
    assert!(read.is_err() || !got.ends_with(b"0\r\n\r\n"), "it is no whole answer");
    let (_, relay) = ended(&house).await;
    assert_eq!(relay.state, RelayState::Failed);
    assert!(relay.error.unwrap().contains("took more than 0.4 s"));
    assert!(relay.response.unwrap().body_truncated);
    tokio::time::timeout(PATIENCE, endless).await.expect("the target's connection ends").unwrap();
}

#[tokio::test]
async fn an_answer_that_breaks_off_breaks_off() {
    let house = House::open().await;
    let (listener, url) = listener().await;
    house.add(answered_by(&url, RelayHost::Target)).await;
    answers(listener, 1, b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".to_vec());
    let mut wire = house.connect().await;
    wire.write(post(b"x")).await;
    let mut got = Vec::new();
    let _ = tokio::time::timeout(PATIENCE, wire.stream.read_to_end(&mut got)).await.expect("it ends");
    assert!(!got.ends_with(b"half\n"), "it is not filled up");
    let (_, relay) = ended(&house).await;
    assert_eq!((relay.state, relay.response.map(|answer| answer.body_size)), (RelayState::Failed, Some(4)));
}

#[tokio::test]
async fn a_sender_that_hangs_up_is_noted() {
    let house = House::open().await;
    let (listener, url) = listener().await;
    house.add(answered_by(&url, RelayHost::Target)).await;
    let endless = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        read(&mut stream, 1).await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").await.unwrap();
        while stream.write_all(b"5\r\nagain\r\n").await.is_ok() {}
    });
    let mut wire = house.connect().await;
    wire.write(post(b"x")).await;
    let mut begins = [0; 64];
    assert!(wire.stream.read(&mut begins).await.unwrap() > 0);
    drop(wire);
    let (_, relay) = ended(&house).await;
    assert_eq!(relay.state, RelayState::HungUp);
    tokio::time::timeout(PATIENCE, endless).await.expect("the target's connection ends").unwrap();
}

#[tokio::test]
async fn the_workspaces_rules_hold_for_targets_too() {
    let house = House::open().await;
    house.settings.send_modify(|settings: &mut Settings| {
        settings.egress = Egress { deny_private: true, ..Egress::default() };
    });
    let (listener, url) = listener().await;
    house.add(answered_by(&url, RelayHost::Target)).await;
    let named = url.replace("127.0.0.1", "localhost");
    let named = Inbox { slug: "named".parse().unwrap(), ..answered_by(&named, RelayHost::Target) };
    house.add(Inbox { id: hookbench_model::InboxId::new(NOW), ..named }).await;
    for slug in ["relaying", "named"] {
        let got = house.send(format!("POST /{slug} HTTP/1.1\r\nHost: h\r\nContent-Length: 0\r\n\r\n")).await;
        assert_eq!(got.status, 502, "{slug}");
        assert!(got.body.contains("private network"), "{}", got.body);
    }
    let knocked = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(knocked.is_err(), "nothing went there");
}

#[tokio::test]
async fn what_came_by_a_relay_goes_no_further() {
    let house = House::open().await;
    let back = format!("http://{}/relaying", house.address());
    let there = format!("http://{}/other", house.address());
    house.add(answered_by(&there, RelayHost::Target)).await;
    let other = Inbox { slug: "other".parse().unwrap(), ..answered_by(&back, RelayHost::Target) };
    house.add(Inbox { id: hookbench_model::InboxId::new(NOW), ..other }).await;
    assert_eq!(house.send(post(b"x")).await.status, 200, "the other inbox answers itself");
    let captured = house.captured().await;
    assert_eq!(captured.len(), 2, "{captured:?}");
    assert!(captured.iter().all(|(request, _)| request.delivery.is_none()));
    assert!(house.store.relays().of(captured[1].0.id).await.unwrap().is_empty());

    let id = house
        .store
        .inboxes()
        .all()
        .await
        .unwrap()
        .iter()
        .find(|inbox| inbox.slug.as_str() == "relaying")
        .unwrap()
        .id;
    let marked = format!(
        "POST /relaying HTTP/1.1\r\nHost: h\r\nVia: 1.1 {id}, 1.1 tunnel\r\nContent-Length: 0\r\n\r\n"
    );
    assert_eq!(house.send(marked).await.status, 200, "it came back through a tunnel");
    assert_eq!(house.captured().await.len(), 3);
}
