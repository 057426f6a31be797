//! The answer of a chosen target on its way back to the sender, and the note of what became of it.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::Body;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use hookbench_model::{
    CapturedRequest, HeaderPairs, NewRelay, RelayState, RelayTarget, RelayWay, RelayedResponse, RequestId,
    Shown,
};
use hookbench_store::{EndedRelay, Relays, Store};
use http::header::{CONTENT_LENGTH, TRAILER, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep, sleep_until};
use tokio_util::task::TaskTracker;

use crate::inboxes::Known;
use crate::relay::{Relay, RelayOptions, RelayedRequest, TargetAnswer, TargetBody};
use crate::relay_head::OwnHead;
use crate::reply::{is_of_connection, sentence};
use crate::wire::Arrivals;

/// Where a captured request goes from here: to whom, and whose answer its sender gets. A handshake is answered here and
/// goes nowhere; where a rule answers the target that would have is left out. What came by a relay goes no further.
pub(crate) fn passed_on(
    known: &Known,
    event_type: Option<&str>,
    relayed: bool,
    (handshake, by_rule): (bool, bool),
) -> Vec<NewRelay> {
    let Some(relay) = known.inbox.relay.as_ref().filter(|_| !relayed && !handshake) else {
        return Vec::new();
    };
    let wanting = relay.targets.iter().filter(|target| target.wants(event_type));
    let way = |target: &RelayTarget| match relay.reply_from {
        Some(chosen) if chosen == target.id && by_rule => None,
        Some(chosen) if chosen == target.id => Some(RelayWay::Inline),
        _ => Some(RelayWay::Queued),
    };
    wanting.filter_map(|target| Some(NewRelay { target: target.clone(), way: way(target)? })).collect()
}

/// Asks the chosen target, and gives its answer, or a sentence in its place. What became of it is written beside the
/// request; over HTTP/1 the gate of the connection tells whether the sender was there to hear it.
pub(crate) async fn answer_of(
    relay: &Relay,
    request: RelayedRequest,
    known: Arc<Known>,
    mut note: Note,
    gate: Option<&Arrivals>,
) -> Response {
    let with_trailers = takes_trailers(&request.captured);
    let asked = relay.targets.ask(request, relay.options.head_time).await;
    if let Some(arrivals) = gate {
        arrivals.will_answer(note.request);
        note.gate = Some(arrivals.clone());
    }
    match asked {
        Ok(answer) => note.pass(answer, &known, relay.options, with_trailers),
        Err(error) => {
            let (status, words) = (error.status(), format!("Nothing was passed back: {error}"));
            note.hand_over(RelayState::Failed, Some(words), Some(status));
            sentence(status, &format!("Kept, and not answered by its target: {error}."))
        }
    }
}

/// Whether who sent a request takes trailers behind its answer (RFC 9110, section 10.1.4).
fn takes_trailers(captured: &CapturedRequest) -> bool {
    let listed = || captured.headers.get_all("te").filter_map(hookbench_model::HeaderValue::as_str);
    let named = || listed().flat_map(|te| te.split(',')).any(|te| te.trim().eq_ignore_ascii_case("trailers"));
    captured.http_version == "HTTP/2.0" || (captured.http_version == "HTTP/1.1" && named())
}

/// What is noted of an exchange with a target. Dropped before its end it says that the sender hung up.
#[derive(Debug)]
pub(crate) struct Note {
    store: Store,
    tasks: TaskTracker,
    request: RequestId,
    number: u32,
    began: Instant,
    /// What tells whether the answer goes out; `None` over HTTP/2, and before there is one.
    gate: Option<Arrivals>,
    /// The most of a body that is kept, in bytes.
    cap: usize,
    answer: Option<(StatusCode, HeaderPairs)>,
    kept: BytesMut,
    size: u64,
    ended: bool,
}

impl Note {
    pub(crate) fn new(
        store: Store,
        tasks: TaskTracker,
        (request, number): (RequestId, u32),
        cap: usize,
    ) -> Self {
        Self {
            store,
            tasks,
            request,
            number,
            began: Instant::now(),
            gate: None,
            cap,
            answer: None,
            kept: BytesMut::new(),
            size: 0,
            ended: false,
        }
    }

    fn pass(
        mut self,
        answer: TargetAnswer,
        known: &Known,
        options: RelayOptions,
        with_trailers: bool,
    ) -> Response {
        let TargetAnswer { status, reason, headers: pairs, body } = answer;
        let head = OwnHead { reason, headers: passed_back(&pairs, with_trailers), dated: false };
        let headers = framed(&head.headers);
        // Where an answer repeats a secret of the inbox it is hidden there too.
        let shown: Option<Shown> = known.hiding(|hidden| Shown::of(&pairs, None, hidden));
        self.answer = Some((status, shown.map_or(pairs, |shown| shown.headers)));
        let now = Instant::now();
        let passing = Passing {
            body,
            note: self,
            idle: Box::pin(sleep_until(now + options.idle)),
            end: Box::pin(sleep_until(now + options.whole_time)),
            options,
        };
        let mut response = Response::new(Body::new(passing));
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        response.extensions_mut().insert(head);
        response
    }

    fn keep(&mut self, piece: &[u8]) {
        self.size += piece.len() as u64;
        let room = self.cap.saturating_sub(self.kept.len());
        self.kept.extend_from_slice(&piece[..piece.len().min(room)]);
    }

    /// Notes that all of the answer has been handed on, to its trailers.
    fn is_whole(&mut self) {
        self.hand_over(RelayState::Answered, None, self.status());
    }

    /// Notes that all that goes back has been handed on. Over HTTP/1 it is written once it is known whether that went out.
    fn hand_over(&mut self, state: RelayState, error: Option<String>, passed_back: Option<StatusCode>) {
        let Some(ending) = self.ending(state, error, passed_back) else { return };
        match &self.gate {
            Some(gate) => gate.park(ending),
            None => ending.write(),
        }
    }

    /// Writes what became of it.
    fn end(&mut self, state: RelayState, error: String) {
        let is_heard = self.gate.as_ref().is_none_or(Arrivals::is_heard);
        let passed_back = self.status().filter(|_| is_heard);
        if let Some(ending) = self.ending(state, Some(error), passed_back) {
            ending.write();
        }
    }

    /// The status that the target answered.
    fn status(&self) -> Option<StatusCode> {
        self.answer.as_ref().map(|(status, _)| *status)
    }

    /// What became of it, once.
    fn ending(
        &mut self,
        state: RelayState,
        error: Option<String>,
        passed_back: Option<StatusCode>,
    ) -> Option<Ending> {
        if std::mem::replace(&mut self.ended, true) {
            return None;
        }
        let answer = self.answer.take();
        let (size, kept) = (self.size, std::mem::take(&mut self.kept).freeze());
        let whole = state == RelayState::Answered && size == kept.len() as u64;
        let ended = EndedRelay {
            state,
            duration_ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            response: answer.map(|(status, headers)| RelayedResponse {
                status: status.as_u16(),
                headers,
                body_size: size,
                body_truncated: !whole,
            }),
            body: kept,
            error,
            passed_back: passed_back.map(|status| status.as_u16()),
        };
        let (relays, tasks) = (self.store.relays(), self.tasks.clone());
        Some(Ending { relays, tasks, request: self.request, number: self.number, ended })
    }
}

/// How much of an answer its sender was there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Heard {
    /// All of it.
    Whole,
    /// Not its end.
    Begun,
    /// Not its status either.
    Nothing,
}

/// What became of a relay, to be written.
#[derive(Debug)]
pub(crate) struct Ending {
    relays: Relays,
    tasks: TaskTracker,
    request: RequestId,
    number: u32,
    ended: EndedRelay,
}

impl Ending {
    /// Writes it with what is known of its sender by now: an answer that did not go out was not passed back.
    pub(crate) fn settle(mut self, heard: Heard) {
        if heard != Heard::Whole && self.ended.state == RelayState::Answered {
            (self.ended.state, self.ended.error) = (RelayState::HungUp, Some(HUNG_UP.to_owned()));
        }
        if heard == Heard::Nothing {
            self.ended.passed_back = None;
        }
        self.write();
    }

    /// Writes it as it is.
    pub(crate) fn write(self) {
        let Self { relays, tasks, request, number, ended } = self;
        tasks.spawn(async move {
            if let Err(error) = relays.ended(request, number, ended).await {
                tracing::error!(error = %crate::error::chain(&error), "what became of a relay could not be kept");
            }
        });
    }
}

/// What is said of an answer that its sender did not wait for.
const HUNG_UP: &str = "The sender hung up before it had the whole answer";

impl Drop for Note {
    fn drop(&mut self) {
        self.end(RelayState::HungUp, HUNG_UP.to_owned());
    }
}

/// The headers of an answer as they are passed back: without those of the connection to the target. How it was framed
/// stays as a mark of its place; what its trailers are called stays where they may come.
fn passed_back(headers: &HeaderPairs, with_trailers: bool) -> HeaderPairs {
    let named: Vec<&str> = headers
        .get_all("connection")
        .filter_map(|value| value.as_str())
        .flat_map(|value| value.split(','))
        .map(str::trim)
        .collect();
    let names_trailers = with_trailers && headers.get(CONTENT_LENGTH.as_str()).is_none();
    let stays = |name: &str| {
        is_framing(name)
            || (names_trailers && name.eq_ignore_ascii_case(TRAILER.as_str()))
            || !(is_of_connection(name) || named.iter().any(|named| named.eq_ignore_ascii_case(name)))
    };
    let kept = headers.iter().filter(|(name, _)| stays(name));
    kept.map(|(name, value)| (name.to_owned(), value.clone())).collect()
}

fn is_framing(name: &str) -> bool {
    [CONTENT_LENGTH, TRANSFER_ENCODING].iter().any(|known| name.eq_ignore_ascii_case(known.as_str()))
}

/// The same for the HTTP library, which frames the answer by them.
fn framed(headers: &HeaderPairs) -> HeaderMap {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in
        headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(TRANSFER_ENCODING.as_str()))
    {
        // What was read from the wire can be written there.
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value.as_bytes()))
        {
            map.append(name, value);
        }
    }
    map
}

/// The body of an answer, piece by piece: no more of it is in memory than is kept for the log.
struct Passing {
    body: TargetBody,
    note: Note,
    idle: Pin<Box<Sleep>>,
    end: Pin<Box<Sleep>>,
    options: RelayOptions,
}

/// Why the body of an answer ends early.
#[derive(Debug, thiserror::Error)]
enum Broken {
    #[error("the target's answer broke off")]
    Off(#[source] Box<dyn std::error::Error + Send + Sync>),
    #[error("the target's answer took too long")]
    TooLong,
}

impl HttpBody for Passing {
    type Data = Bytes;
    type Error = Broken;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Broken>>> {
        let this = &mut *self;
        if this.end.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(this.too_long())));
        }
        loop {
            match Pin::new(&mut this.body).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    this.idle.as_mut().reset(Instant::now() + this.options.idle);
                    let piece = match frame.into_data() {
                        Ok(piece) => piece,
                        // How they may be written is for the library to say: over HTTP/1.1 in chunks, to who takes
                        // them, and as far as the head has named them.
                        Err(frame) => match frame.into_trailers() {
                            Ok(trailers) => {
                                // Nothing comes behind them, and nobody asks for it.
                                this.note.is_whole();
                                return Poll::Ready(Some(Ok(Frame::trailers(trailers))));
                            }
                            Err(_) => continue,
                        },
                    };
                    this.note.keep(&piece);
                    if this.body.is_end_stream() {
                        this.note.is_whole();
                    }
                    return Poll::Ready(Some(Ok(Frame::data(piece))));
                }
                Poll::Ready(Some(Err(error))) => {
                    let words = "The target's answer broke off, and what had come of it was passed back";
                    this.note.end(RelayState::Failed, words.to_owned());
                    return Poll::Ready(Some(Err(Broken::Off(error))));
                }
                Poll::Ready(None) => {
                    this.note.is_whole();
                    return Poll::Ready(None);
                }
                Poll::Pending if this.idle.as_mut().poll(context).is_ready() => {
                    return Poll::Ready(Some(Err(this.too_long())));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Passing {
    fn too_long(&mut self) -> Broken {
        let RelayOptions { idle, whole_time, .. } = self.options;
        let words = format!(
            "The target's answer stood still for {} s, or took more than {} s in all; what had come of it was passed back",
            idle.as_secs_f32(),
            whole_time.as_secs_f32()
        );
        self.note.end(RelayState::Failed, words);
        Broken::TooLong
    }
}

impl Drop for Passing {
    fn drop(&mut self) {
        // One without a body is never asked for it.
        if self.body.is_end_stream() {
            self.note.is_whole();
        }
    }
}
