//! What to say when nothing could be proven.

use super::cause::{Cause, CauseCode};
use super::{Diagnosis, claims, header};
use crate::verdict::{Reason, Verification};

pub(super) fn cause(d: &Diagnosis<'_>, verdict: &Verification, tried: u32, exhausted: bool) -> Cause {
    let tried = match tried {
        0 => "No signature could be computed".to_owned(),
        1 => "One signature was computed and does not match".to_owned(),
        _ => format!(
            "{tried} signatures were computed, over other bodies, contents, secrets and algorithms, and none matches"
        ),
    };
    let bounds = if exhausted { "; there is more that the bounds of a diagnosis left out" } else { "" };
    let known = known(d, verdict).map(|known| format!(" {known}")).unwrap_or_default();
    Cause::new(
        CauseCode::Unexplained,
        format!("{tried}{bounds}.{known}"),
        "Compare the signed content shown here with what the sender signs, byte by byte, and make sure that the \
         secret is the one this sender was given.",
    )
}

/// What is known to be wrong, though it does not prove the cause.
fn known(d: &Diagnosis<'_>, verdict: &Verification) -> Option<String> {
    let telling =
        [Reason::SecretMalformed, Reason::UrlMissing, Reason::HeaderMalformed, Reason::HeaderConflict];
    if verdict.reason.is_some_and(|reason| telling.contains(&reason)) {
        return Some(verdict.message.clone());
    }
    if let Some((wanted, have)) = claims::stands_in(d.scheme, d.received) {
        return Some(format!(
            "There is no {wanted} header, and what stands in {have} does not match either."
        ));
    }
    let said: usize = header(d.received, "content-length")?.parse().ok()?;
    let have = d.received.body.len();
    (said != have).then(|| {
        format!("Its Content-Length header says {said} bytes, and the body has {have}: it is not the one that was sent.")
    })
}
