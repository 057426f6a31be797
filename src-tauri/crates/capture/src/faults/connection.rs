//! One connection to a fault receiver: one request, and what the dial has for it.

use std::sync::Arc;
use std::time::Duration;

use hookbench_model::{HeaderPairs, InFlightEntry};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::server::TlsStream;

use super::answer::{HALF_A_HEAD, Length, answer, refusal};
use super::dial::{Dial, FaultKind, Turn};
use super::read::{Request, read};
use super::received::Received;
use super::receiver::Shared;
use crate::by_hand::{HOLD, close, drip, hold, write};

/// The type of a TLS record that begins a handshake, which is the first byte of TLS.
const TLS_HANDSHAKE: u8 = 22;

/// A connection, in clear or over TLS.
trait Wire: AsyncRead + AsyncWrite + Unpin {
    /// What it goes over.
    fn tcp(&self) -> &TcpStream;
}

impl Wire for TcpStream {
    fn tcp(&self) -> &TcpStream {
        self
    }
}

impl Wire for TlsStream<TcpStream> {
    fn tcp(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Serves one connection to its end.
pub(super) async fn serve(shared: Arc<Shared>, tcp: TcpStream) {
    // What drips should drip.
    let _ = tcp.set_nodelay(true);
    let mut first = [0];
    match timeout(shared.limits.idle, tcp.peek(&mut first)).await {
        Ok(Ok(1)) if first[0] == TLS_HANDSHAKE => over_tls(&shared, tcp).await,
        Ok(Ok(1)) => converse(&shared, tcp, None).await,
        // It closed, or never said a word.
        _ => {}
    }
}

/// A handshake has its turn before there is a request, since the certificate comes first.
async fn over_tls(shared: &Shared, tcp: TcpStream) {
    let (dial, turn) = shared.take_turn();
    let bad = (turn.fault == Some(FaultKind::BadTls)).then_some(dial.certificate);
    let handshake = shared.certificates.acceptor(bad).accept(tcp);
    let problem = match timeout(shared.limits.head_time, handshake).await {
        Ok(Ok(stream)) => return converse(shared, stream, Some((dial, turn))).await,
        Ok(Err(error)) => format!("the TLS handshake failed: {error}"),
        Err(_) => {
            format!("the TLS handshake was not done within {} ms", shared.limits.head_time.as_millis())
        }
    };
    shared.note(row(shared, true, None, Some(turn), Some(problem)));
}

async fn converse<S: Wire>(shared: &Shared, mut stream: S, given: Option<(Arc<Dial>, Turn)>) {
    let over_tls = given.is_some();
    let request = match read(&mut stream, &shared.limits).await {
        Ok(Some(request)) => request,
        Ok(None) => return,
        Err(fault) => {
            shared.note(row(shared, over_tls, None, None, Some(fault.to_string())));
            let _ = stream.write_all(&refusal(fault.status(), &fault.to_string())).await;
            return close(&mut stream, shared.limits.linger).await;
        }
    };
    let (dial, turn) = given.unwrap_or_else(|| shared.take_turn());
    shared.note(row(shared, over_tls, Some(&request), Some(turn), None));
    drop(request);
    if dial.delay_ms > 0 {
        shared.wait(Duration::from_millis(dial.delay_ms)).await;
    }
    let whole = |length| answer(&dial, turn.status, length, shared.clock.now());
    match turn.fault {
        Some(FaultKind::Reset) => {
            // With no time to linger a connection that is dropped is reset.
            let _ = stream.tcp().set_zero_linger();
            return;
        }
        Some(FaultKind::NoAnswer) => return hold(&mut stream).await,
        Some(FaultKind::Close) => {}
        Some(FaultKind::Drip) => {
            let _ = timeout(
                HOLD,
                drip(&mut stream, &whole(Length::Right), dial.drip_bytes_per_s, &*shared.clock),
            )
            .await;
        }
        Some(FaultKind::HalfHeaders) => write(&mut stream, HALF_A_HEAD).await,
        Some(FaultKind::WrongLength) => write(&mut stream, &whole(Length::Wrong)).await,
        Some(FaultKind::BadTls) | None => write(&mut stream, &whole(Length::Right)).await,
    }
    close(&mut stream, shared.limits.linger).await;
}

fn row(
    shared: &Shared,
    over_tls: bool,
    request: Option<&Request>,
    turn: Option<Turn>,
    problem: Option<String>,
) -> Received {
    let sent = request.and_then(|request| {
        let body = request.body.as_ref()?;
        shared.ledger.arrived(&request.method, &request.target, body, &request.headers)
    });
    Received {
        number: 0,
        at: shared.clock.now(),
        over_tls,
        method: request.map(|request| request.method.clone()),
        target: request.map(|request| shown_target(&request.target, sent.as_ref())),
        body_size: request.map_or(0, |request| request.body_size),
        delivery: sent.map(|entry| (entry.delivery, entry.attempt)),
        turn,
        problem,
    }
}

/// A request's path and query, without what was hidden of them when it was sent from here.
fn shown_target(target: &str, sent: Option<&InFlightEntry>) -> String {
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let shown = sent.and_then(|sent| sent.shown_of(query, (&HeaderPairs::new(), query)));
    match shown.and_then(|shown| shown.query) {
        Some(query) => format!("{path}?{query}"),
        None => target.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hookbench_model::{DeliveryId, Shown, Timestamp, VEIL};

    #[test]
    fn what_was_hidden_when_it_was_sent_is_hidden_in_the_target() {
        let shown = Shown { headers: HeaderPairs::new(), query: Some(format!("a=1&t={VEIL}")) };
        let delivery = DeliveryId::new(Timestamp::EPOCH);
        let sent = InFlightEntry { delivery, attempt: 1, headers: HeaderPairs::new(), shown, relay: None };
        assert_eq!(shown_target("/a?a=1&t=tk-of-another", Some(&sent)), "/a?a=1&t=(the secret)");
        assert_eq!(shown_target("/a?a=1&t=tk-of-another", None), "/a?a=1&t=tk-of-another");
        assert_eq!(shown_target("/a", Some(&sent)), "/a");
    }
}
