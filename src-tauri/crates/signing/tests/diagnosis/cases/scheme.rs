//! Requests of another scheme, and such as nothing can be proven of.

use super::{ASYMMETRIC, KEYED, body_for};
use crate::bench::{Bench, Case, Edit, scheme, secret};
use crate::bodies::NESTED;
use hookbench_signing::CauseCode::*;

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let pairs = [
        ("github", "stripe"),
        ("github", "shopify"),
        ("stripe", "github"),
        ("stripe", "paddle"),
        ("slack", "zoom"),
        ("contactsmanager", "politicalcomms"),
        ("politicalcomms", "contactsmanager"),
        ("hubspot_v2", "hubspot_v1"),
        ("standardwebhooks", "svix"),
        ("svix", "standardwebhooks"),
        ("sent", "standardwebhooks"),
        ("pulsewave", "razorpay"),
        ("square", "shopify"),
        ("shopify", "woocommerce"),
        ("github", "gitlab_token"),
        ("discord", "telnyx"),
        ("mollie", "line"),
        ("github", "contentful"),
        ("github", "bearer"),
    ];
    for (checked, signed) in pairs {
        // The same secret: the signature itself is the proof.
        let mut bench = Bench::new(signed, NESTED);
        bench.scheme = scheme(checked).clone();
        cases.push(bench.clone().case(format!("signed as {signed}"), &[WrongScheme]));
        let (one, other) = (scheme(checked), scheme(signed));
        let same_header = one.signature_headers().next() == other.signature_headers().next();
        let mut bench = bench;
        bench.secrets = vec![secret(one, 60)];
        // Another secret: only the headers can tell.
        // Credentials prove no scheme, only that the signature is missing.
        let named = match signed {
            "bearer" => HeaderMissing,
            _ if same_header => Unexplained,
            _ => WrongScheme,
        };
        cases.push(bench.case(format!("signed as {signed} by another secret"), &[named]));
    }
    for signed in ["mailgun", "adyen", "aws_sns"] {
        let mut bench = Bench::new(signed, &body_for(signed));
        bench.scheme = scheme("github").clone();
        cases.push(bench.case(format!("signed as {signed}"), &[WrongScheme]));
    }
    cases
}

/// Tampering that leaves nothing to prove.
pub(super) fn hopeless() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in KEYED.into_iter().chain(ASYMMETRIC).chain([
        "mailgun",
        "adyen",
        "aws_sns",
        "paypal",
        "twilio_json",
        "contentful",
        "gitlab_token",
        "telegram",
        "bearer",
        "linear",
    ]) {
        let body = body_for(id);
        let bench = Bench::new(id, &body);
        let mut flipped = bench.clone();
        if bench.scheme.is_asymmetric()
            || !matches!(id, "gitlab_token" | "telegram" | "bearer" | "mailgun" | "adyen" | "aws_sns")
        {
            let mut other = body.clone();
            let at = body.len() / 2;
            other[at] = if other[at] == b'x' { b'y' } else { b'x' };
            flipped.body = Some(other);
            cases.push(flipped.case("body changed", &[Unexplained]));
            let mut cut = bench.clone();
            cut.body = Some(body[..body.len() - 3].to_vec());
            cases.push(cut.case("body cut", &[Unexplained]));
        }
        let mut stranger = bench.clone();
        let key = secret(&bench.scheme, 123);
        stranger.secrets = vec![bench.scheme.public_half(&key).unwrap_or(key)];
        stranger.others = (30..36)
            .map(|seed| {
                let key = secret(&bench.scheme, seed);
                (format!("endpoint {seed}"), bench.scheme.public_half(&key).unwrap_or(key), seed % 2 == 0)
            })
            .collect();
        cases.push(stranger.case("a stranger's secret", &[Unexplained]));
        if let Some(header) = bench.scheme.signature_headers().next() {
            let garbled = |value: &str| {
                let (head, tail) = value.split_at(value.len() - 9);
                let swap = |letter: char| match letter {
                    'a'..='e' | 'A'..='E' | '0'..='8' => char::from(u8::try_from(letter).expect("ASCII") + 1),
                    other => other,
                };
                // The beginning too, or it would be a signature with something behind it.
                let head: String = head
                    .chars()
                    .enumerate()
                    .map(|(at, letter)| if at % 7 == 6 { swap(letter) } else { letter })
                    .collect();
                format!("{head}{}", tail.chars().map(swap).collect::<String>())
            };
            let bench = bench.clone().edit(Edit::Set(header.to_owned(), garbled));
            cases.push(bench.case("signature garbled", &[Unexplained]));
        }
    }
    cases
}
