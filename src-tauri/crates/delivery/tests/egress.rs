//! Where deliveries may go: judged by the address that is then used.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hookbench_delivery::send::{Exchange, Limits, Names, Sender, SystemProxy, Way};
use hookbench_model::{Egress, ErrorCode as Code, Outcome, Proxy, TlsPolicy};
use support::authority::{Authority, serve};
use support::peer::{OK, Peer};
use support::proxy::TestProxy;
use support::{event, request};

const LIMITS: Limits = Limits { timeout: Duration::from_secs(20), response_cap: 1024 };
const CONNECTED: &[u8] = b"HTTP/1.1 200 Connection established\r\n\r\n";

fn rules(deny_private: bool, allow: &[&str], deny: &[&str]) -> Egress {
    let read = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect();
    Egress { deny_private, allow: read(allow), deny: read(deny) }
}

/// A sender that finds these addresses, one list a question, and counts the questions.
fn finding(answers: Vec<Vec<&'static str>>) -> (Sender, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let names = Names::from_fn(move |_| {
        let number = counter.fetch_add(1, Ordering::SeqCst);
        let answer = answers[number.min(answers.len() - 1)].clone();
        async move { Ok(answer.iter().map(|text| text.parse::<IpAddr>().unwrap()).collect()) }
    });
    (Sender::within(names, SystemProxy::of("", "", "")), asked)
}

async fn send(sender: &Sender, url: &str, egress: &Egress) -> Exchange {
    sender.send(&request(&event("generic", b"{}"), url), Way { egress, ..Way::default() }, LIMITS).await
}

fn blocked(exchange: &Exchange, code: Code, said: &str) {
    let failure = exchange.failure.as_ref().expect("it should have been blocked");
    assert_eq!((failure.outcome, failure.code), (Outcome::Blocked, code), "{}", failure.error);
    assert!(failure.error.contains(said), "`{}` does not say `{said}`", failure.error);
    assert_eq!((exchange.remote_addr, &exchange.response), (None, &None));
}

#[tokio::test]
async fn private_addresses_are_denied_however_they_are_written() {
    let sender = Sender::new();
    let private = rules(true, &[], &[]);
    for (url, address) in [
        ("http://127.0.0.1:81/", "127.0.0.1"),
        ("http://2130706433/", "127.0.0.1"),
        ("http://0x7f.1/", "127.0.0.1"),
        ("http://0177.0.0.1/", "127.0.0.1"),
        ("http://127.1/", "127.0.0.1"),
        ("http://0/", "0.0.0.0"),
        ("http://[::1]/", "::1"),
        ("http://[::ffff:10.0.0.1]/", "10.0.0.1"),
        ("http://[::ffff:a00:1]/", "10.0.0.1"),
        ("http://169.254.169.254/latest/meta-data", "169.254.169.254"),
        ("http://100.64.0.1/", "100.64.0.1"),
        ("http://[fd00::1]/", "fd00::1"),
        ("http://224.0.0.1/", "224.0.0.1"),
        ("http://１２７.０.０.１/", "127.0.0.1"),
    ] {
        blocked(
            &send(&sender, url, &private).await,
            Code::EgressPrivate,
            &format!(": {address} is an address"),
        );
    }
}

#[tokio::test]
async fn a_name_is_judged_by_its_address() {
    let peer = Peer::answering(OK).await;
    let port = peer.address.port();
    let (sender, _) = finding(vec![vec!["127.0.0.1"]]);
    let url = format!("http://innocent.example:{port}/");
    let private = rules(true, &[], &[]);
    let exchange = send(&sender, &url, &private).await;
    blocked(
        &exchange,
        Code::EgressPrivate,
        &format!("Nothing was sent to innocent.example:{port}: 127.0.0.1"),
    );
    let denied = rules(false, &[], &["127.0.0.0/8"]);
    blocked(&send(&sender, &url, &denied).await, Code::EgressDenied, "`127.0.0.0/8`");
    let elsewhere = rules(false, &["*.other.example"], &[]);
    blocked(&send(&sender, &url, &elsewhere).await, Code::EgressNotAllowed, "not on the list");
    // A name that is allowed does not open private networks; the network itself does.
    let named = rules(true, &["innocent.example"], &[]);
    blocked(&send(&sender, &url, &named).await, Code::EgressPrivate, "127.0.0.1");
    assert_eq!(peer.requests().len(), 0);
    let network = rules(true, &["127.0.0.0/8"], &[]);
    assert_eq!(send(&sender, &url, &network).await.failure, None);
    assert_eq!(send(&sender, &url, &rules(false, &["innocent.example"], &[])).await.failure, None);
}

#[tokio::test]
async fn the_address_that_was_judged_is_the_one_that_is_used() {
    let peer = Peer::answering(OK).await;
    // A name that answers otherwise the second time: whoever asked again would be led to a private address.
    let (sender, asked) = finding(vec![vec!["127.0.0.1"], vec!["10.0.0.1"]]);
    let url = format!("http://rebinding.example:{}/", peer.address.port());
    let exchange = send(&sender, &url, &rules(false, &[], &["10.0.0.0/8"])).await;
    assert_eq!(exchange.failure, None);
    assert_eq!(exchange.remote_addr, Some(peer.address));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn of_several_addresses_those_that_are_denied_are_not_tried() {
    let peer = Peer::answering(OK).await;
    let (sender, _) = finding(vec![vec!["10.0.0.1", "127.0.0.1"]]);
    let url = format!("http://both.example:{}/", peer.address.port());
    let exchange = send(&sender, &url, &rules(false, &[], &["10.0.0.0/8"])).await;
    assert_eq!(exchange.failure, None);
    assert_eq!(exchange.remote_addr, Some(peer.address));
}

#[tokio::test]
async fn a_connection_that_one_rule_allowed_does_not_serve_another() {
    let peer = Peer::answering(OK).await;
    let sender = Sender::new();
    assert_eq!(send(&sender, &peer.url(), &Egress::default()).await.failure, None);
    blocked(&send(&sender, &peer.url(), &rules(true, &[], &[])).await, Code::EgressPrivate, "127.0.0.1");
}

/// A sender that finds no name, and what its system calls its proxy.
fn finding_nothing(system_proxy: &str) -> Sender {
    let names = Names::from_fn(async |_| Err(std::io::ErrorKind::NotFound.into()));
    Sender::within(names, SystemProxy::of(system_proxy, system_proxy, ""))
}

fn via(scheme: &str, proxy: &TestProxy) -> Proxy {
    Proxy::parse(&format!("{scheme}://{}", proxy.address), None).unwrap()
}

/// Sends through the endpoint's own proxy.
async fn send_through(sender: &Sender, url: &str, proxy: &Proxy, egress: &Egress) -> Exchange {
    let way = Way { proxy, own_proxy: true, egress, ..Way::default() };
    sender.send(&request(&event("generic", b"{}"), url), way, LIMITS).await
}

#[tokio::test]
async fn a_proxy_that_looks_names_up_hears_of_none_whose_address_is_denied() {
    let peer = Peer::answering(OK).await;
    let port = peer.address.port();
    let by_system = Sender::within(Names::default(), SystemProxy::of("", "", ""));
    let (by_owner, _) = finding(vec![vec!["127.0.0.1"]]);
    let (private, denied) = (rules(true, &[], &[]), rules(false, &[], &["127.0.0.0/8", "::1"]));
    // Allowed by its name it is no more permitted than on the straight way.
    let named = rules(true, &["innocent.example", "localhost"], &[]);
    let http = TestProxy::http(CONNECTED, peer.address).await;
    let socks = TestProxy::socks(None, 0, peer.address).await;
    for (proxy, asked) in [(via("http", &http), &http), (via("socks5h", &socks), &socks)] {
        for (sender, host) in [(&by_system, "localhost"), (&by_owner, "innocent.example")] {
            for scheme in ["http", "https"] {
                let url = format!("{scheme}://{host}:{port}/");
                let exchange = send_through(sender, &url, &proxy, &private).await;
                blocked(&exchange, Code::EgressPrivate, &format!("Nothing was sent to {host}:{port}: "));
                let exchange = send_through(sender, &url, &proxy, &denied).await;
                blocked(&exchange, Code::EgressDenied, "the egress rule `");
                let exchange = send_through(sender, &url, &proxy, &named).await;
                blocked(&exchange, Code::EgressPrivate, "private network");
            }
        }
        assert_eq!(asked.asked(), [""; 0]);
    }
    assert_eq!(*peer.connections.lock().unwrap(), 0);
}

#[tokio::test]
async fn a_proxy_that_looks_names_up_is_given_the_address_that_was_judged() {
    let peer = Peer::answering(OK).await;
    let egress = rules(false, &[], &["10.0.0.0/8"]);
    let http = TestProxy::http(CONNECTED, peer.address).await;
    let socks = TestProxy::socks(None, 0, peer.address).await;
    for proxy in [via("http", &http), via("socks5h", &socks)] {
        // Whoever asked again would be led to an address that is denied.
        let (sender, questions) = finding(vec![vec!["10.0.0.1", "203.0.113.9"], vec!["10.0.0.1"]]);
        let exchange = send_through(&sender, "http://target.example/hook", &proxy, &egress).await;
        assert_eq!(exchange.failure, None);
        assert_eq!(questions.load(Ordering::SeqCst), 1);
        assert!(exchange.connection.unwrap().proxy.is_some());
    }
    assert_eq!(socks.asked(), ["203.0.113.9:80"]);
    let asked = http.asked();
    assert!(asked[0].starts_with("CONNECT 203.0.113.9:80 HTTP/1.1\r\n"), "{}", asked[0]);
    assert!(!asked[0].contains("target.example"), "{}", asked[0]);
    for request in peer.requests() {
        let request = String::from_utf8(request).unwrap();
        assert!(request.starts_with("POST /hook HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("\r\nHost: target.example\r\n"), "{request}");
    }
    // Without rules about addresses it is given the name, and a request in clear whole.
    let forwards = TestProxy::http(OK, peer.address).await;
    let (sender, questions) = finding(vec![vec!["10.0.0.1"]]);
    for by_name in [Egress::default(), rules(false, &["target.example"], &["other.example"])] {
        let exchange =
            send_through(&sender, "http://target.example/", &via("http", &forwards), &by_name).await;
        assert_eq!(exchange.failure, None);
    }
    for asked in forwards.asked() {
        assert!(asked.starts_with("POST http://target.example/ HTTP/1.1\r\n"), "{asked}");
    }
    assert_eq!((forwards.asked().len(), questions.load(Ordering::SeqCst)), (2, 0));
}

#[tokio::test]
async fn in_a_tunnel_to_the_address_tls_is_checked_by_the_name() {
    let authority = Authority::new();
    let target = serve(&authority.issue("target.example", |_| ()), None).await;
    let tls = TlsPolicy { ca_pem: Some(authority.pem()), ..TlsPolicy::default() };
    let server = TestProxy::http(CONNECTED, target).await;
    let (proxy, egress) = (via("http", &server), rules(false, &[], &["10.0.0.0/8"]));
    let (sender, _) = finding(vec![vec!["2001:db8::9"]]);
    let request = request(&event("generic", b"{}"), "https://target.example/hook");
    let way = Way { proxy: &proxy, egress: &egress, tls: &tls, ..Way::default() };
    assert_eq!(sender.send(&request, way, LIMITS).await.failure, None);
    let asked = server.asked();
    assert!(asked[0].starts_with("CONNECT [2001:db8::9]:443 HTTP/1.1\r\n"), "{}", asked[0]);
}

#[tokio::test]
async fn an_address_that_the_proxy_does_not_reach_is_followed_by_the_next() {
    let peer = Peer::answering(OK).await;
    let unreachable = |target: &str| if target.starts_with("2001:") { 4 } else { 0 };
    let socks = TestProxy::socks_by(None, unreachable, peer.address).await;
    let (proxy, egress) = (via("socks5h", &socks), rules(false, &[], &["10.0.0.0/8"]));
    let (sender, _) = finding(vec![vec!["2001:db8::9", "10.0.0.1", "203.0.113.9"]]);
    let exchange = send_through(&sender, "http://target.example/", &proxy, &egress).await;
    assert_eq!(exchange.failure, None);
    assert_eq!(socks.asked(), ["2001:db8::9:80", "203.0.113.9:80"]);
    let (sender, _) = finding(vec![vec!["2001:db8::9"]]);
    let failure = send_through(&sender, "http://target.example/", &proxy, &egress).await.failure.unwrap();
    assert_eq!(failure.code, Code::ProxyNoWay);
    assert!(failure.error.contains("target.example:80 at 2001:db8::9 "), "{}", failure.error);
}

#[tokio::test]
async fn a_name_that_cannot_be_judged_here_is_not_left_to_the_proxy() {
    let http = TestProxy::http(OK, "127.0.0.1:9".parse().unwrap()).await;
    let socks = TestProxy::socks(None, 0, "127.0.0.1:9".parse().unwrap()).await;
    let private = rules(true, &[], &[]);
    let system = finding_nothing(&format!("http://{}", http.address));
    for proxy in [via("http", &http), via("socks5h", &socks), Proxy::System] {
        for url in ["http://inside.example/", "https://inside.example/"] {
            let exchange = send_through(&system, url, &proxy, &private).await;
            blocked(&exchange, Code::EgressDenied, "its address could not be judged");
            blocked(&exchange, Code::EgressDenied, "take the rules about addresses away");
        }
    }
    assert_eq!((http.asked(), socks.asked()), (vec![], vec![]));
    // The rules about names need no address.
    let by_name = rules(false, &["inside.example"], &[]);
    assert_eq!(
        send_through(&system, "http://inside.example/", &via("http", &http), &by_name).await.failure,
        None
    );
}

#[tokio::test]
async fn a_proxy_that_takes_no_addresses_is_told_why_it_was_given_one() {
    let refuses = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
    let http = TestProxy::http(refuses, "127.0.0.1:9".parse().unwrap()).await;
    let (sender, _) = finding(vec![vec!["203.0.113.9"]]);
    for (egress, explained) in [(rules(false, &[], &["10.0.0.0/8"]), true), (Egress::default(), false)] {
        let exchange = send_through(&sender, "https://target.example/", &via("http", &http), &egress).await;
        let failure = exchange.failure.unwrap();
        assert_eq!(failure.code, Code::ProxyRefused);
        assert_eq!(failure.error.contains("since rules deny addresses"), explained, "{}", failure.error);
    }
}
