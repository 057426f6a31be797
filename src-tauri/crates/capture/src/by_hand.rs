//! Answers that are written by hand, since no HTTP library would send them, and how their connections end.

use std::time::{Duration, SystemTime};

use bytes::{BufMut as _, Bytes, BytesMut};
use hookbench_model::{Clock, HeaderPairs, RetryAfterForm, RetryAfterSent, Timestamp};
use http::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::reply::{has_no_body, sendable};

/// How long a connection is held open that gets no answer, or one by the drop: longer than anybody should wait.
pub(crate) const HOLD: Duration = Duration::from_mins(10);
/// What drips fast comes in pieces, this far apart.
const BEAT: Duration = Duration::from_millis(10);

/// An answer over HTTP/1. Its connection ends after it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByHand<'a> {
    pub(crate) status: u16,
    pub(crate) headers: &'a HeaderPairs,
    pub(crate) retry_after: Option<RetryAfterSent>,
    pub(crate) body: &'a Bytes,
    /// By how much the length that it says is more than the one it has, in bytes.
    pub(crate) off_by: i64,
    /// Whether it answers a HEAD: then it has no body, whatever it says.
    pub(crate) to_head: bool,
}

impl ByHand<'_> {
    /// Its bytes.
    pub(crate) fn bytes(self, now: Timestamp) -> Bytes {
        let Self { status, .. } = self;
        let known = StatusCode::from_u16(status).ok();
        let empty = known.is_some_and(has_no_body);
        let reason = known.and_then(|status| status.canonical_reason());
        let mut bytes = BytesMut::new();
        let mut line = |parts: [&[u8]; 3]| {
            for part in parts.into_iter().chain([&b"\r\n"[..]]) {
                bytes.put_slice(part);
            }
        };
        line([b"HTTP/1.1", format!(" {status} ").as_bytes(), reason.unwrap_or_default().as_bytes()]);
        let after = retry_after(self.retry_after, status, now);
        // What somebody has set goes first, as they have set it; what they leave to us follows.
        let (_, set) = sendable(self.headers);
        let is_replaced = |name: &str| after.is_some() && name.eq_ignore_ascii_case("retry-after");
        for (name, value) in set.iter().filter(|(name, _)| !is_replaced(name)) {
            line([name.as_bytes(), b": ", value.as_bytes()]);
        }
        if let Some(after) = &after {
            line([b"Retry-After", b": ", after.as_bytes()]);
        }
        if set.get("date").is_none() {
            line([b"Date", b": ", http_date(now).as_bytes()]);
        }
        line([b"Connection", b": ", b"close"]);
        let length = if empty { 0 } else { i64::try_from(self.body.len()).unwrap_or(i64::MAX) };
        // What has no body says no length, unless it is to say a wrong one; 204 has none even so.
        if !empty || (status == 304 && self.off_by != 0) {
            let said = length.saturating_add(self.off_by).max(0);
            line([b"Content-Length", b": ", said.to_string().as_bytes()]);
        }
        bytes.put_slice(b"\r\n");
        if !empty && !self.to_head {
            bytes.put_slice(self.body);
        }
        bytes.freeze()
    }
}

/// What an answer of that status says of when to try again; `None` of 2xx, after which nothing is.
pub(crate) fn retry_after(after: Option<RetryAfterSent>, status: u16, now: Timestamp) -> Option<String> {
    let after = after.filter(|_| !(200..300).contains(&status))?;
    Some(match after.form {
        RetryAfterForm::Seconds => after.seconds.to_string(),
        RetryAfterForm::Date => http_date(now.plus(Duration::from_secs(after.seconds))),
    })
}

/// A time as HTTP writes it; its form knows the years 1970 to 9999.
pub(crate) fn http_date(at: Timestamp) -> String {
    const LATEST_S: u64 = 253_402_300_799;
    let seconds = u64::try_from(at.unix_seconds()).unwrap_or(0).min(LATEST_S);
    httpdate::fmt_http_date(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

/// Writes; whoever hangs up early has what they wanted, and whoever reads nothing is not waited for without end.
pub(crate) async fn write<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) {
    write_within(stream, bytes, HOLD).await;
}

/// The same; gives whether nobody had hung up.
pub(crate) async fn could_write<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8]) -> bool {
    write_within(stream, bytes, HOLD).await
}

async fn write_within<S: AsyncWrite + Unpin>(stream: &mut S, bytes: &[u8], most: Duration) -> bool {
    let all = async {
        stream.write_all(bytes).await?;
        stream.flush().await
    };
    !matches!(timeout(most, all).await, Ok(Err(_)))
}

/// Writes so many bytes a second by the clock, until it is done or the other side has gone. Gives how many bytes the other
/// side was there for.
pub(crate) async fn drip<S: AsyncWrite + Unpin>(
    stream: &mut S,
    bytes: &[u8],
    bytes_per_s: u32,
    clock: &dyn Clock,
) -> usize {
    let (most, between) = pace(bytes_per_s);
    let mut written: usize = 0;
    for piece in bytes.chunks(most) {
        if stream.write_all(piece).await.is_err() || stream.flush().await.is_err() {
            // To who had gone one piece can be written: what comes back shows it with the next.
            return written.saturating_sub(most);
        }
        written += piece.len();
        clock.sleep_until(clock.now().plus(between)).await;
    }
    written
}

/// How much is written at once, and how long after it nothing is.
pub(crate) fn pace(bytes_per_s: u32) -> (usize, Duration) {
    let bytes_per_s = bytes_per_s.max(1);
    let one = Duration::from_secs(1) / bytes_per_s;
    if one >= BEAT {
        return (1, one);
    }
    let beats = u32::try_from(Duration::from_secs(1).as_millis() / BEAT.as_millis()).unwrap_or(1);
    (usize::try_from(bytes_per_s.div_ceil(beats)).unwrap_or(1), BEAT)
}

/// Reads off what comes until the other side gives up; [`HOLD`] at most.
pub(crate) async fn hold<S: AsyncRead + Unpin>(stream: &mut S) {
    read_off(stream, HOLD).await;
}

/// Ends the connection in order: what is still on its way here is read, or it would be reset under the answer.
pub(crate) async fn close<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S, linger: Duration) {
    let _ = stream.shutdown().await;
    read_off(stream, linger).await;
}

async fn read_off<S: AsyncRead + Unpin>(stream: &mut S, most: Duration) {
    let mut ignored = [0; 1024];
    let gone = async { while stream.read(&mut ignored).await.is_ok_and(|read| read > 0) {} };
    let _ = timeout(most, gone).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drip_is_by_the_byte_or_by_the_beat() {
        assert_eq!(pace(0), (1, Duration::from_secs(1)));
        assert_eq!(pace(4), (1, Duration::from_millis(250)));
        assert_eq!(pace(100), (1, Duration::from_millis(10)));
        assert_eq!(pace(1000), (10, Duration::from_millis(10)));
        assert_eq!(pace(1 << 20), (10_486, Duration::from_millis(10)));
    }

    #[tokio::test]
    async fn whoever_reads_nothing_is_not_waited_for_without_end() {
        let (mut ours, mut theirs) = tokio::io::duplex(16);
        write_within(&mut ours, &[b'x'; 17], Duration::from_millis(20)).await;
        drop(ours);
        let mut came = Vec::new();
        theirs.read_to_end(&mut came).await.unwrap();
        assert_eq!(came, [b'x'; 16]);
    }

    #[test]
    fn an_answer_to_head_says_a_length_and_has_no_body() {
        let (headers, body) = (HeaderPairs::new(), Bytes::from_static(b"body"));
        let answer = ByHand {
            status: 200,
            headers: &headers,
            retry_after: None,
            body: &body,
            off_by: -2,
            to_head: true,
        };
        let bytes = answer.bytes(Timestamp::EPOCH);
        assert!(bytes.ends_with(b"Content-Length: 2\r\n\r\n"), "{bytes:?}");
    }

    #[test]
    fn what_was_set_goes_as_it_was_set_and_before_what_was_not() {
        let headers = HeaderPairs::from_iter([
            ("X-Two", "2"),
            ("DATE", "Thu, 01 Jan 2026 00:00:00 GMT"),
            ("Retry-After", "1"),
            ("Content-Length", "99"),
            ("x-one", "1"),
        ]);
        let body = Bytes::from_static(b"body");
        let after = RetryAfterSent { seconds: 30, form: RetryAfterForm::Seconds };
        let written = |retry_after| {
            let answer = ByHand {
                status: 503,
                headers: &headers,
                retry_after,
                body: &body,
                off_by: 0,
                to_head: false,
            };
            String::from_utf8(answer.bytes(Timestamp::EPOCH).to_vec()).unwrap()
        };
        let (first, last) = (
            "HTTP/1.1 503 Service Unavailable\r\nX-Two: 2\r\nDATE: Thu, 01 Jan 2026 00:00:00 GMT\r\n",
            "Connection: close\r\nContent-Length: 4\r\n\r\nbody",
        );
        assert_eq!(written(None), format!("{first}Retry-After: 1\r\nx-one: 1\r\n{last}"));
        assert_eq!(written(Some(after)), format!("{first}x-one: 1\r\nRetry-After: 30\r\n{last}"));
    }
}
