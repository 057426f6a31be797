//! Requests that are signed by another scheme than the one they are checked under.

use super::Diagnosis;
use super::budget::Meter;
use super::cause::{Cause, CauseCode};
use super::{claims, times};
use crate::recognise::{Fit, fit};
use crate::scheme::Scheme;
use crate::verdict::{Reason, VerificationStatus};
use crate::verify::verify;

/// Proven by the secret: under another scheme the signature is right.
pub(super) fn by_secret(d: &Diagnosis<'_>, meter: &mut Meter) -> Option<Vec<Cause>> {
    if d.secrets.is_empty() {
        return None;
    }
    let mut found: Vec<(&Scheme, Option<i64>)> = Vec::new();
    for &scheme in d.catalog {
        if is_same(scheme, d.scheme) || is_sibling(scheme, d.scheme) || fit(scheme, d.received).is_none() {
            continue;
        }
        if !meter.take(d.received.body.len()) {
            break;
        }
        let verdict = verify(scheme, d.secrets, d.received, d.at_ms);
        let right = match verdict.reason {
            None => verdict.status == VerificationStatus::Valid,
            Some(reason) => {
                matches!(reason, Reason::TimeStale | Reason::TimeFuture | Reason::TimestampMalformed)
            }
        };
        // A second scheme of the same recipe is named beside the first; another recipe proves nothing more.
        if right && found.first().is_none_or(|(first, _)| is_same(first, scheme)) {
            found.push((scheme, verdict.signed_at));
        }
    }
    let &(first, signed_at) = found.first()?;
    let names: Vec<&str> = found.iter().map(|(scheme, _)| scheme.name()).take(3).collect();
    let names = names.join(" or ");
    let carried =
        first.signature_headers().next().map_or("its body".to_owned(), |name| format!("its {name} header"));
    let mut causes = vec![Cause::new(
        CauseCode::WrongScheme,
        format!(
            "The request is signed as {names} signs: {carried} is right by that scheme and the secret given, and \
             it was checked as {}.",
            d.scheme.name()
        ),
        format!("Choose the scheme {} for this inbox, and its verification in the receiver.", first.name()),
    )
    .by(first)];
    causes.extend(times::of_scheme(first, d.received, signed_at, d.at_ms));
    Some(causes)
}

/// Proven by the headers alone: none of the scheme's are there, and all of another one's are.
pub(super) fn by_headers(d: &Diagnosis<'_>) -> Option<Vec<Cause>> {
    if claims::has_own_header(d.scheme, d.received) {
        return None;
    }
    let mut best: Option<(&Scheme, Fit)> = None;
    for &scheme in d.catalog {
        // Credentials may well stand beside a signature, or be asked for by a proxy.
        let credentials = scheme.signature_headers().any(|name| name.eq_ignore_ascii_case("authorization"));
        if credentials || is_same(scheme, d.scheme) {
            continue;
        }
        if let Some(fit) = fit(scheme, d.received).filter(Fit::is_whole)
            && best.as_ref().is_none_or(|(_, best)| fit.weight > best.weight)
        {
            best = Some((scheme, fit));
        }
    }
    let (scheme, fit) = best?;
    let own = d.scheme.signature_headers().next().unwrap_or_default();
    let have = match fit.headers.as_slice() {
        [] => "a signature in its body".to_owned(),
        headers => headers.join(", "),
    };
    Some(vec![
        Cause::new(
            CauseCode::WrongScheme,
            format!(
                "The request has no {own} header, and carries what {} sends instead: {have}.",
                scheme.name()
            ),
            format!(
                "Choose the scheme of the provider that sends these requests, such as {}, with its secret.",
                scheme.name()
            ),
        )
        .by(scheme),
    ])
}

/// True where two schemes differ in nothing that a signature depends on.
fn is_same(one: &Scheme, other: &Scheme) -> bool {
    match (one.keyed(), other.keyed()) {
        (Some(one), Some(other)) => {
            one.signature_header.eq_ignore_ascii_case(&other.signature_header)
                && one.signature_format == other.signature_format
                && one.separator == other.separator
                && one.timestamp == other.timestamp
                && one.content == other.content
                && one.algorithm == other.algorithm
                && one.encoding == other.encoding
                && one.secret == other.secret
        }
        _ => one.id() == other.id(),
    }
}

/// True where one scheme's header is the older or newer one beside the other's: the same sender sends both,
/// and the receiver reads the wrong one.
fn is_sibling(one: &Scheme, other: &Scheme) -> bool {
    let name = |scheme| Scheme::signature_headers(scheme).next();
    let (Some(one), Some(other)) = (name(one), name(other)) else { return false };
    claims::are_siblings(one, other)
}
