//! Where deliveries may go: judged by the address that is then used.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod support;

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hookbench_delivery::send::{Exchange, Limits, Names, Sender, SystemProxy, Way};
use hookbench_model::{Egress, ErrorCode as Code, Outcome};
use support::peer::{OK, Peer};
use support::{event, request};

const LIMITS: Limits = Limits { timeout: Duration::from_secs(20), response_cap: 1024 };

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
