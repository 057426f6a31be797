//! What is said the same way in every language: comments, reasons, notes.

use hookbench_signing::TimestampUnit;

use crate::quote::comment;
use crate::recipe::{Find, KeyForm, Proof, Public, Recipe, Time};

/// Why the body is taken before anything reads it.
pub(crate) const RAW: &str =
    "The bytes as they came: JSON that was parsed and written again is no longer what was signed.";
/// Why there may be two secrets.
pub(crate) const ROTATION: &str = "While a secret is being replaced, the old one still counts.";
/// Why comparison is special.
pub(crate) const CONSTANT_TIME: &str =
    "In constant time: how long it takes tells nobody how much of a guess was right.";
/// What the function that reads keys is for.
pub(crate) const KEY_OF: &str = "The key that a secret spells.";
/// When it is called first.
pub(crate) const AT_THE_START: &str = "A secret that is malformed is told now, not at the first request.";
/// What comes after.
pub(crate) const AFTER: &str =
    "Only now is the body worth parsing. Answer first, and do slow work afterwards.";
/// Where the URL comes from.
pub(crate) const PUBLIC_URL: &str =
    "The URL is signed as the sender calls it. A proxy in between changes what arrives here,";
/// The rest of that.
pub(crate) const PUBLIC_URL_2: &str = "so say what stands before the path: https://hooks.example.com";
/// How a form is signed.
pub(crate) const FORM: &str =
    "The form's fields, decoded, sorted and run together; any bytes, so not as text.";
/// Why a word is not compared as it stands.
pub(crate) const ANY_CASE: &str = "The word in front is understood in any case.";
/// Too old.
pub(crate) const STALE: &str = "the signature is right, but too old";
/// From the future.
pub(crate) const FUTURE: &str = "the signature is right, but from the future";

/// The first line of every file.
pub(crate) fn headline(recipe: &Recipe<'_>) -> String {
    format!("Receives webhooks that are signed as {} signs them.", comment(recipe.name))
}

/// Why nothing can be checked.
pub(crate) fn missing(header: &str) -> String {
    format!("the {header} header is missing")
}

/// Why it is not believed.
pub(crate) fn mismatch(recipe: &Recipe<'_>) -> &'static str {
    match recipe.proof {
        Proof::Token | Proof::TokenInBase64 => "the secret that was sent is not the one known here",
        Proof::Public(_) => "no signature is one that the public key finds right",
        Proof::Hmac(_) | Proof::Plain(_) => "the signature is not the one that the secret gives",
    }
}

/// What is said at the start where a secret is not what it has to be.
pub(crate) fn malformed(recipe: &Recipe<'_>) -> &'static str {
    match (recipe.proof, recipe.key) {
        (_, KeyForm::Certificate) => {
            "WEBHOOK_SECRET (or the previous one) holds neither a certificate nor an RSA public key in PEM"
        }
        (_, KeyForm::IdAndCertificate) => {
            "WEBHOOK_SECRET (or the previous one) does not hold an id, and below it a certificate or an RSA public key in PEM"
        }
        (Proof::Public(Public::Ed25519), KeyForm::Pem) => {
            "WEBHOOK_SECRET (or the previous one) is not an Ed25519 public key in PEM"
        }
        (Proof::Public(Public::Ed25519), KeyForm::Hex) => {
            "WEBHOOK_SECRET (or the previous one) is not an Ed25519 public key in hexadecimal"
        }
        (Proof::Public(Public::Ed25519), _) => {
            "WEBHOOK_SECRET (or the previous one) is not an Ed25519 public key in base64"
        }
        (Proof::Public(_), KeyForm::Pem) => {
            "WEBHOOK_SECRET (or the previous one) is not a P-256 public key in PEM"
        }
        (Proof::Public(_), KeyForm::Hex) => {
            "WEBHOOK_SECRET (or the previous one) is not a P-256 public key in hexadecimal"
        }
        (Proof::Public(_), _) => "WEBHOOK_SECRET (or the previous one) is not a P-256 public key in base64",
        (_, KeyForm::Hex) => "WEBHOOK_SECRET (or the previous one) is not hexadecimal",
        _ => "WEBHOOK_SECRET (or the previous one) is not base64",
    }
}

/// Why there is no time.
pub(crate) fn no_time(recipe: &Recipe<'_>) -> String {
    format!("the {} header holds no time", recipe.signature.headers.first().unwrap_or(&"signature"))
}

/// A sentence for the unit of `now`, with a space before it, where the time is judged.
pub(crate) fn now(recipe: &Recipe<'_>) -> String {
    recipe.judged_time().map(|time| format!(" `now`: {}.", now_is(time))).unwrap_or_default()
}

/// In which unit `now` is.
fn now_is(time: &Time<'_>) -> &'static str {
    if time.in_seconds() { "Unix seconds" } else { "Unix milliseconds" }
}

/// What `WEBHOOK_SECRET` has to hold.
fn secret(recipe: &Recipe<'_>) -> &'static str {
    if recipe.proof == Proof::TokenInBase64 {
        return "WEBHOOK_SECRET is the user name and the password with a colon between.";
    }
    match (recipe.proof, recipe.key) {
        (_, KeyForm::Certificate) => {
            "WEBHOOK_SECRET is the sender's certificate in PEM, or the public key alone. Fetch it once, from an address that is surely the provider's, and keep it: who takes the address from the request believes anybody."
        }
        (_, KeyForm::IdAndCertificate) => {
            "WEBHOOK_SECRET is the webhook's id on the first line and the sender's certificate in PEM below, or the public key alone. Fetch the certificate once, from an address that is surely the provider's, and keep it."
        }
        (Proof::Public(_), KeyForm::Hex) => "WEBHOOK_SECRET is the public key in hexadecimal.",
        (Proof::Public(_), KeyForm::Pem) => "WEBHOOK_SECRET is the public key in PEM.",
        (Proof::Public(_), _) => "WEBHOOK_SECRET is the public key in base64, as the provider shows it.",
        (_, KeyForm::Base64 { prefix: "" } | KeyForm::Base64Url) => {
            "WEBHOOK_SECRET is the secret as the provider shows it, in base64."
        }
        (_, KeyForm::Base64 { .. }) => {
            "WEBHOOK_SECRET is the secret as the provider shows it; what follows its prefix is decoded from base64."
        }
        (_, KeyForm::Hex) => "WEBHOOK_SECRET is the key in hexadecimal.",
        (_, KeyForm::Text | KeyForm::Pem) => {
            "WEBHOOK_SECRET is the secret exactly as the provider shows it, prefixes included."
        }
    }
}

/// Sentences beside the code.
pub(crate) fn notes(recipe: &Recipe<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    notes.push(secret(recipe).to_owned());
    if recipe.needs_url() {
        notes.push(
            "The URL is part of what is signed. PUBLIC_URL is what stands before the path in the URL that the provider calls, such as https://hooks.example.com; the path and the query are taken from the request."
                .to_owned(),
        );
    }
    match recipe.finds {
        Some(Find::Mailgun) => notes.push(
            "Only the time and the token are signed, nothing else of the body: remember tokens and drop those seen before. Mailgun's older bodies are forms; this reads the JSON ones.".to_owned(),
        ),
        Some(Find::Adyen) => notes.push("Eight fields of the notification are signed, nothing else of it. It reads one item, as Adyen sends in JSON; several are refused.".to_owned()),
        _ => {}
    }
    match recipe.judged_time() {
        None if recipe.is_token() => notes.push("The secret is sent along with every request, and nothing of the request is signed: use it over TLS only.".to_owned()),
        None => notes.push(
            "The scheme has no rule about the age of a signature: a request that was recorded can be sent again, so remember the ids that were handled."
                .to_owned(),
        ),
        Some(time) => {
            let side = |limit: Option<u32>, side: &str| limit.map(|limit| format!("{limit} s {side}"));
            let sides: Vec<_> = [side(time.past_s, "old"), side(time.future_s, "ahead")].into_iter().flatten().collect();
            let unit = if time.unit == TimestampUnit::Ms { " The time is in milliseconds." } else { "" };
            notes.push(format!("A signature may be {}.{unit}", sides.join(" or ")));
        }
    }
    notes
}
