use super::{Sending, quote};
use crate::{headers, text};

/// A command of a POSIX shell, for `HTTPie` 3.
pub(super) fn write(sending: &Sending<'_>) -> String {
    let text = sending.text().filter(|text| text::is_plain(text) && text.len() <= quote::LONGEST_WORD);
    let has_body = !sending.body.is_empty();
    let mut words = vec!["http --path-as-is".to_owned()];
    match text {
        Some(text) if has_body => words.push(format!("--ignore-stdin --raw {}", quote::shell(text))),
        Some(_) => words.push("--ignore-stdin".to_owned()),
        None => {}
    }
    // What begins so would be an option of its own.
    if sending.method.starts_with('-') || sending.headers.iter().any(|(name, _)| name.starts_with('-')) {
        words.push("--".to_owned());
    }
    words.push(format!("{} {}", quote::shell(sending.method), quote::shell(&sending.url())));
    let mut seen = Vec::new();
    for (name, value) in &sending.headers {
        let lower = name.to_ascii_lowercase();
        // Of those that HTTPie sends itself a second one would stand beside its own.
        seen.push(lower);
        let text = value.as_str().map_or_else(|| headers::latin1(value.as_bytes()), ToOwned::to_owned);
        let item = match text.chars().next() {
            None => format!("{name};"),
            // What these begin means something else to it: JSON, or a file to read.
            Some('=' | '@') => format!("{name}:\\{text}"),
            Some(_) => format!("{name}:{text}"),
        };
        words.push(quote::shell(&item));
    }
    for name in ["User-Agent", "Accept", "Accept-Encoding", "Content-Type"] {
        if !sending.has(name) && (has_body || name != "Content-Type") {
            words.push(format!("{name}:"));
        }
    }
    let is_beyond_text = sending.headers.iter().any(|(_, value)| value.as_str().is_none());
    let told = if is_beyond_text {
        "# HTTPie writes headers as UTF-8: the bytes that were none go out as the characters of Latin-1, in UTF-8.\n"
    } else {
        ""
    };
    let command = words.join(" \\\n  ");
    if text.is_some() {
        return format!("{told}{command}\n");
    }
    let base64 = quote::base64_lines(sending.body).join("\n");
    format!("{told}base64 -d <<'END' | {command}\n{base64}\nEND\n")
}
