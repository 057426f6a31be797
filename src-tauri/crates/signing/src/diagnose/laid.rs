//! Contents laid out for hashing, and the endings of a body that a sender or a receiver may have changed.

use super::cause::{Cause, CauseCode};
use super::contents::Piece;
use super::digests::KeyPlace;
use crate::content::form_sorted;
use std::borrow::Cow;

/// White space at a body's end that may be more or less than was signed.
const LONGEST_TAIL: usize = 8;

/// A content laid out for one key and body: what is hashed before the body's ending, and after it.
pub(super) struct Laid<'l> {
    pub(super) before: Vec<Cow<'l, [u8]>>,
    tail: &'l [u8],
    pub(super) after: Vec<Cow<'l, [u8]>>,
    /// Whether there is one body whose ending can vary.
    varies: bool,
}

impl<'l> Laid<'l> {
    pub(super) fn of(pieces: &'l [Piece], key_place: KeyPlace, key: &'l [u8], body: &'l [u8]) -> Self {
        let varies = pieces.iter().filter(|piece| **piece == Piece::Body).count() == 1;
        let mut laid = Self { before: Vec::new(), tail: &[], after: Vec::new(), varies };
        let mut behind = false;
        if key_place == KeyPlace::Before {
            laid.before.push(Cow::Borrowed(key));
        }
        for piece in pieces {
            let bytes = match piece {
                Piece::Bytes(bytes) => Cow::Borrowed(bytes.as_slice()),
                Piece::Key if key_place == KeyPlace::Nowhere => continue,
                Piece::Key => Cow::Borrowed(key),
                Piece::FormSorted => Cow::Owned(form_sorted(body)),
                Piece::Body if varies => {
                    let (core, tail) = split_tail(body);
                    laid.before.push(Cow::Borrowed(core));
                    laid.tail = tail;
                    behind = true;
                    continue;
                }
                Piece::Body => Cow::Borrowed(body),
            };
            if behind { &mut laid.after } else { &mut laid.before }.push(bytes);
        }
        if key_place == KeyPlace::After {
            laid.after.push(Cow::Borrowed(key));
        }
        laid
    }
}

fn split_tail(body: &[u8]) -> (&[u8], &[u8]) {
    let blank = |byte: &&u8| matches!(**byte, b'\n' | b'\r' | b' ' | b'\t' | 0);
    let tail = body.iter().rev().take(LONGEST_TAIL).take_while(blank).count();
    body.split_at(body.len() - tail)
}

/// The endings to try: the body's own, then without blanks, or with a line break.
pub(super) fn tails<'l>(laid: &Laid<'l>) -> Vec<(&'l [u8], Option<Cause>)> {
    let mut tails = vec![(laid.tail, None)];
    if !laid.varies {
        return tails;
    }
    if laid.tail.is_empty() {
        tails.extend([&b"\n"[..], b"\r\n"].map(|tail| (tail, Some(newline_lost(tail)))));
        return tails;
    }
    let shorter =
        [&b""[..], laid.tail.strip_suffix(b"\r\n").or(laid.tail.strip_suffix(b"\n")).unwrap_or_default()];
    for tail in shorter {
        if !tails.iter().any(|(have, _)| *have == tail) {
            tails.push((tail, Some(ending_added(&laid.tail[tail.len()..]))));
        }
    }
    tails
}

/// Bodies with other endings, for those who do not lay out contents.
pub(super) fn endings(body: &[u8]) -> Vec<(Vec<u8>, Cause)> {
    let (core, tail) = split_tail(body);
    if tail.is_empty() {
        return [&b"\n"[..], b"\r\n"].map(|tail| ([body, tail].concat(), newline_lost(tail))).into();
    }
    vec![(core.to_vec(), ending_added(tail))]
}

fn ending_added(added: &[u8]) -> Cause {
    let breaks_only = added.iter().all(|byte| matches!(byte, b'\n' | b'\r'));
    let (what, which) =
        if breaks_only { ("a newline", "a line break") } else { ("white space", "white space") };
    Cause::new(
        CauseCode::BodyNewlineAdded,
        format!("The body ends with {what} that the sender did not sign."),
        format!(
            "Verify over the bytes as they were sent: find out what appends {which}, or take it off first."
        ),
    )
}

fn newline_lost(tail: &[u8]) -> Cause {
    let said = if tail == b"\n" { "a newline" } else { "a line break (CRLF)" };
    Cause::new(
        CauseCode::BodyNewlineLost,
        format!("The sender signed {said} at the body's end, and it is not there."),
        "Verify over the bytes as they arrived: something trims the body before it is checked.",
    )
}
