//! What went wrong once the request was on its way.

use std::error::Error;
use std::io;

use hookbench_model::{ErrorCode, Outcome};

use super::tls::of_tls;
use super::{Failure, chain, find};
use crate::send::line::{MOST_HEAD, MOST_HEADERS};
use crate::send::phases::{Phases, Stage};
use crate::send::tap::{End, Tap};

/// How much of what is no answer is shown.
const SHOWN: usize = 40;

/// What went wrong with `peer` (host and port).
pub(in crate::send) fn explain(error: &hyper::Error, peer: &str, phases: &Phases) -> Failure {
    if let Some(tls) = find::<rustls::Error>(error) {
        return of_tls(tls, peer, None);
    }
    if let Some(two) = find::<h2::Error>(error)
        && let Some(failure) = of_http2(two, peer)
    {
        return failure;
    }
    let tap = phases.tap();
    let beginning = tap.as_deref().map(Tap::beginning).unwrap_or_default();
    if error.is_parse_too_large() {
        let error = format!(
            "The head of the answer from {peer} is larger than {} KiB, or has more than {MOST_HEADERS} headers",
            MOST_HEAD >> 10
        );
        return invalid(ErrorCode::EndlessHeaders, error);
    }
    if error.is_parse_version_h2() || is_settings(&beginning) {
        let error = format!("{peer} answered in HTTP/2; have the endpoint speak http2");
        return invalid(ErrorCode::Http2Unasked, error);
    }
    if error.is_parse() {
        return unreadable(&beginning, peer);
    }
    if phases.stage() == Some(Stage::Body) && is_framing(error) {
        let error = format!("The body of the answer from {peer} is not framed as HTTP wants it");
        return invalid(ErrorCode::BrokenChunks, error);
    }
    broken(error, peer, phases, tap.as_deref(), beginning.is_empty())
}

/// Whether it begins as an HTTP/2 server does: with the head of a SETTINGS frame on stream 0.
fn is_settings(beginning: &[u8]) -> bool {
    matches!(beginning, [0, _, _, 4, 0, 0, 0, 0, 0, ..])
}

fn invalid(code: ErrorCode, error: String) -> Failure {
    Failure::new(Outcome::InvalidResponse, code, error)
}

fn reset(code: ErrorCode, error: String) -> Failure {
    Failure::new(Outcome::ConnectionReset, code, error)
}

fn of_http2(error: &h2::Error, peer: &str) -> Option<Failure> {
    if error.is_io() {
        return None;
    }
    let why = error.reason().map_or(String::new(), |reason| format!(" ({})", reason.description()));
    Some(if error.is_go_away() && error.is_remote() {
        reset(
            ErrorCode::Http2Goaway,
            format!("{peer} ended the HTTP/2 connection before it had answered{why}"),
        )
    } else if error.is_reset() && error.is_remote() {
        reset(ErrorCode::Http2Reset, format!("{peer} broke off this one request{why}"))
    } else {
        let error = format!("What {peer} answered breaks the rules of HTTP/2, or is not HTTP/2 at all{why}");
        invalid(ErrorCode::Http2Protocol, error)
    })
}

fn is_framing(error: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput};
    let kinds = chain(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind);
    kinds.into_iter().any(|kind| matches!(kind, InvalidData | InvalidInput))
}

/// What came in cannot be read as the head of an answer.
fn unreadable(beginning: &[u8], peer: &str) -> Failure {
    let line = beginning.split(|byte| *byte == b'\n').next().unwrap_or_default();
    match head_fault(beginning) {
        ErrorCode::NotHttp => {
            let shown = line[..line.len().min(SHOWN)].trim_ascii().escape_ascii();
            invalid(
                ErrorCode::NotHttp,
                format!("What {peer} answered is not HTTP: it begins with \"{shown}\""),
            )
        }
        ErrorCode::InvalidStatusLine => {
            let shown = line[..line.len().min(SHOWN)].trim_ascii().escape_ascii();
            let error =
                format!("The answer from {peer} has an impossible status in its first line: \"{shown}\"");
            invalid(ErrorCode::InvalidStatusLine, error)
        }
        ErrorCode::InvalidLength => {
            let error = format!("The answer from {peer} announces an impossible length, or several");
            invalid(ErrorCode::InvalidLength, error)
        }
        code => invalid(code, format!("A header in the answer from {peer} is not as HTTP wants it")),
    }
}

/// What is wrong with a head that is wrong somewhere, by how it begins.
fn head_fault(beginning: &[u8]) -> ErrorCode {
    let mut lines = beginning.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.next().unwrap_or_default();
    let Some(rest) = first.strip_prefix(b"HTTP/1.") else { return ErrorCode::NotHttp };
    let status = rest.strip_prefix(b"1 ").or_else(|| rest.strip_prefix(b"0 ")).unwrap_or_default();
    let digits = status.split(|byte| *byte == b' ').next().unwrap_or_default();
    if digits.len() != 3 || !digits.iter().all(u8::is_ascii_digit) || digits[0] == b'0' {
        return ErrorCode::InvalidStatusLine;
    }
    let mut lengths = lines.take_while(|line| !line.is_empty()).filter_map(|line| {
        let (name, value) = line.split_at_checked(line.iter().position(|byte| *byte == b':')?)?;
        name.eq_ignore_ascii_case(b"content-length").then(|| value[1..].trim_ascii())
    });
    let first = lengths.next();
    let wrong = |value: &[u8]| {
        let digits = str::from_utf8(value).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        digits.and_then(|digits| digits.parse::<u64>().ok()).is_none()
    };
    if first.is_some_and(wrong) || lengths.any(|other| wrong(other) || Some(other) != first) {
        return ErrorCode::InvalidLength;
    }
    ErrorCode::InvalidHeaders
}

/// The connection ended before the answer did.
fn broken(
    error: &hyper::Error,
    peer: &str,
    phases: &Phases,
    tap: Option<&Tap>,
    nothing_came: bool,
) -> Failure {
    let kind = chain(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last().map(io::Error::kind);
    let end = tap.and_then(Tap::end);
    if kind == Some(io::ErrorKind::TimedOut) {
        let error = format!("The connection to {peer} went silent ({})", io::ErrorKind::TimedOut);
        return Failure::new(Outcome::Timeout, ErrorCode::TimeoutFirstByte, error);
    }
    // HTTP/2 has no tap; its library calls the end of a connection so.
    let closed = end == Some(End::Closed) || (tap.is_none() && kind == Some(io::ErrorKind::BrokenPipe));
    let how = match end {
        Some(End::Broken(kind)) => format!(" ({kind})"),
        _ => kind.map_or(String::new(), |kind| format!(" ({kind})")),
    };
    let kept = if phases.reused() { "; it had been kept open from an earlier attempt" } else { "" };
    if phases.stage() == Some(Stage::Body) {
        return if closed {
            reset(
                ErrorCode::ShortBody,
                format!("{peer} closed the connection before its answer was complete"),
            )
        } else {
            reset(
                ErrorCode::ResetInBody,
                format!("The connection to {peer} broke off in the body of the answer{how}"),
            )
        };
    }
    if !nothing_came {
        return if closed {
            reset(
                ErrorCode::HalfHeaders,
                format!("{peer} closed the connection in the middle of the answer's head"),
            )
        } else {
            let error = format!("The connection to {peer} broke off in the middle of the answer's head{how}");
            reset(ErrorCode::ResetInHeaders, error)
        };
    }
    if tap.is_some_and(Tap::cut_the_request) {
        let error =
            format!("{peer} broke off the connection while the request was still going out{how}{kept}");
        return reset(ErrorCode::ResetInRequest, error);
    }
    if closed {
        let error = format!("{peer} closed the connection before it had answered{kept}");
        return reset(ErrorCode::ClosedWithoutAnswer, error);
    }
    reset(
        ErrorCode::ResetBeforeAnswer,
        format!("The connection to {peer} broke off before any answer{how}{kept}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_that_is_wrong_is_told_by_what_is_wrong_in_it() {
        for (head, code) in [
            (&b"SSH-2.0-OpenSSH_9.2\r\n"[..], ErrorCode::NotHttp),
            (b"", ErrorCode::NotHttp),
            (b"HTTP/1.1 abc OK\r\n\r\n", ErrorCode::InvalidStatusLine),
            (b"HTTP/1.1 99 Low\r\n\r\n", ErrorCode::InvalidStatusLine),
            (b"HTTP/1.7 200 OK\r\n\r\n", ErrorCode::InvalidStatusLine),
            (b"HTTP/1.1 200 OK\r\nBad Header: x\r\n\r\n", ErrorCode::InvalidHeaders),
            (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n", ErrorCode::InvalidLength),
            (b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nContent-Length: 6\r\n\r\n", ErrorCode::InvalidLength),
            (b"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nContent-Length: x", ErrorCode::InvalidHeaders),
        ] {
            assert_eq!(head_fault(head), code, "{}", head.escape_ascii());
        }
    }
}
