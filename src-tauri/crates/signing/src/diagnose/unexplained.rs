//! What to say when nothing could be proven.

use super::cause::{Cause, CauseCode};
use super::{Diagnosis, body_length, claims, credentials, unfit};
use crate::verdict::{Reason, Verification};

/// What is known to be wrong though it proves no cause, and the mend that belongs to it.
struct Known {
    said: String,
    fix: String,
}

pub(super) fn cause(d: &Diagnosis<'_>, verdict: &Verification, tried: u32, exhausted: bool) -> Cause {
    if d.scheme.sends_secret() && verdict.reason == Some(Reason::SignatureMismatch) {
        if let Some((right, wrong)) = credentials::half(d) {
            return Cause::new(
                CauseCode::Unexplained,
                format!("The {right} that came is the one known here, and the {wrong} is another."),
                format!("Set the {wrong} to the same on both sides; the {right} is right already."),
            );
        }
        let ends = credentials::ends(d).map(|ends| format!(" ({ends})")).unwrap_or_default();
        return Cause::new(
            CauseCode::Unexplained,
            format!(
                "The token that came is another than the one known here{ends}, however it is spelt; nothing is signed, \
                 so there is nothing else to compare."
            ),
            "Compare the end of the token that the sender is set to send with the end of the one kept here, and set \
             both to the same.",
        );
    }
    let known = known(d, verdict);
    let tried = match (tried, &known) {
        // What is known says why there was nothing to compare.
        (0, Some(_)) => None,
        (_, Some(_)) if matches!(verdict.reason, Some(Reason::BodyMalformed | Reason::SignatureMissing)) => {
            None
        }
        // Nothing is signed, and so no signature was computed.
        (_, Some(_)) if d.scheme.sends_secret() => None,
        (0, None) => Some("Nothing in the request could be compared with a signature".to_owned()),
        (1, _) => Some("One signature was computed and does not match".to_owned()),
        _ => Some(format!(
            "{} signatures were computed, over other bodies, contents, secrets and algorithms, and none \
             matches",
            grouped(tried)
        )),
    };
    let bounds = if exhausted { "; there is more that the bounds of a diagnosis left out" } else { "" };
    let tried = tried.map(|tried| format!("{tried}{bounds}."));
    let sentences = [tried, known.as_ref().map(|known| known.said.clone())];
    let fix = known.map_or_else(
        || {
            "Compare the signed content shown here with what the sender signs, byte by byte, and make sure that \
             the secret is the one this sender was given."
                .to_owned()
        },
        |known| known.fix,
    );
    Cause::new(CauseCode::Unexplained, sentences.into_iter().flatten().collect::<Vec<_>>().join(" "), fix)
}

fn known(d: &Diagnosis<'_>, verdict: &Verification) -> Option<Known> {
    let message = |fix: String| Some(Known { said: verdict.message.clone(), fix });
    if let Some((said, fix)) = unfit::secret_itself(d) {
        return Some(Known { said, fix });
    }
    match verdict.reason {
        Some(Reason::SecretMalformed) => {
            return message("Copy the secret again from where the sender shows it, in full.".to_owned());
        }
        Some(Reason::UrlMissing) => {
            return message(
                "Give the URL that the sender was given, exactly as it was entered there.".to_owned(),
            );
        }
        Some(Reason::BodyMalformed) => {
            return message(
                "Pass the body on exactly as the sender sends it, and send what it signs.".to_owned(),
            );
        }
        // Where a signature stands in the body, no header is missing.
        Some(Reason::SignatureMissing) if d.scheme.signature_headers().next().is_none() => {
            return message(format!(
                "Let the sender sign as {} does, and pass the body on exactly as it sends it.",
                d.scheme.name()
            ));
        }
        Some(Reason::HeaderMalformed | Reason::HeaderConflict) => {
            return message(format!(
                "Let the sender write its headers as {} does, once each, and everything on the way pass them on \
                 unchanged.",
                d.scheme.name()
            ));
        }
        _ => {}
    }
    if let Some((said, fix)) = unfit::signature(d, verdict) {
        return Some(Known { said, fix });
    }
    if let Some((wanted, have)) = claims::stands_in(d.scheme, d.received) {
        return Some(Known {
            said: format!("There is no {wanted} header, and what stands in {have} does not match either."),
            fix: format!("Let every proxy on the way pass {wanted} on under its own name, then check again."),
        });
    }
    let (said, have) = body_length::differs(d.received)?;
    Some(Known {
        said: format!(
            "Its Content-Length header says {said} bytes, and the body has {have}: it is not the one that was sent."
        ),
        fix: body_length::MEND.to_owned(),
    })
}

/// A count with its thousands apart: 20,661.
fn grouped(count: u32) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn counts_are_grouped_by_thousands() {
        let all = [7, 999, 1_000, 20_661, 1_234_567].map(grouped);
        assert_eq!(all, ["7", "999", "1,000", "20,661", "1,234,567"]);
    }
}
