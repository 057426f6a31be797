//! Servers that do what servers should not, on raw TCP with ports of their own. For each: what the exchange
//! is called, its exact code, its sentence; and that the sender goes on as if nothing had been, with no
//! connection left open.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod answers;
mod breaks;
mod engine;
mod http2;
mod local;
mod slow;
#[path = "../support/mod.rs"]
mod support;
mod tls;

use std::net::SocketAddr;
use std::time::Duration;

use hookbench_delivery::build::BuiltRequest;
use hookbench_delivery::send::{Exchange, Limits, Sender, Way};
use hookbench_model::{ErrorCode, Outcome};
use support::peer::Peer;
use support::{event, request};
use tokio::net::{TcpListener, TcpStream};

const LIMITS: Limits = Limits { timeout: Duration::from_secs(20), response_cap: 1024 };
const SHORT: Limits = Limits { timeout: Duration::from_millis(300), ..LIMITS };

/// A server that does this with every connection.
async fn server<F, Fut>(treat: F) -> SocketAddr
where
    F: Fn(TcpStream) -> Fut + Send + 'static,
    Fut: Future<Output = Option<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(treat(stream));
        }
    });
    address
}

fn small(url: &str) -> BuiltRequest {
    request(&event("generic", b"{\"a\":1}"), url)
}

/// What came of one exchange, and that nothing is left of it.
struct Tried {
    sender: Sender,
    exchange: Exchange,
}

async fn try_at(address: SocketAddr, limits: Limits) -> Tried {
    try_request(&small(&format!("http://{address}/hook")), Way::default(), limits).await
}

async fn try_request(request: &BuiltRequest, way: Way<'_>, limits: Limits) -> Tried {
    let sender = Sender::new();
    let exchange = sender.send(request, way, limits).await;
    Tried { sender, exchange }
}

impl Tried {
    /// It failed so. The same sender then delivers elsewhere, and the bad connection is closed.
    async fn failed(self, outcome: Outcome, code: ErrorCode, said: &str) -> Exchange {
        let failure = self.exchange.failure.clone().expect("the exchange should have failed");
        assert_eq!((failure.outcome, failure.code), (outcome, code), "{}", failure.error);
        assert!(failure.error.contains(said), "`{}` does not say `{said}`", failure.error);
        self.leaves_nothing().await
    }

    /// An answer came.
    fn answered(self, status: u16) -> Exchange {
        assert_eq!(self.exchange.failure, None);
        assert_eq!(self.exchange.response.as_ref().map(|response| response.status), Some(status));
        self.exchange
    }

    async fn leaves_nothing(self) -> Exchange {
        let mut open = self.sender.open_connections();
        let closed = tokio::time::timeout(LIMITS.timeout, open.wait_for(|open| *open == 0)).await.is_ok();
        assert!(closed, "a connection was left open");
        let good = Peer::answering(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").await;
        let next = self.sender.send(&small(&good.url()), Way::default(), LIMITS).await;
        assert_eq!(next.failure, None);
        assert_eq!(*open.borrow(), 1);
        self.exchange
    }
}
