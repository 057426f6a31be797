//! Keys that may have been used: the secret with white space or quotes, with or without its prefix, decoded
//! otherwise, or another one altogether.

use super::Candidate;
use super::cause::{Cause, CauseCode};
use crate::keys;
use crate::secret::{Secret, SecretForm};
use crate::spec::SchemeSpec;
use data_encoding::{
    BASE64, BASE64_NOPAD, BASE64URL, BASE64URL_NOPAD, HEXLOWER, HEXLOWER_PERMISSIVE, HEXUPPER,
};
use zeroize::Zeroizing;

/// Prefix of Standard Webhooks secrets.
const WHSEC: &str = "whsec_";
/// What ends a prefix.
const SEPARATORS: [char; 7] = ['_', ':', '=', ',', ' ', '-', '.'];
/// Longer ones are not repeated: they are no names.
const LONGEST_PREFIX: usize = 12;
/// More of the workspace's secrets than this are not tried.
const MOST_OTHERS: usize = 500;

type Key = Zeroizing<Vec<u8>>;

/// A key that may have been used.
pub(super) struct KeyWay {
    pub(super) key: Material,
    /// True for what stands in a secret's place where there is none: anybody could have signed with it.
    pub(super) unset: bool,
    pub(super) causes: Vec<Cause>,
}

/// What is computed with.
pub(super) enum Material {
    Shared(Key),
    /// One half of a pair, which checks.
    Pair(keys::Key),
}

impl Material {
    /// The bytes of a shared key.
    pub(super) fn bytes(&self) -> &[u8] {
        match self {
            Self::Shared(key) => key,
            Self::Pair(_) => &[],
        }
    }
}

/// The keys to try, in this order: the given secrets' own, what is made of them, others.
pub(super) struct Keys {
    pub(super) ways: Vec<KeyWay>,
    /// How many are the given secrets' own.
    pub(super) own: usize,
    /// Where other secrets begin.
    pub(super) others: usize,
}

/// The keys that a recipe of the keyed family may have been used with.
pub(super) fn ways(spec: &SchemeSpec, secrets: &[&Secret], others: &[Candidate<'_>]) -> Keys {
    if spec.algorithm.is_asymmetric() {
        return pairs(spec, secrets, others);
    }
    read(spec.secret, secrets, others, Unset::Tried)
}

/// Whether what stands in a secret's place where there is none is tried too.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unset {
    Tried,
    LeftOut,
}

/// Shared keys, of secrets in this form.
pub(super) fn shared(form: SecretForm, secrets: &[&Secret], others: &[Candidate<'_>]) -> Keys {
    read(form, secrets, others, Unset::LeftOut)
}

fn read(form: SecretForm, secrets: &[&Secret], others: &[Candidate<'_>], unset: Unset) -> Keys {
    let mut ways = Ways { form, found: Vec::new() };
    for secret in secrets {
        ways.add(secret.key(form).ok(), &[]);
    }
    for secret in secrets {
        let Some(text) = secret.expose_text() else { continue };
        ways.whitespace(text);
        ways.prefixes(text, &[]);
        ways.encodings(text, &[]);
        let trimmed = bare(text);
        if trimmed != text {
            let cause = whitespace_cause();
            ways.prefixes(trimmed, std::slice::from_ref(&cause));
            ways.encodings(trimmed, &[cause]);
        }
    }
    if unset == Unset::Tried && !ways.found.is_empty() {
        ways.unset();
    }
    let of_secrets = ways.found.len();
    for other in others.iter().take(MOST_OTHERS) {
        let key = other.secret.key(form).or_else(|error| {
            let text = other.secret.expose_text().ok_or(error)?;
            Secret::from(bare(text)).key(form)
        });
        ways.add(key.ok(), &[other_cause(other)]);
    }
    Keys::new(ways.found, of_secrets)
}

impl Keys {
    fn new(ways: Vec<KeyWay>, others: usize) -> Self {
        let own = ways.iter().take_while(|way| way.causes.is_empty()).count();
        Self { ways, own, others }
    }
}

/// Keys of asymmetric schemes. One that can be read is tried as it is: what is round it is no part of it.
fn pairs(spec: &SchemeSpec, secrets: &[&Secret], others: &[Candidate<'_>]) -> Keys {
    let read = |secret: &Secret, form| keys::Key::read(secret, form, spec.algorithm).ok();
    let way =
        |key, causes: &[Cause]| KeyWay { key: Material::Pair(key), unset: false, causes: causes.to_vec() };
    let mut found: Vec<KeyWay> =
        secrets.iter().filter_map(|secret| read(secret, spec.secret)).map(|key| way(key, &[])).collect();
    let other_forms =
        [SecretForm::Hex, SecretForm::Base64, SecretForm::Base64Url, SecretForm::WhskB64, SecretForm::Pem];
    for secret in secrets.iter().filter(|secret| read(secret, spec.secret).is_none()) {
        let Some(text) = secret.expose_text() else { continue };
        let trimmed = bare(text);
        if let Some(key) = read(&Secret::from(trimmed), spec.secret) {
            found.push(way(key, &[whitespace_cause()]));
        }
        for rest in stripped(trimmed) {
            if let Some(key) = read(&Secret::from(rest), spec.secret) {
                found.push(way(key, &[prefix_cause("with its prefix")]));
            }
        }
        for form in other_forms {
            let cause = Cause::new(
                CauseCode::SecretEncoding,
                "The key is the right one, and it is not written in the form that this scheme reads.",
                "Write the key in the form that the scheme wants, as the sender's documentation shows it.",
            );
            found.extend(read(&Secret::from(trimmed), form).map(|key| way(key, &[cause])));
        }
    }
    let of_secrets = found.len();
    for other in others.iter().take(MOST_OTHERS) {
        found.extend(read(other.secret, spec.secret).map(|key| way(key, &[other_cause(other)])));
    }
    Keys::new(found, of_secrets)
}

struct Ways {
    form: SecretForm,
    found: Vec<KeyWay>,
}

impl Ways {
    fn add(&mut self, key: Option<Key>, causes: &[Cause]) {
        let Some(key) = key.filter(|key| !key.is_empty()) else { return };
        if !self.found.iter().any(|way| way.key.bytes() == key.as_slice()) {
            self.found.push(KeyWay { key: Material::Shared(key), unset: false, causes: causes.to_vec() });
        }
    }

    fn text(&mut self, text: &str, causes: &[Cause]) {
        self.add(Secret::from(text).key(self.form).ok(), causes);
    }

    /// What languages make of a variable that is not set.
    fn unset(&mut self) {
        for text in ["", "undefined", "null", "None", "nil"] {
            let key: Key = Zeroizing::new(text.as_bytes().to_vec());
            if !self.found.iter().any(|way| way.key.bytes() == key.as_slice()) {
                self.found.push(KeyWay {
                    key: Material::Shared(key),
                    unset: true,
                    causes: vec![unset_cause(text)],
                });
            }
        }
    }

    fn whitespace(&mut self, text: &str) {
        let cause = [whitespace_cause()];
        let trimmed = bare(text);
        self.text(text.trim(), &cause);
        self.text(trimmed, &cause);
        let inner: Zeroizing<String> = Zeroizing::new(text.chars().filter(|one| !is_round(*one)).collect());
        self.text(&inner, &cause);
        for (before, after) in [
            ("", "\n"),
            ("", "\r\n"),
            ("", " "),
            (" ", ""),
            ("\"", "\""),
            ("'", "'"),
            ("", "\t"),
            ("", "\r"),
            ("\u{feff}", ""),
        ] {
            let spelt = Zeroizing::new(format!("{before}{trimmed}{after}"));
            self.text(&spelt, &cause);
        }
    }

    /// The same decoding, with a prefix dropped or kept.
    fn prefixes(&mut self, text: &str, causes: &[Cause]) {
        for rest in stripped(text) {
            let prefix = &text[..text.len() - rest.len()];
            let causes = [causes, &[prefix_cause(&without(prefix))]].concat();
            self.text(rest, &causes);
        }
        for prefix in [WHSEC, "0x", "Bearer "] {
            if !text.starts_with(prefix) && self.form == SecretForm::Raw {
                let causes = [causes, &[prefix_cause(&format!("with {prefix} before it"))]].concat();
                let spelt = Zeroizing::new(format!("{prefix}{text}"));
                self.text(&spelt, &causes);
            }
        }
        if self.form == SecretForm::WhsecB64 {
            // Lenient decoders take the prefix for base64: some read `_` as `/`, some pass over it.
            let causes = [causes, &[prefix_cause("with its prefix, which was decoded along")]].concat();
            self.add(lenient_base64(&text.replace('_', "/").replace('-', "+")), &causes);
            self.add(lenient_base64(&text.replace(['_', '-'], "")), &causes);
        }
    }

    /// Another decoding, with or without the prefix.
    fn encodings(&mut self, text: &str, causes: &[Cause]) {
        let mut texts = vec![text];
        texts.extend(stripped(text));
        let decoded = Secret::from(text).key(self.form).ok();
        for text in texts {
            for (key, said) in decodings(text) {
                let causes = [causes, &[self.encoding_cause(said)]].concat();
                self.add(key, &causes);
            }
        }
        let Some(bytes) = decoded else { return };
        let causes = |said| [causes, &[self.encoding_cause(said)]].concat();
        let spelt = [
            (HEXLOWER.encode(&bytes), causes("the hexadecimal text of it")),
            (HEXUPPER.encode(&bytes), causes("the hexadecimal text of it, in capitals")),
            (BASE64.encode(&bytes), causes("the base64 text of it")),
            (BASE64URL_NOPAD.encode(&bytes), causes("the URL-safe base64 text of it")),
        ];
        for (text, causes) in spelt {
            self.add(Some(Zeroizing::new(text.into_bytes())), &causes);
        }
    }

    fn encoding_cause(&self, used: &str) -> Cause {
        let wanted = match self.form {
            SecretForm::Raw => "the bytes of the whole text, undecoded",
            SecretForm::WhsecB64 => "what is base64 after whsec_",
            SecretForm::Hex => "the bytes that its hexadecimal spells",
            SecretForm::Base64 => "what its base64 decodes to",
            SecretForm::Base64Url => "what its URL-safe base64 decodes to",
            SecretForm::WhskB64 | SecretForm::Pem => "the key that it spells",
        };
        Cause::new(
            CauseCode::SecretEncoding,
            format!("The secret is the right one, and the key made of it is {used} instead of {wanted}."),
            format!("Use the same key on both sides: for this scheme {wanted}."),
        )
    }
}

/// The secrets in other spellings, for schemes that take them as text.
pub(super) fn spellings(secrets: &[&Secret]) -> Vec<(Secret, Vec<Cause>)> {
    let mut found: Vec<(Secret, Vec<Cause>)> = Vec::new();
    for secret in secrets {
        let Some(text) = secret.expose_text() else { continue };
        let mut add = |spelt: String, cause: Cause| {
            let spelt = Secret::from(Zeroizing::new(spelt).as_str());
            if spelt != **secret && !spelt.is_empty() && !found.iter().any(|(have, _)| *have == spelt) {
                found.push((spelt, vec![cause]));
            }
        };
        let trimmed = bare(text);
        add(trimmed.to_owned(), whitespace_cause());
        add(text.chars().filter(|letter| !is_round(*letter)).collect(), whitespace_cause());
        for (before, after) in
            [("", "\n"), ("", "\r\n"), ("\"", "\""), ("'", "'"), ("", " "), ("\u{feff}", "")]
        {
            add(format!("{before}{trimmed}{after}"), whitespace_cause());
        }
        for rest in stripped(trimmed) {
            let prefix = &trimmed[..trimmed.len() - rest.len()];
            add(rest.to_owned(), prefix_cause(&without(prefix)));
        }
        for prefix in [WHSEC, "0x", "Bearer ", "Basic "] {
            add(format!("{prefix}{trimmed}"), prefix_cause(&format!("with {prefix} before it")));
        }
        let decoded = decodings(trimmed).into_iter().filter_map(|(key, _)| key);
        for key in decoded {
            let cause = || {
                Cause::new(
                    CauseCode::SecretEncoding,
                    "The secret is the right one, and decoded on one side otherwise than on the other.",
                    "Use the same key on both sides, in the form that the scheme wants.",
                )
            };
            add(HEXLOWER.encode(&key), cause());
            add(BASE64.encode(&key), cause());
            if let Ok(text) = std::str::from_utf8(&key) {
                add(text.to_owned(), cause());
            }
        }
    }
    found
}

/// Every way to take a text for a key.
fn decodings(text: &str) -> Vec<(Option<Key>, &'static str)> {
    let raw = text.as_bytes();
    let key = |bytes: Option<Vec<u8>>| bytes.map(Zeroizing::new);
    vec![
        (key(Some(raw.to_vec())), "its text, undecoded"),
        (key(BASE64.decode(raw).ok()), "what its base64 decodes to"),
        (key(BASE64_NOPAD.decode(raw).ok()), "what its base64 decodes to"),
        (key(HEXLOWER_PERMISSIVE.decode(raw).ok()), "what its hexadecimal decodes to"),
        (key(BASE64URL.decode(raw).ok()), "what its URL-safe base64 decodes to"),
        (key(BASE64URL_NOPAD.decode(raw).ok()), "what its URL-safe base64 decodes to"),
    ]
}

/// The text without its prefix: behind `whsec_`, each `_`, a `:`, a `=`, a space.
fn stripped(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let ends = text.char_indices().filter(|(_, letter)| SEPARATORS.contains(letter));
    for (at, _) in ends.take(4) {
        let rest = &text[at + 1..];
        if rest.trim_end_matches('=').len() >= 4 {
            found.push(rest);
        }
    }
    if let Some(rest) = text.strip_prefix("0x") {
        found.push(rest);
    }
    found
}

/// Base64 as lenient decoders read it: whatever stands at the end is filled up or dropped.
fn lenient_base64(text: &str) -> Option<Key> {
    let letters: Zeroizing<String> = Zeroizing::new(text.chars().filter(|letter| *letter != '=').collect());
    let whole = letters.len() / 4 * 4;
    let tail = letters.len() - whole;
    if tail == 1 {
        return BASE64.decode(letters.get(..whole)?.as_bytes()).ok().map(Zeroizing::new);
    }
    let mut lenient = data_encoding::Specification::new();
    lenient.symbols.push_str("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");
    lenient.check_trailing_bits = false;
    let decoder = lenient.encoding().ok()?;
    decoder.decode(letters.as_bytes()).ok().map(Zeroizing::new)
}

/// What stands round a secret and is no part of it: white space, and the mark at the beginning of a file.
fn is_round(letter: char) -> bool {
    letter.is_whitespace() || letter == '\u{feff}'
}

/// Without white space and quotes round it.
fn bare(text: &str) -> &str {
    let text = text.trim_matches(is_round);
    let quoted = |quote: char| text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote));
    quoted('"').or_else(|| quoted('\'')).unwrap_or(text).trim()
}

fn whitespace_cause() -> Cause {
    Cause::new(
        CauseCode::SecretWhitespace,
        "The secret has white space, a line break, a byte order mark or quotes round it on one side and not on the \
         other.",
        "Store the secret without anything round it: trim it where it is read from a file or a variable.",
    )
}

fn unset_cause(text: &str) -> Cause {
    let used = match text {
        "" => "an empty key".to_owned(),
        text => format!("the word `{text}` for its key"),
    };
    Cause::new(
        CauseCode::SecretEncoding,
        format!(
            "It was signed with {used}, as happens where the variable that should hold the secret is not set."
        ),
        "Set the secret where the sender reads it, and let the sender refuse to start without one: so, anybody can \
         sign.",
    )
}

/// How it is said that so much of a secret's beginning was left out. It may be most of the secret: only what is a word
/// is repeated.
fn without(prefix: &str) -> String {
    let is_word = |letter: char| letter.is_ascii_alphabetic() || SEPARATORS.contains(&letter);
    if prefix == "0x" || (prefix.len() <= LONGEST_PREFIX && prefix.chars().all(is_word)) {
        return format!("without its prefix {prefix}");
    }
    format!("without its first {} characters", prefix.chars().count())
}

fn prefix_cause(used: &str) -> Cause {
    Cause::new(
        CauseCode::SecretPrefix,
        format!("The secret was used {used}, which this scheme does not do."),
        "Treat the secret's prefix alike on both sides, as the scheme says.",
    )
}

pub(super) fn other_cause(other: &Candidate<'_>) -> Cause {
    let name = other.name;
    if other.rotated {
        Cause::new(
            CauseCode::SecretRotated,
            format!("It was signed with an old secret of {name}, which has been replaced since."),
            "Give the sender the new secret, or accept the old one beside it until it has changed over.",
        )
    } else {
        Cause::new(
            CauseCode::SecretOtherEndpoint,
            format!("It was signed with the secret of {name}, not with the one checked here."),
            format!("Check with the secret of {name}, or give the sender the secret that belongs here."),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_named_and_the_beginning_of_a_secret_is_not() {
        assert_eq!(without("whsec_"), "without its prefix whsec_");
        assert_eq!(without("0x"), "without its prefix 0x");
        assert_eq!(without("3f9a77c1-4b2d-11ee-8c99-"), "without its first 24 characters");
        assert_eq!(without("correct-horse-"), "without its first 14 characters");
    }
}
