//! Requests that reached no inbox: the newest, in memory. Nothing of them was answered with success, so nothing that
//! anybody relies on is lost with them.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hookbench_model::{
    BrokenHead, HeaderPairs, HeaderValue, Hidden, InboxId, Shown, Timestamp, is_credential_name, shown_head,
};
use hookbench_store::ChangeFeed;
use tokio::sync::watch;

use crate::fault::Fault;
use crate::receive::Reception;
use crate::record::Who;
use crate::reply::Refusal;
use crate::wire::{Arrival, as_text};

/// How many different ones are kept.
const MOST: usize = 200;
/// How much is kept of one, in bytes.
const LONGEST: usize = 4 << 10;
/// How much of a slug is said, in characters.
const LONGEST_SLUG: usize = 64;
/// How often it is told that there are more, at the most.
const TOLD_EVERY: Duration = Duration::from_secs(1);

/// Requests that reached no inbox, one or more alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Its number, from 1 since the receiver began to listen.
    pub number: u64,
    /// Why it reached none, as a stable code: `no_inbox`, `not_http`, `unauthorized`, `tls_failed`, `http2`.
    pub code: &'static str,
    /// The same as a sentence.
    pub message: String,
    /// The status that was answered; `None` where there was no request to answer.
    pub status: Option<u16>,
    /// The inbox that refused it; `None` where none did.
    pub inbox: Option<InboxId>,
    /// How many came that began with the same line.
    pub count: u64,
    /// When the first and the last of them came.
    pub first_at: Timestamp,
    /// When the last of them came.
    pub last_at: Timestamp,
    /// Who sent the last of them: address and port.
    pub remote_addr: String,
    /// The beginning of the last of them as it stood on the wire, 4 KiB at most.
    pub raw: Bytes,
    /// How many bytes of it came before it was refused.
    pub size: u64,
}

/// One that has just come.
pub(crate) struct Astray<'a> {
    pub(crate) code: &'static str,
    pub(crate) message: String,
    pub(crate) status: Option<u16>,
    pub(crate) inbox: Option<InboxId>,
    /// What stood on the wire, in pieces.
    pub(crate) raw: &'a [&'a [u8]],
    pub(crate) size: u64,
    pub(crate) at: Timestamp,
    pub(crate) remote: Arc<str>,
}

impl Reception {
    /// Notes a request that reaches no inbox, and says what its sender is told. Where its path is malformed that is why.
    pub(crate) fn keep_astray(&self, refusal: Refusal, arrival: &Arrival, who: &Who) -> Refusal {
        if let (Refusal::NoInbox(_) | Refusal::Nobody, Some(fault @ (Fault::Target | Fault::TargetNotText))) =
            (&refusal, &arrival.fault)
        {
            self.note_lost(fault, Some(fault.status()), &as_text(&arrival.head), who);
            return Refusal::Fault(fault.clone());
        }
        self.note_stray(&refusal, arrival, who);
        refusal
    }

    /// Notes a well-formed request that no inbox is there for.
    fn note_stray(&self, refusal: &Refusal, arrival: &Arrival, who: &Who) {
        let head = &arrival.head;
        let (code, message) = match refusal {
            // A browser asks for that by itself.
            Refusal::NoInbox(slug) if slug == "favicon.ico" && head.method == "GET" => return,
            Refusal::NoInbox(slug) => {
                let shown: String = slug.chars().take(LONGEST_SLUG).collect();
                ("no_inbox", format!("There is no inbox called `{shown}`."))
            }
            Refusal::NotAllowed(_) => ("not_allowed", refusal.in_words(&who.ip.to_canonical().to_string())),
            Refusal::Unauthorized { .. } => ("unauthorized", refusal.in_words("")),
            _ => ("nobody", "No inbox is addressed.".to_owned()),
        };
        let written = if head.raw.is_none() { as_text(head) } else { Vec::new() };
        let start = head.raw.as_deref().unwrap_or(&written);
        let body = arrival.body.as_deref().unwrap_or_default();
        self.strays.note(Astray {
            code,
            message,
            status: Some(refusal.to_response().status().as_u16()),
            inbox: refusal.inbox(),
            size: (start.len() + body.len()) as u64,
            raw: &[start, body],
            at: self.clock.now(),
            remote: Arc::clone(&who.remote),
        });
    }
}

/// The newest of them.
#[derive(Debug, Default)]
pub(crate) struct Strays {
    kept: Mutex<Kept>,
    /// How many have come.
    noted: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Kept {
    /// The newest first.
    strays: VecDeque<Stray>,
    last: u64,
}

impl Strays {
    pub(crate) fn note(&self, astray: Astray<'_>) {
        let Astray { code, message, status, inbox, raw, size, at, remote } = astray;
        let mut start = Vec::new();
        for piece in raw {
            start.extend_from_slice(&piece[..piece.len().min(LONGEST - start.len())]);
        }
        let mut kept = self.kept();
        // What left no line is told apart by what is said of it.
        let same = |stray: &Stray| {
            stray.code == code
                && first_line(&stray.raw) == first_line(&start)
                && (!start.is_empty() || stray.message == message)
        };
        let known = kept.strays.iter().position(same).and_then(|index| kept.strays.remove(index));
        kept.last += u64::from(known.is_none());
        let number = kept.last;
        let stray = Stray {
            number: known.as_ref().map_or(number, |known| known.number),
            count: known.as_ref().map_or(1, |known| known.count + 1),
            first_at: known.map_or(at, |known| known.first_at),
            last_at: at,
            code,
            message,
            status,
            inbox,
            remote_addr: remote.to_string(),
            raw: Bytes::from(start),
            size,
        };
        kept.strays.push_front(stray);
        kept.strays.truncate(MOST);
        drop(kept);
        self.noted.send_modify(|noted| *noted += 1);
    }

    /// All that are kept, the newest first, as they are shown: without these secrets, and without what is named like
    /// a credential.
    pub(crate) fn shown(&self, hidden: &Hidden<'_>) -> Vec<Stray> {
        let strays: Vec<Stray> = self.kept().strays.iter().cloned().collect();
        strays.into_iter().map(|stray| Stray { raw: veiled(&stray.raw, hidden), ..stray }).collect()
    }

    /// Forgets them.
    pub(crate) fn clear(&self) {
        self.kept().strays.clear();
        self.noted.send_modify(|noted| *noted += 1);
    }

    /// Tells that there are others, as long as somebody may note any; a flood of them is told of once a second.
    pub(crate) async fn tell(&self, changes: ChangeFeed) {
        let mut noted = self.noted.subscribe();
        while noted.changed().await.is_ok() {
            changes.tell_strays();
            tokio::time::sleep(TOLD_EVERY).await;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Looked for in all that are kept, for each that comes: quickly where it is all one line.
fn first_line(raw: &[u8]) -> &[u8] {
    let ends = memchr::memchr_iter(b'\n', raw).chain([raw.len()]);
    let mut start = 0;
    let mut lines = ends.map(|end| &raw[std::mem::replace(&mut start, end + 1)..end]);
    lines.find(|line| !line.trim_ascii().is_empty()).unwrap_or_default()
}

fn veiled(raw: &Bytes, hidden: &Hidden<'_>) -> Bytes {
    let head = BrokenHead::read(raw);
    let query = head.target.split_once('?').map(|(_, query)| query);
    let is_whole = |name: &str| hidden.whole.iter().any(|whole| whole.eq_ignore_ascii_case(name));
    let names = head.headers.iter().map(|(name, _)| name);
    let names: Vec<&str> = names.filter(|name| is_credential_name(name) || is_whole(name)).collect();
    // Its names end in no white space, but a malformed one may.
    let named = Shown::of(&head.headers, None, &Hidden { whole: &names, ..Hidden::default() });
    let headers: &HeaderPairs = named.as_ref().map_or(&head.headers, |shown| &shown.headers);
    // Another path may have come over HTTP/2.
    let headers: HeaderPairs =
        headers.iter().map(|(name, value)| (name, path(name, value, hidden))).collect();
    let shown_query = query.map(|query| parameters(query, hidden));
    let made = shown_head(raw, (&head.headers, query), (&headers, shown_query.as_deref()));
    let made = hidden.taken_out_of(&made).unwrap_or(made);
    Bytes::from(made)
}

/// A header's value; of a path without what its query hides.
fn path(name: &str, value: &HeaderValue, hidden: &Hidden<'_>) -> HeaderValue {
    match value.as_str().filter(|_| name == ":path").and_then(|path| path.split_once('?')) {
        Some((path, query)) => format!("{path}?{}", parameters(query, hidden)).into(),
        None => value.clone(),
    }
}

fn parameters(query: &str, hidden: &Hidden<'_>) -> String {
    query.split('&').map(|piece| parameter(piece, hidden)).collect::<Vec<_>>().join("&")
}

fn parameter(piece: &str, hidden: &Hidden<'_>) -> String {
    match piece.split_once('=') {
        Some((name, _)) if is_credential_name(name) || hidden.whole.contains(&name) => {
            format!("{name}={}", hookbench_model::VEIL)
        }
        _ => piece.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use hookbench_signing::Secret;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_ms(1_763_699_700_000);

    fn note(strays: &Strays, raw: &str, at: Timestamp) {
        let raw: &[&[u8]] = &[raw.as_bytes()];
        let message = "There is no inbox.".to_owned();
        strays.note(Astray {
            code: "no_inbox",
            message,
            status: Some(404),
            inbox: None,
            raw,
            size: 9,
            at,
            remote: "a:1".into(),
        });
    }

    #[test]
    fn equal_ones_are_counted_and_the_oldest_make_room() {
        let strays = Strays::default();
        for at in 0..3 {
            note(&strays, "GET /one HTTP/1.1\r\nA: 1\r\n\r\n", NOW.plus_ms(at));
        }
        let one = &strays.shown(&Hidden::default())[0];
        assert_eq!((one.count, one.first_at, one.last_at), (3, NOW, NOW.plus_ms(2)));
        for number in 0..MOST + 50 {
            note(&strays, &format!("GET /{number} HTTP/1.1\r\n\r\n"), NOW);
        }
        let shown = strays.shown(&Hidden::default());
        assert_eq!((shown.len(), shown[0].number), (MOST, u64::try_from(MOST + 51).unwrap()));
        assert!(shown.iter().all(|stray| !stray.raw.starts_with(b"GET /one")));
        strays.clear();
        assert!(strays.shown(&Hidden::default()).is_empty());
    }

    #[test]
    fn the_first_line_is_the_first_that_is_not_empty() {
        for (raw, line) in [
            ("", ""),
            ("\r\n\n", ""),
            ("a", "a"),
            ("\n \r\nGET /\r\nA: b", "GET /\r"),
            ("a\n", "a"),
            ("\na", "a"),
        ] {
            assert_eq!(first_line(raw.as_bytes()), line.as_bytes(), "{raw:?}");
        }
    }

    #[test]
    fn no_more_than_the_beginning_is_kept() {
        let strays = Strays::default();
        note(&strays, &"x".repeat(100_000), NOW);
        assert_eq!(strays.shown(&Hidden::default())[0].raw.len(), LONGEST);
    }

    #[test]
    fn secrets_and_credentials_are_not_shown() {
        let strays = Strays::default();
        let raw = "POST /typo?token=abc&a=1 HTTP/1.1\r\nAuthorization: Bearer abc\r\nX-Copy:  whsec_of_ours\r\n\r\nwhsec_of_ours";
        note(&strays, raw, NOW);
        let secret = Secret::from("whsec_of_ours");
        let hidden = Hidden { secrets: &[&secret], ..Hidden::default() };
        let shown = strays.shown(&hidden).remove(0).raw;
        let expected = "POST /typo?token=(the secret)&a=1 HTTP/1.1\r\nAuthorization: Bearer (the secret)\r\n\
            X-Copy:  (the secret)\r\n\r\n(the secret)";
        assert_eq!(String::from_utf8(shown.to_vec()).unwrap(), expected);
    }
}
