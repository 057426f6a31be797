//! Secrets that are another, or spelt otherwise.

use super::{ASYMMETRIC, KEYED, body_for};
use crate::bench::{Bench, Case, secret};
use crate::bodies::NESTED;
use data_encoding::{BASE64, BASE64URL_NOPAD, HEXLOWER};
use hookbench_signing::CauseCode::{self, *};
use hookbench_signing::{Secret, SecretForm};

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in KEYED.into_iter().chain(["mailgun", "gitlab_token", "bearer", "contentful"]) {
        let body = body_for(id);
        let bench = Bench::new(id, &body);
        let text = bench.key.expose_text().expect("text").to_owned();
        for (name, spelt) in [
            ("space before", format!(" {text}")),
            ("newline after", format!("{text}\n")),
            ("byte order mark before", format!("\u{feff}{text}")),
            ("CRLF after", format!("{text}\r\n")),
            ("quotes", format!("\"{text}\"")),
            ("single quotes and newline", format!("'{text}'\n")),
        ] {
            let mut bench = bench.clone();
            bench.secrets = vec![Secret::from(spelt.as_str())];
            cases.push(bench.case(name, &[SecretWhitespace]));
        }
        let other = secret(&bench.scheme, 99);
        for rotated in [false, true] {
            let mut bench = bench.clone();
            bench.secrets = vec![other.clone()];
            bench.others = (20..40)
                .map(|seed| (format!("endpoint {seed}"), secret(&bench.scheme, seed), false))
                .collect();
            bench.others.push(("Orders".into(), Bench::new(id, &body).secrets[0].clone(), rotated));
            let code = if rotated { SecretRotated } else { SecretOtherEndpoint };
            cases.push(bench.case("another's secret", &[code]));
        }
    }
    cases.extend(asymmetric_secrets());
    cases.extend(sender_secrets());
    cases
}

fn asymmetric_secrets() -> Vec<Case> {
    let mut cases = Vec::new();
    for id in ASYMMETRIC {
        let bench = Bench::new(id, NESTED);
        let mut other = bench.clone();
        let wrong = secret(&bench.scheme, 50);
        other.secrets = bench.scheme.public_half(&wrong).into_iter().collect();
        other.others = vec![("Orders".into(), bench.secrets[0].clone(), false)];
        cases.push(other.case("another's key", &[SecretOtherEndpoint]));
    }
    let mut bench = Bench::new("discord", NESTED);
    let text = bench.secrets[0].expose_text().expect("text").to_owned();
    let bytes = HEXLOWER.decode(text.as_bytes()).expect("hexadecimal");
    bench.secrets = vec![Secret::from(BASE64.encode(&bytes).as_str())];
    cases.push(bench.case("key in base64", &[SecretEncoding]));
    cases
}

/// The sender makes another key of the same secret.
fn sender_secrets() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut add = |id: &str, known: &str, used: &[u8], name: &str, code: CauseCode| {
        let mut bench = Bench::new(id, NESTED);
        let raw = bench.clone().signing(|spec| spec.secret = SecretForm::Raw);
        let Some(mut bench_raw) = raw else { return };
        bench_raw.key = Secret::new(used.to_vec());
        bench_raw.secrets = vec![Secret::from(known)];
        bench.key = bench_raw.key.clone();
        cases.push(bench_raw.case(name, &[code]));
    };
    let bytes: Vec<u8> = (40..72).collect();
    let (hex, base64) = (HEXLOWER.encode(&bytes), BASE64.encode(&bytes));
    let whsec = format!("whsec_{base64}");
    for id in ["standardwebhooks", "svix", "sent"] {
        add(id, &whsec, whsec.as_bytes(), "undecoded", SecretEncoding);
        add(id, &whsec, base64.as_bytes(), "undecoded, without prefix", SecretEncoding);
        add(id, &whsec, hex.as_bytes(), "as hexadecimal text", SecretEncoding);
    }
    for id in ["pulsewave", "github", "stripe", "square", "hubspot_v2"] {
        add(id, &whsec, &bytes, "decoded", SecretEncoding);
        add(id, &whsec, base64.as_bytes(), "without prefix", SecretPrefix);
        add(id, &base64, whsec.as_bytes(), "with prefix", SecretPrefix);
        add(id, &hex, &bytes, "hexadecimal decoded", SecretEncoding);
        add(id, &base64, &bytes, "base64 decoded", SecretEncoding);
        add(id, "sk_live_4f3c2b1a99", b"4f3c2b1a99", "without prefix", SecretPrefix);
        let url_safe = BASE64URL_NOPAD.encode(&[0xfb, 0xff, 0xfe, 1, 2, 3, 4, 5, 6, 7, 8]);
        add(
            id,
            &url_safe,
            &[0xfb, 0xff, 0xfe, 1, 2, 3, 4, 5, 6, 7, 8],
            "URL-safe base64 decoded",
            SecretEncoding,
        );
        add(id, &hex, format!("{hex}\n").as_bytes(), "with a newline in the key", SecretWhitespace);
    }
    add("adyen_payload", &hex, hex.as_bytes(), "undecoded", SecretEncoding);
    for id in ["pulsewave", "github", "stripe", "square", "standardwebhooks"] {
        // An HMAC fills its key up with zeros: one of them is the empty key.
        add(id, &whsec, b"\0", "an empty key", SecretEncoding);
        add(id, &whsec, b"undefined", "undefined", SecretEncoding);
        add(id, &whsec, b"null", "null", SecretEncoding);
        add(id, &whsec, b"None", "None", SecretEncoding);
        let marked = format!("\u{feff}{whsec}");
        if id != "standardwebhooks" {
            add(id, &whsec, marked.as_bytes(), "with a byte order mark", SecretWhitespace);
        }
    }
    cases
}
