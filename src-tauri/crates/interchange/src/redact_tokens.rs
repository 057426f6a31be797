//! What looks like a token, wherever it stands.

use crate::redact::REDACTED;

/// Text with what looks like a token taken out; `None` where there is none in it.
pub(crate) fn without_tokens(text: &str) -> Option<String> {
    let mut without = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some(begin) = rest.find(is_of_token) {
        let length = rest[begin..].find(|character| !is_of_token(character)).unwrap_or(rest.len() - begin);
        let word = &rest[begin..begin + length];
        without.push_str(&rest[..begin]);
        if let Some(at) = token_at(word) {
            without.push_str(&word[..at]);
            without.push_str(REDACTED);
            found = true;
        } else {
            without.push_str(word);
        }
        rest = &rest[begin + length..];
    }
    without.push_str(rest);
    found.then_some(without)
}

fn is_of_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.' | '+' | '/' | '~' | '=')
}

/// What the makers of tokens begin them with, each with the fewest characters that follow.
const BEGINNINGS: [(&str, usize); 25] = [
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

/// Three pieces of base64, the first of which begins an object: `eyJ` is `{"`.
fn is_jwt(word: &str) -> bool {
    let mut pieces = word[..word.len().min(LONGEST_PIECES)].split('.');
    let is_piece = |piece: Option<&str>| piece.is_some_and(|piece| piece.len() >= 8);
    word.starts_with("eyJ") && is_piece(pieces.next()) && is_piece(pieces.next()) && pieces.next().is_some()
}
