//! The `Authorization` header, written otherwise than the scheme has it: without its word or behind another,
//! encoded or not, as the other kind of credentials.

use super::Diagnosis;
use super::cause::{Cause, CauseCode};
use crate::coded::Kind;
use crate::scheme::Scheme;
use crate::secret::Secret;
use crate::verdict::{Reason, Verification};
use data_encoding::{BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD};
use zeroize::Zeroizing;

const HEADER: &str = "Authorization";
const BASIC: &str = "Basic";
const BEARER: &str = "Bearer";

/// The header's value as it would have to be for the verdict to be another, and what that takes for granted.
pub(super) type Reading = (Zeroizing<Vec<u8>>, Vec<Cause>);

/// What the sender may have meant by what stands in the header.
pub(super) fn readings(d: &Diagnosis<'_>) -> Vec<Reading> {
    let (Some(kind), Some(value)) = (kind(d.scheme), value(d)) else { return Vec::new() };
    let mut found: Vec<Reading> = Vec::new();
    for (credentials, prefix) in credentials(value) {
        let before: Vec<Cause> = prefix.map(|said| prefixed(kind, &said)).into_iter().collect();
        let mut add = |meant: &[u8], more: Option<Cause>| {
            let value = match kind {
                Kind::Basic => format!("{BASIC} {}", BASE64.encode(meant)).into_bytes(),
                _ => [BEARER.as_bytes(), b" ", meant].concat(),
            };
            found.push((Zeroizing::new(value), before.iter().cloned().chain(more).collect()));
        };
        let decoded = decoded(credentials);
        if kind == Kind::Basic {
            for (bytes, said) in &decoded {
                add(bytes, said.map(|said| encoded(said, "in base64")));
                if let Some(at) = bytes.iter().position(|&byte| byte == b':') {
                    add(&[&bytes[at + 1..], b":", &bytes[..at]].concat(), Some(swapped()));
                }
            }
            add(credentials.as_bytes(), Some(encoded("as they are", "in base64")));
        } else {
            add(credentials.as_bytes(), None);
            for (bytes, _) in &decoded {
                add(bytes, Some(encoded("in base64", "as they are")));
            }
        }
    }
    found.retain(|(_, causes)| !causes.is_empty());
    found.extend(of_the_other_kind(d, kind, value));
    found
}

/// The value that the header would have, were what stands in another the credentials without their word.
pub(super) fn with_word(scheme: &Scheme, value: &[u8]) -> Option<Vec<u8>> {
    let word = match kind(scheme)? {
        Kind::Basic => BASIC,
        _ => BEARER,
    };
    Some([word.as_bytes(), b" ", value].concat())
}

/// What is right of a user name and password that are not the ones known here; `None` where neither is.
pub(super) fn half(d: &Diagnosis<'_>) -> Option<(&'static str, &'static str)> {
    if kind(d.scheme) != Some(Kind::Basic) {
        return None;
    }
    let (_, credentials) = value(d)?.split_once(' ')?;
    let sent = Zeroizing::new(BASE64.decode(credentials.trim().as_bytes()).ok()?);
    let parted = |bytes: &[u8]| -> Option<[Secret; 2]> {
        let at = bytes.iter().position(|&byte| byte == b':')?;
        Some([Secret::new(&bytes[..at]), Secret::new(&bytes[at + 1..])])
    };
    let [user, password] = parted(&sent)?;
    d.secrets.iter().filter_map(|secret| parted(secret.expose())).find_map(|[known_user, known_password]| {
        match (user == known_user, password == known_password) {
            (true, false) => Some(("user name", "password")),
            (false, true) => Some(("password", "user name")),
            _ => None,
        }
    })
}

/// Credentials of one kind where the other is due, proven by the header's own first word.
pub(super) fn of_another_kind(d: &Diagnosis<'_>, verdict: &Verification) -> Option<Cause> {
    if verdict.reason != Some(Reason::HeaderMalformed) {
        return None;
    }
    let (kind, value) = (kind(d.scheme)?, value(d)?);
    let (word, _) = value.split_once(' ')?;
    let (due, have) = match kind {
        Kind::Basic => (BASIC, BEARER),
        _ => (BEARER, BASIC),
    };
    let cause = Cause::new(
        CauseCode::WrongScheme,
        format!("The {HEADER} header carries {have} credentials, and {due} ones are expected here."),
        format!(
            "Set the sender to send {due} credentials, or choose {have} for this inbox, with its secret."
        ),
    );
    word.eq_ignore_ascii_case(have).then(|| by(d, other(kind), cause))
}

/// Where a wrong token and the one known here differ, by their ends. Nothing where they are too short to show
/// any of.
pub(super) fn ends(d: &Diagnosis<'_>) -> Option<String> {
    let own = d.scheme.signature_headers().next()?;
    let value = super::header(d.received, own)?;
    let sent = match kind(d.scheme) {
        None => Secret::from(value),
        Some(kind) => {
            let (_, credentials) = value.split_once(' ')?;
            match kind {
                Kind::Basic => Secret::new(BASE64.decode(credentials.trim().as_bytes()).ok()?),
                _ => Secret::from(credentials.trim()),
            }
        }
    };
    let sent = sent.hint()?;
    let known: Vec<String> = d.secrets.iter().filter_map(|secret| secret.hint()).collect();
    if known.is_empty() {
        return None;
    }
    Some(if known.contains(&sent) {
        format!("both end in {sent}, and differ before that")
    } else {
        format!("it ends in {sent}, and what is known here in {}", known.join(" or "))
    })
}

/// The user name and password, or the token, of one kind inside the credentials of the other.
fn of_the_other_kind(d: &Diagnosis<'_>, kind: Kind, value: &str) -> Vec<Reading> {
    let Some((word, credentials)) = value.split_once(' ') else { return Vec::new() };
    let credentials = credentials.trim();
    let cause = |said: &str| {
        let cause = Cause::new(
            CauseCode::WrongScheme,
            format!("The {HEADER} header carries {said}."),
            "Set both sides to the same: Basic with user name and password, or Bearer with a token.",
        );
        by(d, other(kind), cause)
    };
    if kind == Kind::Bearer && word.eq_ignore_ascii_case(BASIC) {
        let mut found = Vec::new();
        for (bytes, _) in decoded(credentials) {
            let Some(at) = bytes.iter().position(|&byte| byte == b':') else { continue };
            for (part, said) in [(&bytes[at + 1..], "password"), (&bytes[..at], "user name")] {
                let value = [BEARER.as_bytes(), b" ", part].concat();
                let said =
                    format!("the token as the {said} of Basic credentials, and it is expected as Bearer");
                found.push((Zeroizing::new(value), vec![cause(&said)]));
            }
        }
        return found;
    }
    if kind == Kind::Basic && word.eq_ignore_ascii_case(BEARER) {
        let whole = |secret: &&Secret| {
            let text = secret.expose_text()?;
            let (user, _) = text.split_once(':')?;
            let meant = Zeroizing::new(format!("{user}:{credentials}"));
            let value = format!("{BASIC} {}", BASE64.encode(meant.as_bytes()));
            let said = "the password as a Bearer token, and Basic credentials are expected";
            Some((Zeroizing::new(value.into_bytes()), vec![cause(said)]))
        };
        return d.secrets.iter().filter_map(whole).collect();
    }
    Vec::new()
}

/// What may be the credentials in a header's value, and what is wrong with what stands before them.
fn credentials(value: &str) -> Vec<(&str, Option<String>)> {
    let mut found = vec![(value, Some("without a word in front".to_owned()))];
    for word in [BASIC, BEARER] {
        // What follows at once; behind a space it is found below.
        let after = value.get(..word.len()).filter(|have| have.eq_ignore_ascii_case(word));
        let rest = after.map(|_| &value[word.len()..]).unwrap_or_default();
        if !rest.is_empty() && !rest.starts_with([' ', ':', '=']) {
            found.push((rest, Some(format!("behind `{word}` without a space"))));
        }
    }
    let ends = value.char_indices().filter(|(_, letter)| [' ', ':', '='].contains(letter));
    for (at, letter) in ends.take(4) {
        let (word, rest) = (&value[..at], value[at + 1..].trim());
        if rest.is_empty() {
            continue;
        }
        let right = letter == ' ' && [BASIC, BEARER].iter().any(|known| known.eq_ignore_ascii_case(word));
        let shown: String = word.chars().take(20).filter(|letter| !letter.is_control()).collect();
        found.push((rest, (!right).then(|| format!("behind `{shown}{letter}`"))));
    }
    found
}

/// What text decodes to, and in what it was written if that is not base64 with padding.
fn decoded(text: &str) -> Vec<(Zeroizing<Vec<u8>>, Option<&'static str>)> {
    let text = text.as_bytes();
    let readings = [
        (BASE64.decode(text), None),
        (BASE64_NOPAD.decode(text), Some("in base64 without padding")),
        (BASE64URL.decode(text), Some("in URL-safe base64")),
        (BASE64URL_NOPAD.decode(text), Some("in URL-safe base64 without padding")),
    ];
    let mut found: Vec<(Zeroizing<Vec<u8>>, Option<&'static str>)> = Vec::new();
    for (bytes, said) in readings {
        if let Ok(bytes) = bytes
            && !found.iter().any(|(have, _)| **have == bytes)
        {
            found.push((Zeroizing::new(bytes), said));
        }
    }
    found
}

fn kind(scheme: &Scheme) -> Option<Kind> {
    scheme.code().map(|spec| spec.kind).filter(|kind| matches!(kind, Kind::Basic | Kind::Bearer))
}

fn other(kind: Kind) -> Kind {
    if kind == Kind::Basic { Kind::Bearer } else { Kind::Basic }
}

fn value<'a>(d: &Diagnosis<'a>) -> Option<&'a str> {
    super::header(d.received, HEADER)
}

fn by(d: &Diagnosis<'_>, kind: Kind, cause: Cause) -> Cause {
    match d.catalog.iter().find(|scheme| self::kind(scheme) == Some(kind)) {
        Some(scheme) => cause.by(scheme),
        None => cause,
    }
}

fn prefixed(kind: Kind, said: &str) -> Cause {
    let (what, form) = match kind {
        Kind::Basic => ("The user name and password are right, and stand in", "Basic base64(user:password)"),
        _ => ("The token is right, and stands in", "Bearer token"),
    };
    Cause::new(
        CauseCode::DigestPrefix,
        format!("{what} {HEADER} {said}, where the form is `{form}`."),
        format!("Let the sender write {HEADER} as `{form}`."),
    )
}

/// How the credentials are written, and how they should be.
fn encoded(have: &str, due: &str) -> Cause {
    Cause::new(
        CauseCode::DigestEncoding,
        format!("The credentials in {HEADER} are right, and written {have} where they should be {due}."),
        format!("Let the sender write the credentials {due}."),
    )
}

fn swapped() -> Cause {
    Cause::new(
        CauseCode::ContentOrder,
        "The user name and the password are right, and each stands in the other's place.",
        "Set the user name before the colon and the password behind it, on the side that has them swapped.",
    )
}
