//! What looks like a token, wherever it stands.

use crate::redact::REDACTED;
use crate::rewrite::Rewrite;

/// Text without the private keys that stand in it as PEM or `OpenPGP` write them; `None` where there is none in it. One that
/// breaks off goes to the end.
pub(crate) fn without_private_keys(text: &str) -> Option<String> {
    const BEGIN: &str = "-----BEGIN ";
    const END: &str = "-----END ";
    const DASHES: &str = "-----";
    let behind = |mark: &str, from: usize| text[from..].find(mark).map(|found| from + found + mark.len());
    let mut out = Rewrite::of(text);
    let mut from = 0;
    while let Some(label) = behind(BEGIN, from) {
        let Some(after) = behind(DASHES, label) else { break };
        from = label;
        if text[label..after].contains("PRIVATE KEY") {
            from = behind(END, after).and_then(|label| behind(DASHES, label)).unwrap_or(text.len());
            out.replace(label - BEGIN.len(), from, REDACTED);
        }
    }
    out.finish()
}

/// Text with what looks like a token taken out; `None` where there is none in it.
pub(crate) fn without_tokens(text: &str) -> Option<String> {
    let mut out = Rewrite::of(text);
    let (mut from, mut before) = (0, "");
    while let Some(begin) = text[from..].find(is_of_token).map(|found| from + found) {
        let rest = &text[begin..];
        let end = rest.find(|character| !is_of_token(character)).map_or(text.len(), |length| begin + length);
        let word = &text[begin..end];
        let is_shown = &text[from..begin] == " " && is_credential(before, word);
        let token = if is_shown { Some(0) } else { token_at(word) };
        if let Some(at) = token {
            out.replace(begin + at, end, REDACTED);
        }
        (from, before) = (end, word);
    }
    out.finish()
}

fn is_of_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | '+' | '/' | '~' | '=')
}

/// Whether a word is what stands behind the name of a way of signing in: `Bearer …`, `Basic …`.
fn is_credential(scheme: &str, word: &str) -> bool {
    if scheme.eq_ignore_ascii_case("bearer") {
        return word.len() >= 20 || (word.len() >= 8 && word.bytes().any(|byte| byte.is_ascii_digit()));
    }
    // User and password, with a colon between.
    scheme.eq_ignore_ascii_case("basic")
        && data_encoding::BASE64.decode(word.as_bytes()).is_ok_and(|both| both.contains(&b':'))
}

/// What the makers of tokens begin them with, each with the fewest characters that follow.
const BEGINNINGS: [(&str, usize); 39] = [
    ("whsec_", 16),
    ("whpk_", 16),
    ("whsk_", 16),
    ("sk_live_", 8),
    ("sk_test_", 8),
    ("rk_live_", 8),
    ("rk_test_", 8),
    ("pk_live_", 8),
    ("sk-", 20),
    ("ghp_", 20),
    ("gho_", 20),
    ("ghu_", 20),
    ("ghs_", 20),
    ("ghr_", 20),
    ("github_pat_", 20),
    ("glpat-", 16),
    ("xoxb-", 10),
    ("xoxp-", 10),
    ("xoxa-", 10),
    ("xapp-", 10),
    ("shpat_", 16),
    ("SG.", 20),
    ("AKIA", 16),
    ("AIza", 30),
    ("npm_", 20),
    ("xoxs-", 10),
    ("xoxr-", 10),
    ("xoxe-", 10),
    ("shpss_", 16),
    ("shpca_", 16),
    ("shppa_", 16),
    ("sq0atp-", 16),
    ("sq0csp-", 16),
    ("ya29.", 20),
    ("dop_v1_", 20),
    ("pypi-", 40),
    ("lin_api_", 20),
    ("dckr_pat_", 16),
    ("hf_", 30),
];

/// Where in a run of such characters a token begins: at its start, or behind what joins words in paths, in assignments
/// and in URLs.
fn token_at(word: &str) -> Option<usize> {
    let joints = word.match_indices(['=', '/', '+', '~', '.']).map(|(at, _)| at + 1);
    std::iter::once(0).chain(joints).find(|at| is_token(&word[*at..]))
}

/// No longer run of characters is looked at for the end of a piece of a JWT.
const LONGEST_PIECES: usize = 16 << 10;

fn is_token(word: &str) -> bool {
    let known = BEGINNINGS
        .iter()
        .any(|(begin, least)| word.strip_prefix(begin).is_some_and(|rest| rest.len() >= *least));
    known || is_jwt(word)
}

/// How base64 of an object begins: `{"`, or with white space behind the brace.
const OBJECTS: [&str; 5] = ["eyJ", "eyA", "ewo", "ew0", "ewk"];

/// Three pieces of base64, the first of which begins an object.
fn is_jwt(word: &str) -> bool {
    let mut pieces = word[..word.len().min(LONGEST_PIECES)].split('.');
    let is_piece = |piece: Option<&str>| piece.is_some_and(|piece| piece.len() >= 8);
    OBJECTS.iter().any(|begin| word.starts_with(begin))
        && is_piece(pieces.next())
        && is_piece(pieces.next())
        && pieces.next().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_known_by_their_look_and_by_the_word_before_them() {
        for (text, expected) in [
            ("a Bearer s3cr3t-t0ken b", "a Bearer [redacted] b"),
            ("bearer abcdefghijklmnopqrstuvwxyz", "bearer [redacted]"),
            ("Basic dXNlcjpwYXNz", "Basic [redacted]"),
            ("eyAidHlwIjogIkpXVCJ9.eyJzdWIiOiIxIn0.abc", "[redacted]"),
            ("ewogICJhbGciOiAiSFMyNTYifQ.eyJzdWIiOiIxIn0.abc", "[redacted]"),
            ("as ya29.a0AfH6SMBx1234567890 is", "as [redacted] is"),
        ] {
            assert_eq!(without_tokens(text).as_deref(), Some(expected), "{text}");
        }
        for text in
            ["the bearer of news", "Basic authentication", "Basic  dXNlcjpwYXNz", "eyJ.a.b", "Bearer "]
        {
            assert_eq!(without_tokens(text), None, "{text}");
        }
    }

    #[test]
    fn private_keys_go_and_certificates_stay() {
        let key = |kind: &str| format!("-----BEGIN {kind}-----\nMIIE\n-----END {kind}-----");
        for kind in ["PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "PGP PRIVATE KEY BLOCK"] {
            let text = format!("{}\nkey={}\nend", key("CERTIFICATE"), key(kind));
            let expected = format!("{}\nkey=[redacted]\nend", key("CERTIFICATE"));
            assert_eq!(without_private_keys(&text), Some(expected), "{kind}");
        }
        let broken = "a -----BEGIN PRIVATE KEY-----\nMIIE";
        assert_eq!(without_private_keys(broken).as_deref(), Some("a [redacted]"));
        let many = "-----BEGIN PRIVATE KEY ".repeat(50_000);
        assert!(without_private_keys(&many).is_some());
        for text in ["", "-----BEGIN ", "-----BEGIN PRIVATE KEY", &key("PUBLIC KEY")] {
            assert_eq!(without_private_keys(text), None, "{text}");
        }
    }
}
