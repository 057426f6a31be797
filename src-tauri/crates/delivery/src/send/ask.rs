//! An exchange whose answer is handed on as it comes, its head as it stood on the wire.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hookbench_model::{ErrorCode, HeaderPairs, Outcome};
use hyper::body::{Body, Frame, Incoming, SizeHint};

use super::answer_head::WireHead;
use super::exchange::{Begun, expected};
use super::failure::{self, Failure};
use super::line::Line;
use super::phases::{Phases, Stage};
use super::target::Target;
use super::{Sender, Way};
use crate::build::BuiltRequest;
use crate::plan::in_words;

/// An answer whose body is still to come.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The words behind it; empty where there are none, and over HTTP/2.
    pub reason: Bytes,
    /// The headers: over HTTP/1.1 in the order and the case in which they stood on the wire.
    pub headers: HeaderPairs,
    /// The body. Dropped before its end it breaks the exchange off.
    pub body: AnswerBody,
}

/// The body of an answer, as it comes in.
#[derive(Debug)]
pub struct AnswerBody {
    incoming: Incoming,
    /// What it comes over; it is not kept for another exchange.
    _line: Line,
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        Pin::new(&mut self.incoming).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl Sender {
    /// Sends one request, and gives its answer once the head of that is here, which may take so long.
    pub async fn ask(
        &self,
        request: &BuiltRequest,
        way: Way<'_>,
        begins_within: Duration,
    ) -> Result<Answer, Failure> {
        let phases = Phases::begin();
        let Some(target) = Target::of(request.url()) else {
            let why = std::io::Error::from(std::io::ErrorKind::Unsupported);
            return Err(failure::unbuildable(request.url().as_str(), &why));
        };
        let route = self.routes.get(&way);
        let begin = self.begin(request, &route, &target, &phases);
        let Ok(begun) = tokio::time::timeout(begins_within, begin).await else {
            return Err(too_late(begins_within, &target, &phases));
        };
        let Begun { line, response, head, via } = begun?;
        expected(response.status(), via.as_ref(), &target.shown())?;
        let (reason, headers) = WireHead::of_answer(head, response.headers());
        let status = response.status().as_u16();
        let body = AnswerBody { incoming: response.into_body(), _line: line };
        Ok(Answer { status, reason, headers, body })
    }
}

fn too_late(limit: Duration, target: &Target, phases: &Phases) -> Failure {
    let peer = target.shown();
    if phases.stage() == Some(Stage::Request) {
        let error = format!("{peer} did not begin to answer within {}", in_words(limit));
        return Failure::new(Outcome::Timeout, ErrorCode::TimeoutFirstByte, error);
    }
    failure::timed_out(limit, &peer, phases.stage(), phases.proxy().as_deref())
}
