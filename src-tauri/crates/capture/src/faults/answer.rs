//! The bytes of an answer. They are written by hand: hyper would refuse to send what is wrong on purpose.

use bytes::Bytes;
use hookbench_model::Timestamp;
use http::StatusCode;

use super::dial::Dial;
use crate::by_hand::ByHand;

/// By how much too long a wrong length is, in bytes.
const TOO_LONG: i64 = 10;
/// The head that ends in the middle of a header.
pub(super) const HALF_A_HEAD: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Le";

/// How an answer says how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// As it is.
    Right,
    /// Longer than it is.
    Wrong,
}

/// A whole answer of a dial, with that status. Its connection ends after it, so that the next request is met by the
/// dial as it is then, whatever it asks for.
pub(super) fn answer(dial: &Dial, status: u16, length: Length, now: Timestamp) -> Bytes {
    let answer = ByHand {
        status,
        headers: &dial.headers,
        retry_after: dial.retry_after,
        body: &dial.body,
        off_by: if length == Length::Wrong { TOO_LONG } else { 0 },
        to_head: false,
    };
    answer.bytes(now)
}

/// The answer to what is no request that can be read.
pub(super) fn refusal(status: StatusCode, sentence: &str) -> Bytes {
    let dial = Dial { body: Bytes::from(format!("{sentence}.\n")), ..Dial::default() };
    answer(&dial, status.as_u16(), Length::Right, Timestamp::EPOCH)
}

#[cfg(test)]
mod tests {
    use hookbench_model::{HeaderPairs, RetryAfterForm, RetryAfterSent};

    use super::*;

    /// 2026-11-21T04:35:00Z.
    const NOW: Timestamp = Timestamp::from_unix_ms(1_795_235_700_000);

    fn written(dial: &Dial, status: u16, length: Length) -> String {
        String::from_utf8(answer(dial, status, length, NOW).to_vec()).unwrap()
    }

    #[test]
    fn an_answer_says_what_the_dial_says() {
        let dial = Dial {
            headers: HeaderPairs::from_iter([("X-One", "1"), ("Transfer-Encoding", "chunked")]),
            retry_after: Some(RetryAfterSent { seconds: 30, form: RetryAfterForm::Seconds }),
            body: Bytes::from_static(b"busy"),
            ..Dial::default()
        };
        assert_eq!(
            written(&dial, 429, Length::Right),
            "HTTP/1.1 429 Too Many Requests\r\nX-One: 1\r\nRetry-After: 30\r\n\
             Date: Sat, 21 Nov 2026 04:35:00 GMT\r\nConnection: close\r\nContent-Length: 4\r\n\r\nbusy"
        );
        let date = RetryAfterSent { seconds: 90, form: RetryAfterForm::Date };
        let dated = written(&Dial { retry_after: Some(date), ..dial.clone() }, 503, Length::Right);
        assert!(dated.contains("\r\nRetry-After: Sat, 21 Nov 2026 04:36:30 GMT\r\n"), "{dated}");
        assert!(!written(&dial, 200, Length::Right).contains("Retry-After"), "nothing is to be tried again");
        assert!(written(&dial, 200, Length::Wrong).contains("\r\nContent-Length: 14\r\n"));
        assert!(written(&dial, 299, Length::Right).starts_with("HTTP/1.1 299 \r\n"));
    }

    #[test]
    fn an_answer_without_content_has_none() {
        let dial = Dial { body: Bytes::from_static(b"busy"), ..Dial::default() };
        let empty = written(&dial, 204, Length::Right);
        assert!(empty.ends_with("\r\n\r\n") && !empty.contains("Content-Length"), "{empty}");
    }
}
