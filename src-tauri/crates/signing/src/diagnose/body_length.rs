//! What the Content-Length header proves: a body of another length is not the one that was sent.

use super::cause::{Cause, CauseCode};
use super::{Diagnosis, header};
use crate::content::Segment;
use crate::scheme::{Form, Scheme};
use crate::verdict::{Reason, Verification};
use crate::verify::Received;

/// What mends a body that is not the one that was sent.
pub(super) const MEND: &str = "Verify over the raw bytes, before anything else reads, parses or rewrites the body: \
                               a stream can be read only once.";

/// The length that was sent and the one that is here, where they differ.
pub(super) fn differs(received: &Received<'_>) -> Option<(usize, usize)> {
    let said: usize = header(received, "content-length")?.parse().ok()?;
    let have = received.body.len();
    (said != have).then_some((said, have))
}

/// A body was sent, and none is here: whatever was signed, it cannot match.
pub(super) fn lost(d: &Diagnosis<'_>, verdict: &Verification) -> Option<Cause> {
    let of_the_body = [Reason::SignatureMismatch, Reason::SignatureMissing, Reason::BodyMalformed];
    if !signs_body(d.scheme) || !verdict.reason.is_some_and(|reason| of_the_body.contains(&reason)) {
        return None;
    }
    let (said, _) = differs(d.received).filter(|(_, have)| *have == 0)?;
    Some(Cause::new(
        CauseCode::BodyEmpty,
        format!(
            "The body is empty, and its Content-Length header says that {said} bytes were sent: something read the \
             body before the signature was checked."
        ),
        MEND,
    ))
}

fn signs_body(scheme: &Scheme) -> bool {
    match scheme.form() {
        Form::Keyed(keyed) => {
            keyed.content.has(&Segment::Body)
                || keyed.content.has(&Segment::FormSorted)
                || keyed.spec.timestamp.as_ref().is_some_and(|place| place.body.is_some())
        }
        Form::Coded(_) => !scheme.sends_secret(),
    }
}
