//! Sending through proxies, good and bad.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use hookbench_delivery::send::{Exchange, Limits, Names, Sender, SystemProxy, Way};
use hookbench_model::{
    DeliveryStatus, Egress, ErrorCode as Code, HeaderPairs, HttpVersion, Outcome, Proxy, TlsPolicy,
};
use support::authority::{Authority, acceptor, answering_with, serve};
use support::peer::{OK, Peer};
use support::proxy::TestProxy;
use support::workspace::Workspace;
use support::{event, request};
use tokio::net::TcpListener;

const LIMITS: Limits = Limits { timeout: Duration::from_secs(20), response_cap: 1024 };
const CONNECTED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";
const NOWHERE: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9);

/// A sender that knows one name beside those of the system: `target.example`, with an address for documentation.
fn sender() -> Sender {
    Sender::within(Names::from_fn(look_up), SystemProxy::of("", "", ""))
}

async fn look_up(name: String) -> std::io::Result<Vec<IpAddr>> {
    match name.as_str() {
        "target.example" => Ok(vec!["203.0.113.9".parse().unwrap()]),
        _ => Err(std::io::ErrorKind::NotFound.into()),
    }
}

fn proxy(text: &str) -> Proxy {
    Proxy::parse(text, None).unwrap()
}

async fn send(url: &str, proxy: &Proxy) -> Exchange {
    send_by(url, Way { proxy, ..Way::default() }).await
}

async fn send_by(url: &str, way: Way<'_>) -> Exchange {
    sender().send(&request(&event("generic", b"{}"), url), way, LIMITS).await
}

fn failed(exchange: &Exchange, outcome: Outcome, code: Code, said: &str) {
    let failure = exchange.failure.as_ref().expect("the exchange should have failed");
    assert_eq!((failure.outcome, failure.code), (outcome, code), "{}", failure.error);
    assert!(failure.error.contains(said), "`{}` does not say `{said}`", failure.error);
    assert!(!format!("{exchange:?}").contains("geheim"), "the password is in the record");
}

#[tokio::test]
async fn a_request_in_clear_is_handed_to_the_proxy_whole() {
    let server = TestProxy::http(OK, NOWHERE).await;
    let via = proxy(&format!("http://me:geheim@{}", server.address));
    let exchange = send("http://target.example/hook?a=1", &via).await;
    assert_eq!(exchange.failure, None);
    let asked = server.asked();
    assert!(asked[0].starts_with("POST http://target.example/hook?a=1 HTTP/1.1\r\n"), "{}", asked[0]);
    assert!(asked[0].contains("\r\nHost: target.example\r\n"), "{}", asked[0]);
    assert!(asked[0].contains("\r\nProxy-Authorization: Basic bWU6Z2VoZWlt\r\n"), "{}", asked[0]);
    let connection = exchange.connection.clone().unwrap();
    assert_eq!(connection.proxy, Some(format!("http://{}", server.address)));
    assert_eq!(exchange.remote_addr, Some(server.address));
    assert!(!format!("{exchange:?}").contains("geheim"));
}

#[tokio::test]
async fn tls_goes_through_a_tunnel_and_is_checked_end_to_end() {
    let authority = Authority::new();
    let target = serve(&authority.issue("target.example", |_| ()), None).await;
    let server = TestProxy::http(CONNECTED, target).await;
    let tls = TlsPolicy { ca_pem: Some(authority.pem()), ..TlsPolicy::default() };
    let via = proxy(&format!("http://me:geheim@{}", server.address));
    let exchange =
        send_by("https://target.example/hook", Way { proxy: &via, tls: &tls, ..Way::default() }).await;
    assert_eq!(exchange.failure, None);
    let asked = server.asked();
    assert!(asked[0].starts_with("CONNECT target.example:443 HTTP/1.1\r\n"), "{}", asked[0]);
    assert!(asked[0].contains("Proxy-Authorization: Basic bWU6Z2VoZWlt\r\n"), "{}", asked[0]);
    let shown = exchange.connection.unwrap().tls.unwrap().peer.unwrap();
    assert_eq!(shown.names, ["target.example"]);
    // Without the authority it is not trusted, proxy or not.
    let exchange = send("https://target.example/hook", &via).await;
    failed(&exchange, Outcome::TlsFailure, Code::TlsUnknownAuthority, "not trusted here");
}

#[tokio::test]
async fn headers_of_answers_are_recorded_as_they_stood_within_tls_and_tunnels_and_as_a_proxy_wrote_them() {
    const ANSWER: &[u8] = b"HTTP/1.1 200 OK\r\nX-B: 1\r\nx-a: 2\r\nX-B: 3\r\nContent-Length: 2\r\n\r\nok";
    let wanted = HeaderPairs::from_iter([("X-B", "1"), ("x-a", "2"), ("X-B", "3"), ("Content-Length", "2")]);
    let authority = Authority::new();
    let identity = authority.issue("target.example", |_| ());
    let target = answering_with(acceptor(&identity, None, &[]), ANSWER).await;
    let tls = TlsPolicy { ca_pem: Some(authority.pem()), ..TlsPolicy::default() };
    // What the proxy itself answers to CONNECT is none of it.
    let connected = b"HTTP/1.1 200 Connection established\r\nX-Proxy: yes\r\n\r\n";
    let tunnel = TestProxy::http(connected, target).await;
    let socks = TestProxy::socks(None, 0, target).await;
    let whole = TestProxy::http(ANSWER, NOWHERE).await;
    for (via, url) in [
        (format!("http://{}", tunnel.address), "https://target.example/"),
        (format!("socks5h://{}", socks.address), "https://target.example/"),
        (format!("http://{}", whole.address), "http://target.example/"),
    ] {
        let exchange = send_by(url, Way { proxy: &proxy(&via), tls: &tls, ..Way::default() }).await;
        assert_eq!(exchange.failure, None, "{via}");
        assert_eq!(exchange.response.unwrap().headers, wanted, "{via}");
    }
}

#[tokio::test]
async fn a_proxy_may_be_spoken_to_over_tls() {
    let authority = Authority::new();
    // It answers 200 to whatever comes, as a proxy that is handed a request does.
    let server = serve(&authority.issue("localhost", |_| ()), None).await;
    let names = Names::from_fn(async |_| Ok(vec![IpAddr::from([127, 0, 0, 1])]));
    let sender = Sender::within(names, SystemProxy::of("", "", ""));
    let via = proxy(&format!("https://localhost:{}", server.port()));
    let tls = TlsPolicy { ca_pem: Some(authority.pem()), ..TlsPolicy::default() };
    let request = request(&event("generic", b"{}"), "http://target.example/");
    let trusted = sender.send(&request, Way { proxy: &via, tls: &tls, ..Way::default() }, LIMITS).await;
    assert_eq!(trusted.failure, None);
    // An endpoint whose own TLS is not verified does not make its proxy's unverified.
    let unverified = TlsPolicy { verify: false, ..TlsPolicy::default() };
    let exchange =
        sender.send(&request, Way { proxy: &via, tls: &unverified, ..Way::default() }, LIMITS).await;
    failed(&exchange, Outcome::TlsFailure, Code::ProxyTls, "The certificate of the proxy https://localhost");
}

#[tokio::test]
async fn http2_in_clear_goes_through_a_tunnel() {
    let server = TestProxy::http(CONNECTED, NOWHERE).await;
    let via = proxy(&format!("http://{}", server.address));
    let way = Way { proxy: &via, http_version: HttpVersion::Http2, ..Way::default() };
    let exchange = send_by("http://target.example/", way).await;
    assert!(exchange.failure.is_some());
    assert!(server.asked()[0].starts_with("CONNECT target.example:80 "));
}

#[tokio::test]
async fn socks_is_given_the_name_or_the_address_that_was_found() {
    let peer = Peer::answering(OK).await;
    for (scheme, asked) in [("socks5", "203.0.113.9:80"), ("socks5h", "target.example:80")] {
        let server = TestProxy::socks(Some(("me", "geheim")), 0, peer.address).await;
        let via = proxy(&format!("{scheme}://me:geheim@{}", server.address));
        let exchange = send("http://target.example/hook", &via).await;
        assert_eq!(exchange.failure, None);
        assert_eq!(server.asked(), [asked]);
        let connection = exchange.connection.unwrap();
        assert_eq!(connection.proxy, Some(format!("{scheme}://{}", server.address)));
    }
    // The request itself is as it would be without a proxy.
    assert!(peer.requests()[0].starts_with(b"POST /hook HTTP/1.1\r\n"));
}

#[tokio::test]
async fn what_is_on_this_machine_is_reached_without_it() {
    let peer = Peer::answering(OK).await;
    let server = TestProxy::http(OK, NOWHERE).await;
    let exchange = send(&peer.url(), &proxy(&format!("http://{}", server.address))).await;
    assert_eq!(exchange.failure, None);
    assert_eq!((server.asked().len(), peer.requests().len()), (0, 1));
    assert_eq!(exchange.connection.unwrap().proxy, None);
}

#[tokio::test]
async fn what_is_on_this_machine_is_reached_through_the_proxy_that_its_endpoint_names() {
    let (straight, behind) = (Peer::answering(OK).await, Peer::answering(OK).await);
    let http = TestProxy::http(OK, NOWHERE).await;
    let socks = TestProxy::socks(None, 0, behind.address).await;
    let sender = sender();
    let request = request(&event("generic", b"{}"), &straight.url());
    for via in [format!("http://{}", http.address), format!("socks5://{}", socks.address)] {
        let via = proxy(&via);
        let of_workspace = Way { proxy: &via, ..Way::default() };
        // Its connections are no one else's: the workspace's proxy, the same one, is none for this machine.
        for (way, proxied) in [(of_workspace, false), (Way { own_proxy: true, ..of_workspace }, true)] {
            for reused in [false, true] {
                let exchange = sender.send(&request, way, LIMITS).await;
                assert_eq!(exchange.failure, None);
                let connection = exchange.connection.unwrap();
                assert_eq!((connection.proxy.is_some(), connection.reused), (proxied, reused));
            }
        }
    }
    assert_eq!(http.asked().len(), 2);
    assert_eq!(socks.asked(), [straight.address.to_string()]);
    assert_eq!((straight.requests().len(), behind.requests().len()), (4, 2));
}

#[tokio::test]
async fn whose_proxy_it_is_decides_for_this_machine_and_our_own_receivers_are_reached_straight() {
    let workspace = Workspace::new().await;
    let (peer, server) = (Peer::answering(OK).await, TestProxy::http(OK, NOWHERE).await);
    let via = proxy(&format!("http://{}", server.address));
    let plain = workspace.endpoint("generic", &peer.url(), |_| ()).await;
    let named =
        workspace.endpoint("generic", &peer.url(), |endpoint| endpoint.proxy = Some(via.clone())).await;
    workspace.settings.send_modify(|settings| settings.proxy = via.clone());
    let engine = workspace.engine();
    let arrives_by_proxy = async |endpoint| {
        let delivery = workspace.accept(endpoint, "{}").await;
        workspace.until_status(delivery, DeliveryStatus::Delivered).await;
        let attempt = workspace.attempts(delivery).await.remove(0);
        attempt.connection.unwrap().proxy.is_some()
    };
    assert!(!arrives_by_proxy(plain).await, "the workspace's is not for this machine");
    assert!(arrives_by_proxy(named).await, "the endpoint's own is for whatever it is sent");
    assert_eq!((server.asked().len(), peer.requests().len()), (1, 1));
    workspace.ledger.listen_at(vec![peer.address]);
    assert!(!arrives_by_proxy(named).await, "our own receiver");
    assert_eq!((server.asked().len(), peer.requests().len()), (1, 2));
    engine.stop(Duration::from_secs(30)).await;
}

#[tokio::test]
async fn the_systems_proxy_is_asked_for() {
    let server = TestProxy::http(OK, NOWHERE).await;
    let system = SystemProxy::of(&format!("http://{}", server.address), "", "spared.example");
    let sender = Sender::within(Names::from_fn(look_up), system);
    let way = Way { proxy: &Proxy::System, ..Way::default() };
    let to = |url: &str| request(&event("generic", b"{}"), url);
    let exchange = sender.send(&to("http://target.example/"), way, LIMITS).await;
    assert_eq!(exchange.failure, None);
    assert_eq!(server.asked().len(), 1);
    let spared = sender.send(&to("http://spared.example/"), way, LIMITS).await;
    failed(&spared, Outcome::DnsFailure, Code::DnsNoAddress, "spared.example");
    let straight = sender.send(&to("http://other.example/"), Way::default(), LIMITS).await;
    failed(&straight, Outcome::DnsFailure, Code::DnsNoAddress, "other.example");
    assert_eq!(server.asked().len(), 1);
}

#[tokio::test]
async fn a_dead_proxy_is_named() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    for scheme in ["http", "socks5h"] {
        let exchange = send("http://target.example/", &proxy(&format!("{scheme}://me:geheim@{free}"))).await;
        let said = format!("The proxy {scheme}://{free} cannot be reached: Nothing listens at {free}");
        failed(&exchange, Outcome::ConnectionRefused, Code::ProxyUnreachable, &said);
    }
    let exchange = send("http://target.example/", &proxy("http://me:geheim@proxy.invalid:3128")).await;
    let said = "The proxy http://proxy.invalid:3128 cannot be reached: No address was found";
    failed(&exchange, Outcome::DnsFailure, Code::ProxyNoAddress, said);
}

#[tokio::test]
async fn a_proxy_that_refuses_is_told_from_a_server_that_does() {
    for (answer, code, said) in [
        (
            &b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"[..],
            Code::ProxyAuthRequired,
            "does not accept the user and password",
        ),
        (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", Code::ProxyRefused, "refuses to connect to target.example:443"),
        (b"HTTP/1.1 504 Gateway Timeout\r\nContent-Length: 0\r\n\r\n", Code::ProxyNoWay, "did not reach target.example:443"),
    ] {
        let server = TestProxy::http(answer, NOWHERE).await;
        let via = proxy(&format!("http://me:geheim@{}", server.address));
        let exchange = send("https://target.example/", &via).await;
        failed(&exchange, Outcome::ConnectionRefused, code, said);
        failed(&exchange, Outcome::ConnectionRefused, code, &format!("The proxy http://{}", server.address));
        assert_eq!(exchange.response, None);
    }
    let wants = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n";
    let server = TestProxy::http(wants, NOWHERE).await;
    let exchange = send("http://target.example/", &proxy(&format!("http://{}", server.address))).await;
    failed(&exchange, Outcome::ConnectionRefused, Code::ProxyAuthRequired, "wants a user and password");
}

#[tokio::test]
async fn what_a_socks_proxy_refuses_is_told_in_words() {
    for (reply, code, said) in [
        (1, Code::ProxyNoWay, "did not reach target.example:80"),
        (2, Code::ProxyRefused, "its rules do not allow it"),
        (3, Code::ProxyNoWay, "did not reach"),
        (4, Code::ProxyNoWay, "did not reach"),
        (5, Code::ProxyNoWay, "did not reach"),
    ] {
        let server = TestProxy::socks(None, reply, NOWHERE).await;
        let exchange = send("http://target.example/", &proxy(&format!("socks5h://{}", server.address))).await;
        failed(&exchange, Outcome::ConnectionRefused, code, said);
        failed(
            &exchange,
            Outcome::ConnectionRefused,
            code,
            &format!("The proxy socks5h://{}", server.address),
        );
    }
    let server = TestProxy::socks(Some(("me", "other")), 0, NOWHERE).await;
    let exchange =
        send("http://target.example/", &proxy(&format!("socks5h://me:geheim@{}", server.address))).await;
    failed(&exchange, Outcome::ConnectionRefused, Code::ProxyAuthRequired, "does not accept the user");
    let exchange = send("http://target.example/", &proxy(&format!("socks5h://{}", server.address))).await;
    failed(&exchange, Outcome::ConnectionRefused, Code::ProxyAuthRequired, "wants a user and password");
}

#[tokio::test]
async fn a_proxy_of_another_kind_is_no_proxy() {
    let http = Peer::answering(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
    let closing = Peer::closing_after(b"SSH-2.0-x\r\n\r\n").await;
    let exchange = send("https://target.example/", &proxy(&format!("http://{}", closing.address))).await;
    failed(&exchange, Outcome::InvalidResponse, Code::ProxyProtocol, "is it a proxy of another kind?");
    let short = Limits { timeout: Duration::from_millis(300), ..LIMITS };
    // A server of HTTP waits for the end of what SOCKS never ends.
    let via = proxy(&format!("socks5h://{}", http.address));
    let request = request(&event("generic", b"{}"), "http://target.example/");
    let exchange = sender().send(&request, Way { proxy: &via, ..Way::default() }, short).await;
    failed(&exchange, Outcome::Timeout, Code::TimeoutProxy, "gave no connection to target.example:80");
}

#[tokio::test]
async fn egress_rules_hold_behind_a_proxy() {
    let server = TestProxy::http(OK, NOWHERE).await;
    let http = proxy(&format!("http://{}", server.address));
    let private = Egress { deny_private: true, ..Egress::default() };
    let by = |egress| Way { proxy: &http, egress, ..Way::default() };
    // An address in the URL is judged, and a name by what names can be judged by; the proxy's own address is
    // nobody's target.
    let exchange = send_by("http://10.0.0.1/", by(&private)).await;
    failed(&exchange, Outcome::Blocked, Code::EgressPrivate, "10.0.0.1");
    let elsewhere = Egress { deny: vec!["other.example".parse().unwrap()], ..Egress::default() };
    assert_eq!(send_by("http://target.example/", by(&elsewhere)).await.failure, None);
    let denied = Egress { deny: vec!["*.example".parse().unwrap()], ..Egress::default() };
    let exchange = send_by("http://target.example/", by(&denied)).await;
    failed(&exchange, Outcome::Blocked, Code::EgressDenied, "`*.example`");
    assert_eq!(server.asked().len(), 1);
    // Where we are the ones who find the address, it is judged before the proxy hears of it.
    let socks = TestProxy::socks(None, 0, NOWHERE).await;
    let socks_proxy = proxy(&format!("socks5://{}", socks.address));
    let way = Way { proxy: &socks_proxy, egress: &private, ..Way::default() };
    let exchange = send_by("http://target.example/", way).await;
    failed(&exchange, Outcome::Blocked, Code::EgressPrivate, "203.0.113.9");
    assert!(socks.asked().is_empty());
}

/// Set for the process whose environment names the proxies.
const BY_ENVIRONMENT: &str = "HOOKBENCH_TEST_PROXY_BY_ENVIRONMENT";

#[test]
fn the_environment_names_the_systems_proxies() {
    if std::env::var_os(BY_ENVIRONMENT).is_some() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        return runtime.block_on(by_environment());
    }
    // The environment is the process's, so this test runs itself again in one of its own.
    let name = std::thread::current().name().unwrap().to_owned();
    let mut run = std::process::Command::new(std::env::current_exe().unwrap());
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REQUEST_METHOD"] {
        run.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    let run = run
        .args(["--exact", &name, "--nocapture"])
        .env(BY_ENVIRONMENT, "1")
        .env("HTTP_PROXY", "http://me:geheim@127.0.0.1:9")
        .env("ALL_PROXY", "socks5h://127.0.0.1:9")
        .env("NO_PROXY", "spared.invalid")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success() && said.contains("1 passed"), "{said}");
}

async fn by_environment() {
    let way = Way { proxy: &Proxy::System, ..Way::default() };
    for (url, code, said) in [
        ("http://target.invalid/", Code::ProxyUnreachable, "The proxy http://127.0.0.1:9 cannot be reached"),
        (
            "https://target.invalid/",
            Code::ProxyUnreachable,
            "The proxy socks5h://127.0.0.1:9 cannot be reached",
        ),
        ("http://spared.invalid/", Code::DnsNoAddress, "No address was found for spared.invalid"),
    ] {
        let exchange = Sender::new().send(&request(&event("generic", b"{}"), url), way, LIMITS).await;
        let failure = exchange.failure.unwrap();
        assert_eq!(failure.code, code, "{}", failure.error);
        assert!(failure.error.contains(said) && !failure.error.contains("geheim"), "{}", failure.error);
    }
}
