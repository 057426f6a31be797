//! What fails on this side, or on the way.

use std::fs::File;
use std::process::Command;

use hookbench_delivery::send::{Names, Sender, SystemProxy, Way};
use hookbench_model::ErrorCode as Code;
use hookbench_model::Outcome::{Blocked, ConnectionRefused, DnsFailure, Timeout};
use tokio::net::TcpListener;

use crate::support::peer::Peer;
use crate::{LIMITS, SHORT, Tried, small, try_at, try_request};

#[tokio::test]
async fn nobody_listens() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let said = format!("Nothing listens at {free} (connection refused)");
    let exchange = try_at(free, LIMITS).await.failed(ConnectionRefused, Code::Refused, &said).await;
    assert_eq!((exchange.response, exchange.remote_addr, exchange.connection), (None, None, None));
}

#[tokio::test]
async fn no_way_there() {
    // A network for documentation: nothing routes it, and some networks swallow what goes there.
    let tried = try_request(&small("http://[2001:db8::1]:81/"), Way::default(), SHORT).await;
    let failure = tried.exchange.failure.clone().unwrap();
    match failure.code {
        Code::TimeoutConnect => tried.failed(Timeout, Code::TimeoutConnect, "No connection to").await,
        _ => tried.failed(ConnectionRefused, Code::Unreachable, "There is no way to [2001:db8::1]:81").await,
    };
}

#[tokio::test]
async fn a_name_without_an_address() {
    let tried = try_request(&small("http://nobody.invalid:81/"), Way::default(), LIMITS).await;
    let said = "No address was found for nobody.invalid";
    let exchange = tried.failed(DnsFailure, Code::DnsNoAddress, said).await;
    assert!(exchange.timing.dns_ms.is_some() && exchange.timing.connect_ms.is_none());
}

#[tokio::test]
async fn a_resolver_that_is_silent_or_gives_nothing() {
    let silent = Sender::within(Names::from_fn(|_| std::future::pending()), SystemProxy::default());
    let exchange = silent.send(&small("http://slow.example/"), Way::default(), SHORT).await;
    let tried = Tried { sender: Sender::new(), exchange };
    let said = "No address was found for slow.example:80 within 300 ms";
    tried.failed(Timeout, Code::TimeoutDns, said).await;

    let empty = Sender::within(Names::from_fn(|_| async { Ok(Vec::new()) }), SystemProxy::default());
    let exchange = empty.send(&small("http://empty.example/"), Way::default(), LIMITS).await;
    let tried = Tried { sender: Sender::new(), exchange };
    tried.failed(DnsFailure, Code::DnsNoAddress, "No address was found for empty.example").await;
}

/// Set for the process that has few file handles.
const FEW: &str = "HOOKBENCH_TEST_FEW_FILES";

#[test]
fn no_file_handles_left() {
    if std::env::var_os(FEW).is_some() {
        return with_few_files();
    }
    // The limit is the process's, so this test runs itself again in one of its own.
    let name = std::thread::current().name().unwrap().to_owned();
    let limited = "ulimit -n 64 && exec \"$0\" --exact \"$1\" --nocapture";
    let run = Command::new("sh")
        .args(["-c", limited, std::env::current_exe().unwrap().to_str().unwrap(), &name])
        .env(FEW, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&run.stdout).into_owned() + &String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{said}");
    assert!(said.contains("1 passed"), "{said}");
}

fn with_few_files() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let peer = Peer::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        let sender = Sender::new();
        let mut hogs = Vec::new();
        while let Ok(hog) = File::open("/dev/null") {
            hogs.push(hog);
        }
        for url in [peer.url(), format!("http://localhost:{}/", peer.address.port())] {
            let exchange = sender.send(&small(&url), Way::default(), LIMITS).await;
            let failure = exchange.failure.unwrap();
            let said = (failure.outcome, failure.code);
            assert_eq!(said, (Blocked, Code::TooManyOpenFiles), "{url}: {}", failure.error);
            assert!(failure.error.contains("too many files are open"), "{}", failure.error);
        }
        drop(hogs);
        let exchange = sender.send(&small(&peer.url()), Way::default(), LIMITS).await;
        assert_eq!(exchange.failure, None);
    });
}
