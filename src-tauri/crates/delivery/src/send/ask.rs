//! An exchange whose answer is handed on as it comes, its head as it stood on the wire.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hookbench_model::{ErrorCode, HeaderPairs, HeaderValue, Outcome};
use hyper::body::{Body, Frame, Incoming, SizeHint};

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
        let begin = self.begin(request, &route, &target, &phases, true);
        let Ok(begun) = tokio::time::timeout(begins_within, begin).await else {
            return Err(too_late(begins_within, &target, &phases));
        };
        let Begun { line, response, via } = begun?;
        expected(response.status(), via.as_ref(), &target.shown())?;
        let (parts, incoming) = response.into_parts();
        let on_wire = line.tap().and_then(|tap| tap.head()).and_then(|raw| last_head(&raw));
        // The library has read the same; should it ever not have, what it read holds.
        let on_wire = on_wire.filter(|(_, headers)| headers.len() == parts.headers.len());
        let (reason, headers) = on_wire.unwrap_or_else(|| {
            let all = parts.headers.iter();
            let pairs = all.map(|(name, value)| (name.as_str(), Bytes::copy_from_slice(value.as_bytes())));
            (Bytes::new(), pairs.collect())
        });
        let body = AnswerBody { incoming, _line: line };
        Ok(Answer { status: parts.status.as_u16(), reason, headers, body })
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

/// The reason and the headers of the first head that is not interim.
fn last_head(raw: &[u8]) -> Option<(Bytes, HeaderPairs)> {
    let mut lines = raw.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    loop {
        let mut parts = lines.next()?.splitn(3, |byte| *byte == b' ');
        let (_version, status, reason) = (parts.next()?, parts.next()?, parts.next().unwrap_or_default());
        let head: Vec<&[u8]> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
        if status.first() == Some(&b'1') {
            continue;
        }
        let pair = |line: &&[u8]| {
            let (name, value) = line.split_at_checked(line.iter().position(|byte| *byte == b':')?)?;
            let value = Bytes::copy_from_slice(value[1..].trim_ascii());
            Some((str::from_utf8(name).ok()?.to_owned(), HeaderValue::from(value)))
        };
        let headers: Option<Vec<(String, HeaderValue)>> = head.iter().map(pair).collect();
        return Some((Bytes::copy_from_slice(reason), headers?.into_iter().collect()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_as_it_stands_on_the_wire() {
        let raw = b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 207 Multi  Status\r\nx-B: 2\r\n\
                    Set-Cookie:a=1\r\nX-b:\t 3 \r\nX-Raw: \xff\r\n\r\nbody: no header\r\n\r\n";
        let (reason, headers) = last_head(raw).unwrap();
        assert_eq!(reason, &b"Multi  Status"[..]);
        let pairs: Vec<_> = headers.iter().map(|(name, value)| (name, value.as_bytes())).collect();
        let wanted = [("x-B", &b"2"[..]), ("Set-Cookie", b"a=1"), ("X-b", b"3"), ("X-Raw", b"\xff")];
        assert_eq!(pairs, wanted);
        assert_eq!(last_head(b"HTTP/1.1 204\r\n\r\n").unwrap().0, &b""[..]);
        assert!(last_head(b"HTTP/1.1 200 OK\r\nno header\r\n\r\n").is_none());
        assert!(last_head(b"").is_none());
    }
}
