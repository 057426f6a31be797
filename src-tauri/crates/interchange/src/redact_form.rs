//! What is taken out of the parts of a multipart body (RFC 7578), with everything around them left as it was written.

use crate::redact::{REDACTED, is_secret_name};

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
    let Some(between) = between.filter(|between| text.contains(between.as_str())) else {
        return Some(REDACTED.to_owned());
    };
    let (mut without, mut changed) = (String::with_capacity(text.len()), false);
    for (number, part) in text.split(between.as_str()).enumerate() {
        if number > 0 {
            without.push_str(&between);
        }
        let Some((head, content, end)) = cut(part) else {
            without.push_str(part);
            continue;
        };
        let goes = secrets && (has_secret_name(head) || is_coded(head));
        let shown = if goes { Some(REDACTED.to_owned()) } else { of_text(content) };
        changed |= shown.is_some();
        without.extend([head, shown.as_deref().unwrap_or(content), end]);
    }
    changed.then_some(without)
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

/// Head with the empty line behind it, content, and the line end that belongs to the boundary.
fn cut(part: &str) -> Option<(&str, &str, &str)> {
    let at = ["\r\n\r\n", "\n\n"].iter().filter_map(|gap| part.find(gap).map(|at| at + gap.len())).min()?;
    let (head, content) = part.split_at(at);
    let end = if content.ends_with("\r\n") { 2 } else { usize::from(content.ends_with('\n')) };
    let (content, end) = content.split_at(content.len() - end);
    Some((head, content, end))
}

/// Whether what a part holds is written in a way that is not looked into.
fn is_coded(head: &str) -> bool {
    head.lines().filter_map(|line| line.split_once(':')).any(|(name, value)| {
        let value = value.trim();
        let is = |plain: &[&str]| plain.iter().any(|plain| value.eq_ignore_ascii_case(plain));
        match name.trim().to_ascii_lowercase().as_str() {
            "content-transfer-encoding" => !is(&["7bit", "8bit", "binary"]),
            "content-encoding" => !is(&["identity"]),
            _ => false,
        }
    })
}

fn has_secret_name(head: &str) -> bool {
    head.split([';', '\n']).any(|piece| {
        let named = piece.trim().split_once('=').filter(|(what, _)| what.trim().eq_ignore_ascii_case("name"));
        named.is_some_and(|(_, name)| is_secret_name(name.trim().trim_matches('"')))
    })
}
