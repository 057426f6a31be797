//! What is taken out of the parts of a multipart body (RFC 7578), with everything around them left as it was written.

use crate::redact::{REDACTED, Within};
use crate::redact_lines::{self, Place};
use crate::redact_names::is_secret_name;

/// The body with what is to go taken out of each of its parts; `None` where it stays as it is. `content_type` says what
/// stands between the parts, and `of_text` takes out of what a part holds. Where it cannot be told apart nothing of it
/// is handed on.
pub(crate) fn parts(
    text: &str,
    content_type: &str,
    of_text: impl Fn(&str) -> Option<String>,
    secrets: bool,
) -> Option<String> {
    let between = boundary(content_type).map(|boundary| format!("--{boundary}"));
    let pieces = between.as_deref().map(|between| split(text, between)).unwrap_or_default();
    let Some(between) = between.filter(|_| pieces.len() > 1) else { return Some(REDACTED.to_owned()) };
    let (mut without, mut changed) = (String::with_capacity(text.len()), false);
    for (number, part) in pieces.into_iter().enumerate() {
        if number > 0 {
            without.push_str(&between);
        }
        let (head, content, end) = cut(part);
        let shown_head = if secrets { of_head(head) } else { None };
        let goes = secrets && (has_secret_name(head) || is_coded(head));
        let shown = if goes { Some(REDACTED.to_owned()) } else { of_text(content) };
        changed |= shown_head.is_some() || shown.is_some();
        without.extend([shown_head.as_deref().unwrap_or(head), shown.as_deref().unwrap_or(content), end]);
    }
    changed.then_some(without)
}

/// The head of a part without the secrets that its headers say.
fn of_head(head: &str) -> Option<String> {
    redact_lines::redacted(head, Place::Body, Within::default())
}

/// What stands between the boundaries, each of which begins a line and has nothing of a word behind it.
fn split<'t>(text: &'t str, between: &str) -> Vec<&'t str> {
    let mut pieces = Vec::new();
    let mut begin = 0;
    for (at, _) in text.match_indices(between) {
        let begins_line = at == 0 || text[..at].ends_with('\n');
        let after = &text[at + between.len()..];
        let ends = after.is_empty() || after.starts_with("--") || after.starts_with([' ', '\t', '\r', '\n']);
        if begins_line && ends {
            pieces.push(&text[begin..at]);
            begin = at + between.len();
        }
    }
    pieces.push(&text[begin..]);
    pieces
}

/// The boundary that a content type names.
fn boundary(content_type: &str) -> Option<&str> {
    let parameter = |piece: &'_ str| -> Option<usize> {
        let (name, _) = piece.split_once('=')?;
        name.trim().eq_ignore_ascii_case("boundary").then_some(name.len() + 1)
    };
    let found = content_type.split(';').find_map(|piece| parameter(piece).map(|at| &piece[at..]))?;
    Some(found.trim().trim_matches('"')).filter(|boundary| !boundary.is_empty())
}

/// Head with the empty line behind it, content, and the line end that belongs to the boundary. What has no empty line is
/// no part, and all of it counts as content.
fn cut(part: &str) -> (&str, &str, &str) {
    let gaps = ["\r\n\r\n", "\n\n"];
    let at = gaps.iter().filter_map(|gap| part.find(gap).map(|at| at + gap.len())).min().unwrap_or(0);
    let (head, content) = part.split_at(at);
    let end = if content.ends_with("\r\n") { 2 } else { usize::from(content.ends_with('\n')) };
    let (content, end) = content.split_at(content.len() - end);
    (head, content, end)
}

/// Whether what a part holds is written in a way that is not looked into.
fn is_coded(head: &str) -> bool {
    head.lines().filter_map(|line| line.split_once(':')).any(|(name, value)| {
        let value = value.trim();
        let is = |plain: &[&str]| plain.iter().any(|plain| value.eq_ignore_ascii_case(plain));
        match name.trim().to_ascii_lowercase().as_str() {
            "content-transfer-encoding" => !is(&["7bit", "8bit", "binary"]),
            "content-encoding" => !is(&["identity"]),
            // Parts of a part.
            "content-type" => value.get(..10).is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/")),
            _ => false,
        }
    })
}

fn has_secret_name(head: &str) -> bool {
    head.split([';', '\n']).any(|piece| {
        // One that is no ASCII has an asterisk behind it.
        let is_name =
            |what: &str| what.trim().split('*').next().is_some_and(|what| what.eq_ignore_ascii_case("name"));
        let named = piece.trim().split_once('=').filter(|(what, _)| is_name(what));
        named.is_some_and(|(_, name)| is_secret_name(name.trim().trim_matches('"')))
    })
}
