use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bytes::BytesMut;
use hookbench_model::{HeaderPairs, HttpVersion, SentResponse};
use http::{StatusCode, Version};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use tokio::sync::Notify;

use super::answer_head::WireHead;
use super::connect::{Opened, refused};
use super::failure::{self, Failure};
use super::line::{Line, Outgoing, speak_http1, speak_http2};
use super::phases::{Phases, Stage};
use super::pool::Pool;
use super::proxy::Via;
use super::target::Target;
use super::way::Route;
use super::{Exchange, Sender};
use crate::build::{BuiltRequest, WireForm};

/// How many interim answers (1xx) may come before the final one.
const MOST_INTERIM: usize = 64;

/// How often a request goes to another connection because the one it was given had just been closed, before
/// any of it was sent.
const STALE: usize = 3;

/// How long a connection may take to be done with an exchange that is over, before it is closed instead of
/// kept.
const SETTLES_WITHIN: Duration = Duration::from_millis(100);

/// As much of an answer as is here.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    head: Option<Head>,
    body: BytesMut,
    received: u64,
    whole: bool,
}

#[derive(Debug)]
struct Head {
    status: u16,
    http_version: String,
    headers: HeaderPairs,
}

impl Arrived {
    pub(super) fn end(self, phases: &Phases, failure: Option<Failure>) -> Exchange {
        let end = phases.done();
        let response = self.head.map(|head| SentResponse {
            status: head.status,
            http_version: head.http_version,
            headers: head.headers,
            body_size: self.received,
            body: self.body.freeze(),
            body_truncated: !self.whole,
        });
        Exchange {
            duration: phases.since_begin(end),
            timing: phases.timing(),
            remote_addr: phases.remote(),
            connection: phases.connection(),
            over_http2: phases.is_http2(),
            response,
            failure,
        }
    }

    fn begin(&mut self, response: &http::Response<Incoming>, on_wire: Option<WireHead>) {
        self.head = Some(Head {
            status: response.status().as_u16(),
            http_version: version_name(response.version()),
            headers: WireHead::of_answer(on_wire, response.headers()).1,
        });
    }

    /// Keeps a piece of the body; false once the cap is reached and there was more.
    fn keep(&mut self, piece: &[u8], cap: usize) -> bool {
        let room = cap - self.body.len();
        self.received += piece.len() as u64;
        self.body.extend_from_slice(&piece[..piece.len().min(room)]);
        piece.len() <= room
    }
}

fn version_name(version: Version) -> String {
    format!("{version:?}")
}

impl Sender {
    /// Makes the exchange; gives the connection back where another can be made over it.
    pub(super) async fn exchange(
        &self,
        request: &BuiltRequest,
        route: &Arc<Route>,
        target: &Target,
        cap: usize,
        phases: &Phases,
        arrived: &mut Arrived,
    ) -> Result<Option<Line>, Failure> {
        let peer = target.shown();
        let Begun { mut line, response, head, via } = self.begin(request, route, target, phases).await?;
        arrived.begin(&response, head);
        expected(response.status(), via.as_ref(), &peer)?;
        phases.enter(Stage::Body);
        let mut body = response.into_body();
        let mut suspect = Suspect { pool: &route.pool, target, line: &mut line, cleared: false };
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|error| failure::explain(&error, &peer, phases))?;
            // Trailers are read over, and dropped.
            let Ok(piece) = frame.into_data() else { continue };
            if !arrived.keep(&piece, cap) {
                suspect.cleared = true;
                return Ok(None);
            }
        }
        suspect.cleared = true;
        arrived.whole = true;
        drop(suspect);
        Ok(Some(line))
    }

    /// Sends the request and waits for the head of its answer.
    pub(super) async fn begin(
        &self,
        request: &BuiltRequest,
        route: &Arc<Route>,
        target: &Target,
        phases: &Phases,
    ) -> Result<Begun, Failure> {
        let peer = target.shown();
        let via = self.connector.forwarding(route, target)?;
        let interim = Arc::new(Interim::default());
        let mut stale = 0;
        loop {
            let mut line = self.line(route, target, phases).await?;
            let mut outgoing = written(request, &line, via.as_ref(), &peer)?;
            // A proxy writes heads anew.
            let head = request.exact_head().filter(|_| via.is_none());
            interim.clone().count(&mut outgoing);
            if let Some(tap) = line.tap() {
                tap.keep_head();
            }
            phases.enter(Stage::Request);
            // Whoever drops the line before it has answered takes it out of use.
            let suspect = Suspect { pool: &route.pool, target, line: &mut line, cleared: false };
            match suspect.send(outgoing, head, &interim, &peer, phases).await? {
                Sent::Answered(response) => {
                    let head = line.tap().and_then(|tap| tap.head());
                    return Ok(Begun { line, response, head, via });
                }
                Sent::NotAtAll(failure) if !phases.reused() || stale == STALE => return Err(failure),
                Sent::NotAtAll(_) => {
                    stale += 1;
                    phases.start_over();
                }
            }
        }
    }

    /// A connection to the target: one that is open, or a new one.
    async fn line(&self, route: &Arc<Route>, target: &Target, phases: &Phases) -> Result<Line, Failure> {
        if let Some(line) = route.pool.take(target) {
            return Ok(reuse(line, phases));
        }
        let certain = route.http_version == HttpVersion::Http2;
        let _opening = match route.pool.opening(target, certain) {
            None => None,
            Some(opening) => {
                phases.enter(Stage::Connect);
                let held = opening.lock_owned().await;
                if let Some(line) = route.pool.take(target) {
                    phases.start_over();
                    return Ok(reuse(line, phases));
                }
                phases.start_over();
                Some(held)
            }
        };
        let Opened { io, http2 } = self.connector.open(route, target, phases).await?;
        phases.learn(|facts| facts.http2 = Some(http2));
        let broken = |error: hyper::Error| failure::explain(&error, &target.shown(), phases);
        let line = if http2 {
            let shared = speak_http2(io, phases.opened(), &self.open).await.map_err(broken)?;
            let line = shared.lease();
            route.pool.share(target, &shared);
            line
        } else {
            speak_http1(io, phases.opened(), &self.open).await.map_err(broken)?
        };
        phases.over(Arc::clone(line.facts()), false, line.tap().cloned());
        Ok(line)
    }
}

fn reuse(line: Line, phases: &Phases) -> Line {
    if let Some(tap) = line.tap() {
        tap.rewind();
    }
    phases.over(Arc::clone(line.facts()), true, line.tap().cloned());
    line
}

/// Keeps a connection for the next exchange, once it is done with the last one.
pub(super) async fn keep(pool: &Arc<Pool>, target: &Target, mut line: Line) {
    if tokio::time::timeout(SETTLES_WITHIN, line.settles()).await == Ok(true) {
        pool.put(target, line);
    }
}

/// The request as it goes out over this connection.
fn written(request: &BuiltRequest, line: &Line, via: Option<&Via>, peer: &str) -> Result<Outgoing, Failure> {
    let form = match via {
        _ if line.is_shared() => WireForm::Http2,
        Some(via) => WireForm::Forwarded(via.authorization()),
        None => WireForm::Http1,
    };
    request.to_http(form).map_err(|error| failure::unbuildable(peer, &error))
}

/// An exchange whose answer has begun.
pub(super) struct Begun {
    pub(super) line: Line,
    pub(super) response: http::Response<Incoming>,
    /// The head of the answer as it stood on the wire; `None` over HTTP/2.
    pub(super) head: Option<WireHead>,
    /// The proxy that the request was handed to whole.
    pub(super) via: Option<Via>,
}

/// Refuses an answer that is none of the target's to this request.
pub(super) fn expected(status: StatusCode, via: Option<&Via>, peer: &str) -> Result<(), Failure> {
    if status == StatusCode::SWITCHING_PROTOCOLS {
        return Err(failure::unasked_upgrade(peer));
    }
    match via.filter(|_| status == StatusCode::PROXY_AUTHENTICATION_REQUIRED) {
        Some(via) => Err(refused(status, via, peer)),
        None => Ok(()),
    }
}

enum Sent {
    Answered(http::Response<Incoming>),
    /// The connection had ended before; nothing of the request was sent.
    NotAtAll(Failure),
}

/// A connection that an answer is awaited from. One of HTTP/2 that did not give it carries nothing new: others
/// would wait there too.
struct Suspect<'a> {
    pool: &'a Pool,
    target: &'a Target,
    line: &'a mut Line,
    cleared: bool,
}

impl Suspect<'_> {
    async fn send(
        mut self,
        outgoing: Outgoing,
        head: Option<Vec<u8>>,
        interim: &Interim,
        peer: &str,
        phases: &Phases,
    ) -> Result<Sent, Failure> {
        let answer = tokio::select! {
            answer = self.line.send(outgoing, head) => answer,
            () = interim.too_many.notified() => return Err(failure::too_many_interim(peer, MOST_INTERIM)),
        };
        match answer {
            Ok(response) => {
                self.cleared = true;
                Ok(Sent::Answered(response))
            }
            Err(mut error) => {
                let unsent = error.take_message().is_some();
                let failure = failure::explain(error.error(), peer, phases);
                if unsent { Ok(Sent::NotAtAll(failure)) } else { Err(failure) }
            }
        }
    }
}

impl Drop for Suspect<'_> {
    fn drop(&mut self) {
        if !self.cleared {
            self.line.give_up();
            self.pool.forget(self.target, self.line);
        }
    }
}

/// Counts interim answers.
#[derive(Debug, Default)]
struct Interim {
    seen: AtomicUsize,
    too_many: Notify,
}

impl Interim {
    fn count(self: Arc<Self>, outgoing: &mut Outgoing) {
        hyper::ext::on_informational(outgoing, move |_| {
            if self.seen.fetch_add(1, Ordering::Relaxed) == MOST_INTERIM {
                self.too_many.notify_one();
            }
        });
    }
}
